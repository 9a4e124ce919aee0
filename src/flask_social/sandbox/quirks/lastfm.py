"""Last.fm: a token for a session, and calls that the application's secret signs."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from .. import dialect, samples
from ..answers import OAuthError, json_answer, live, new_token
from ..clients import known
from ..people import SAMPLE, Person
from ..provider import AccessToken, Client, Provider
from .base import Form, Quirk
from .signing import md5

if TYPE_CHECKING:
    from ..app import Sandbox

UNSIGNED = ("format", "callback", "api_sig")


class LastFm(Quirk):
    """``auth.getSession`` and ``user.getInfo``, and any other call echoed, in JSON alone.

    The secret is never sent, so that it has to be known here: register the client, or call it so
    that :func:`.signatures.self_made` knows.
    """

    def asked(self, provider: Provider, params: Form) -> Form:
        return {**params, "response_type": "code"}

    def serve(self, sandbox: Sandbox, provider: Provider, request: Request, form: Form) -> Any:
        given = request.values.to_dict()
        check_format(given)
        if given.get("method") != "auth.getSession":
            raise OAuthError("invalid_method", "no method of that name is here")
        client = check_signature(sandbox, provider, given)
        grant = provider.codes.get(given.get("token", ""))
        if grant is None or grant.spent or grant.client_id != client.id:
            raise OAuthError("invalid_grant", "Unauthorized Token - it is none, or was used before")
        if sandbox.now() >= grant.code_expires_at:
            raise OAuthError("expired_grant", "Unauthorized Token - This token has expired")
        grant.spent = True
        key = new_token()
        provider.access_tokens[key] = AccessToken(grant, None)
        said: dict[str, Any] = samples.document(dialect.play_of(provider), "token", grant.person)
        said["session"]["key"] = key
        grant.told = said
        return said

    def open(
        self, sandbox: Sandbox, provider: Provider, request: Request, path: str
    ) -> Response | None:
        given = request.values.to_dict()
        check_format(given)
        known(sandbox, provider, given.get("api_key", ""))
        somebody = whose(sandbox, provider, given) if "sk" in given else None
        if given.get("method") != "user.getInfo":
            return None
        if "user" in given:
            somebody = named(sandbox, provider, given["user"])
        if somebody is None:
            raise OAuthError("invalid_request", "User not found")
        found = samples.document(dialect.play_of(provider), "profile", somebody)
        return json_answer(provider.say("api", found))


def check_signature(sandbox: Sandbox, provider: Provider, given: Form) -> Client:
    """The client, whose secret signed the parameters *given*. :raises OAuthError: it did not."""
    from ..signatures import self_made  # oauthlib is slow to import

    client = known(sandbox, provider, given.get("api_key", ""))
    if client.secret is None and (made := self_made(client.id)) and not sandbox.strict:
        client.secret = made.secret
    signed = "".join(f"{name}{given[name]}" for name in sorted(given) if name not in UNSIGNED)
    expected = md5(f"{signed}{client.secret}").encode()
    if client.secret is None or not hmac.compare_digest(
        expected, given.get("api_sig", "").encode()
    ):
        raise OAuthError("bad_signature", "Invalid method signature supplied")
    return client


def whose(sandbox: Sandbox, provider: Provider, given: Form) -> Person:
    """Whose session a signed call is made in."""
    client = check_signature(sandbox, provider, given)
    held = live(sandbox, provider, given["sk"])
    if held.grant.client_id != client.id:
        raise OAuthError("invalid_token", "Invalid session key - Please re-authenticate", 401)
    return held.grant.person


def named(sandbox: Sandbox, provider: Provider, name: str) -> Person | None:
    """Who is called *name* there."""
    play = dialect.play_of(provider)
    for person in (SAMPLE, *sandbox.people.values()):
        if samples.document(play, "profile", person)["user"]["name"] == name:
            return person
    return None


def check_format(given: Form) -> None:
    """:raises OAuthError: for what would be answered in XML, which is not played."""
    if given.get("format") != "json":
        raise OAuthError("invalid_format", "only format=json is played here")
