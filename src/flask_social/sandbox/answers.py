"""What the endpoints share: protocol errors, answers, parameters, bearer tokens."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request, Response

from .provider import AccessToken, Provider

if TYPE_CHECKING:
    from .app import Sandbox

FORM = "application/x-www-form-urlencoded"
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
MARK = "sbx_"


class OAuthError(Exception):
    """An error in the standard's words (RFC 6749 sections 4.1.2.1 and 5.2)."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


def json_answer(value: Any, status: int = 200) -> Response:
    """*value* as JSON; a text or bytes as they are."""
    body = value if isinstance(value, str | bytes) else json.dumps(value)
    return Response(body, status, headers=NO_STORE, content_type="application/json")


def form_answer(value: Any, content_type: str = FORM, status: int = 200) -> Response:
    """*value* form-encoded; a text or bytes as they are."""
    body = value if isinstance(value, str | bytes) else urlencode(value)
    return Response(body, status, headers=NO_STORE, content_type=content_type)


def redirect(url: str, said: Any, fragment: str = "") -> Response:
    """A redirect to *url* with the parameters *said*; a text is the whole query."""
    query = said if isinstance(said, str) else urlencode(said, doseq=True)
    joint = "&" if urlsplit(url).query else "?"
    return Response(status=302, headers={**NO_STORE, "Location": f"{url}{joint}{query}{fragment}"})


def single(values: MultiDict[str, str]) -> dict[str, str]:
    """Parameters, none of them twice (RFC 6749 section 3.1); empty ones count as left out."""
    for name, given in values.lists():
        if len(given) > 1:
            raise OAuthError("invalid_request", f"{name} is given more than once")
    return {name: value for name, value in values.items() if value}


def new_token() -> str:
    """An unguessable text for a code, token or secret, which a test can tell from any other."""
    return MARK + secrets.token_urlsafe(32)


def bearer(sandbox: Sandbox, provider: Provider, request: Request) -> AccessToken:
    """The live token that authorises *request* (RFC 6750).

    :raises OAuthError: without one, with two, or by a way this provider does not take.
    """
    found = []
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "token", "oauth"):
        found.append(text.strip())
    query = provider.script.token_in_query
    if query and query in request.args:
        found.append(request.args[query])
    if len(found) != 1:
        raise OAuthError("invalid_request", "give one access token, in the header", 401)
    return live(sandbox, provider, found[0])


def live(sandbox: Sandbox, provider: Provider, text: str) -> AccessToken:
    """The access token that *text* is. :raises OAuthError: where it is none, or no longer."""
    token = provider.access_tokens.get(text)
    expired = token is not None and token.expires_at is not None
    if token is None or token.grant.revoked:
        raise OAuthError("invalid_token", "the access token is unknown or revoked", 401)
    if expired and token.expires_at is not None and token.expires_at <= sandbox.now():
        raise OAuthError("invalid_token", "the access token has expired", 401)
    return token
