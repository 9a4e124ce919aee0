"""Small quirks: an answer in a function's call, a header, a token that tells whose it is."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from .. import calls, dialect, samples, tokens
from ..answers import NO_STORE, OAuthError, json_answer, new_token
from ..provider import AccessToken, Grant, Provider
from .base import Form, Quirk

if TYPE_CHECKING:
    from ..app import Sandbox

YEAR = 365 * 86400


class Jsonp(Quirk):
    """Flickr: ``jsonFlickrApi({...})`` unless ``nojsoncallback=1``."""

    def written(
        self, sandbox: Sandbox, provider: Provider, request: Request, grant: Grant, found: Any
    ) -> Response | None:
        if request.args.get("nojsoncallback") == "1":
            return None
        text = f"jsonFlickrApi({json.dumps(found)})"
        return Response(text, headers=NO_STORE, content_type="text/javascript")


class Gzipped(Quirk):
    """Stack Exchange: compressed, whoever asks."""

    def written(
        self, sandbox: Sandbox, provider: Provider, request: Request, grant: Grant, found: Any
    ) -> Response:
        response = json_answer(found)
        response.set_data(gzip.compress(response.get_data(), mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        return response


class EmptySecret(Quirk):
    """Evernote: token credentials have no secret, and end after a year."""

    def told(self, provider: Provider, grant: Grant, form: Form, answer: Any) -> Any:
        provider.access_tokens[answer["oauth_token"]].secret = ""
        expires = str((grant.auth_time + YEAR) * 1000)
        return answer | {"oauth_token_secret": "", "edam_expires": expires}


class TokenPrefix(Quirk):
    """Etsy: an access token begins with the user's id and a dot, and calls carry id and secret."""

    def check_call(
        self, sandbox: Sandbox, provider: Provider, request: Request, grant: Grant
    ) -> None:
        client_id, _, secret = request.headers["x-api-key"].partition(":")
        known = provider.clients[grant.client_id].secret or secret
        if client_id != grant.client_id or not secret or secret != known:
            raise OAuthError("invalid_client", "x-api-key is not id and secret of the client", 403)

    def mint(self, sandbox: Sandbox, provider: Provider, grant: Grant) -> str:
        play = dialect.play_of(provider)
        profile = samples.document(play, "profile", grant.person)
        return f"{samples.roles_in(play, 'profile', profile)['id']}.{new_token()}"


class UsernameHeader(Quirk):
    """Bitbucket Data Center: a header of any answer says who is asking."""

    def written(
        self, sandbox: Sandbox, provider: Provider, request: Request, grant: Grant, found: Any
    ) -> Response:
        profile = samples.document(dialect.play_of(provider), "profile", grant.person)
        response = json_answer(found)
        response.headers["X-AUSERNAME"] = profile["slug"]
        return response


class LongLived(Quirk):
    """Instagram and Threads: a token for sixty days in place of one for an hour, and anew."""

    def open(
        self, sandbox: Sandbox, provider: Provider, request: Request, path: str
    ) -> Response | None:
        kind = request.args.get("grant_type", "")
        if request.method == "GET" and kind.endswith(("_exchange_token", "_refresh_token")):
            renewed = self.renewed(sandbox, provider, request, kind)
            return json_answer(provider.say("token", renewed))
        return None

    def renewed(
        self, sandbox: Sandbox, provider: Provider, request: Request, kind: str
    ) -> dict[str, Any]:
        """A token for sixty days; the one that is given for it stays good meanwhile."""
        held = calls.carried(sandbox, provider, request)
        client = provider.clients[held.grant.client_id]
        if kind.endswith("_exchange_token") and request.args.get("client_secret") != client.secret:
            raise OAuthError("invalid_client", "client_secret is wrong")
        text = new_token()
        expires_at = sandbox.now() + tokens.LONG_LIVED
        provider.access_tokens[text] = AccessToken(held.grant, expires_at)
        return {"access_token": text, "token_type": "bearer", "expires_in": tokens.LONG_LIVED}
