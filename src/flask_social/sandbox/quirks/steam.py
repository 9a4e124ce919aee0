"""Steam's Web API, which knows applications by a key and tells of whoever is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from .. import dialect, samples
from ..answers import OAuthError, json_answer
from ..people import SAMPLE
from ..provider import Provider
from .base import Quirk

if TYPE_CHECKING:
    from ..app import Sandbox

PATHS = ("ISteamUser/GetPlayerSummaries/v0002/", "ISteamUser/GetPlayerSummaries/v2/")
MOST = 100


class Steam(Quirk):
    """``GetPlayerSummaries`` with a key, of up to a hundred people; nothing else is there."""

    def open(
        self, sandbox: Sandbox, provider: Provider, request: Request, path: str
    ) -> Response | None:
        if path not in PATHS:
            raise OAuthError("not_found", "there is nothing here", 404)
        if request.method != "GET":
            raise OAuthError("invalid_request", "GET is wanted here", 405)
        check_key(sandbox, provider, request.args.get("key", ""))
        named = request.args.get("steamids", "").split(",")
        if not any(named) or len(named) > MOST:
            raise OAuthError("invalid_request", "steamids is missing, or names too many")
        everybody = (SAMPLE, *sandbox.people.values())
        play = dialect.play_of(provider)
        found = [samples.document(play, "profile", person) for person in everybody]
        players = [each for said in found for each in said["response"]["players"]]
        players = [each for each in players if each["steamid"] in named]
        return json_answer(provider.say("api", {"response": {"players": players}}))


def check_key(sandbox: Sandbox, provider: Provider, key: str) -> None:
    """:raises OAuthError: when *key* is nobody's; with no client registered, any is somebody's."""
    known = [client.secret for client in provider.clients.values() if client.secret]
    if not key or (key not in known and (known or sandbox.strict)):
        raise OAuthError("forbidden", "the parameter key is no key of an application", 403)
