"""APIs that want every call signed, or sign what they answer, by the application's secret."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from ..answers import NO_STORE, OAuthError
from ..keys import Signing, sign
from ..provider import Grant, Provider
from .base import Quirk

if TYPE_CHECKING:
    from ..app import Sandbox


class Odnoklassniki(Quirk):
    """``sig``: an MD5 over the parameters and over token and secret together."""

    def check_call(
        self, sandbox: Sandbox, provider: Provider, request: Request, grant: Grant
    ) -> None:
        token = request.args.get("access_token", "")
        secret = provider.clients[grant.client_id].secret or ""
        signed = {
            name: value
            for name, value in request.args.items()
            if name not in ("access_token", "session_key", "sig")
        }
        text = "".join(f"{name}={signed[name]}" for name in sorted(signed))
        expected = md5(text + md5(token + secret))
        if not hmac.compare_digest(expected, request.args.get("sig", "").lower()):
            raise OAuthError("signature", "PARAM_SIGNATURE : Invalid signature")


def md5(text: str) -> str:
    """The MD5 hash in hexadecimal digits, as that API was made with it."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class Mediawiki(Quirk):
    """``Special:OAuth/identify`` answers a JWT by the consumer's secret, for this request alone."""

    def written(
        self, sandbox: Sandbox, provider: Provider, request: Request, grant: Grant, found: Any
    ) -> Response:
        client = provider.clients[grant.client_id]
        if isinstance(found, dict):
            now = sandbox.now()
            bound = {"aud": client.id, "exp": now + 100, "iat": now, "nonce": nonce_of(request)}
            found = {**found, **bound} | provider.edits["api"].members
        payload = found if isinstance(found, str) else json.dumps(found)
        how = provider.signing if provider.signing.alg != "RS256" else Signing(alg="HS256")
        header = {"typ": "JWT", "alg": how.alg}
        text = sign(header, payload.encode(), how, provider.keys, client.secret or "")
        return Response(text, headers=NO_STORE, content_type="application/jwt")


def nonce_of(request: Request) -> str:
    """The nonce that *request* is signed with."""
    authorization = request.authorization
    if authorization is not None and authorization.parameters:
        return authorization.parameters.get("oauth_nonce") or ""
    return str(request.values.get("oauth_nonce", ""))
