"""OpenID Connect: discovery, keys, ID tokens, UserInfo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from . import claims, quirks, shapes
from .answers import OAuthError, bearer, json_answer
from .keys import at_hash, kid_of, sign
from .provider import Client, Grant, Provider

if TYPE_CHECKING:
    from .app import Sandbox

ID_TOKEN_LIFETIME = 3600


def discovery(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """The provider's metadata (OpenID Connect Discovery 3)."""
    home = f"{sandbox.url}{provider.id}"
    document: dict[str, Any] = {
        "issuer": home,
        "authorization_endpoint": f"{home}/authorize",
        "token_endpoint": f"{home}/token",
        "userinfo_endpoint": f"{home}/userinfo",
        "jwks_uri": f"{home}/jwks",
        "revocation_endpoint": f"{home}/revoke",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "offline_access"],
        "token_endpoint_auth_methods_supported": list(provider.script.auth_methods),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": provider.script.sends_iss,
    }
    if provider.script.play:
        document = claims.metadata(provider, document)
    response = json_answer(provider.say("discovery", document))
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def jwks(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """The public keys."""
    response = json_answer(provider.say("jwks", provider.keys.jwks()))
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def id_token(
    sandbox: Sandbox,
    provider: Provider,
    client: Client,
    grant: Grant,
    bound_to: tuple[str, str | None],
) -> str:
    """A signed ID token (OpenID Connect Core 2), *bound_to* an access token and a nonce."""
    access_token, nonce = bound_to
    script, now = provider.script, sandbox.now()
    said: dict[str, Any] = {
        "iss": f"{sandbox.url}{provider.id}",
        "aud": client.id,
        "azp": client.id,
        "iat": now,
        "exp": now + ID_TOKEN_LIFETIME,
        "auth_time": grant.auth_time,
        "at_hash": at_hash(access_token, provider.signing.alg),
    }
    if nonce is not None and script.echoes_nonce:
        said["nonce"] = nonce
    if script.play:
        said |= claims.in_id_token(sandbox, provider, grant)
        token = signed(provider, client, provider.say("claims", said))
        return quirks.of(provider).sealed(provider, client, token)
    said["sub"] = str(shapes.subject_of(script, grant.person))
    if script.claims_in_id_token:
        said |= shapes.claims(script, grant.person, grant.scopes)
    return signed(provider, client, provider.say("claims", said))


def signed(provider: Provider, client: Client, said: Any) -> str:
    """Claims as a JWS; a text or bytes are the payload as they are."""
    how, kid = provider.signing, provider.keys.current
    header = {"alg": how.alg, "kid": kid_of(kid, how.alg) if how.key == "current" else kid}
    header["typ"] = "JWT"
    if isinstance(said, str):
        said = said.encode()
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    header = provider.say("header", header)
    return sign(header, payload, how, provider.keys, client.secret or "")


def userinfo(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """Claims about the person whose token it is (OpenID Connect Core 5.3), as JSON or signed."""
    if provider.script.play:
        return claims.userinfo(sandbox, provider, request)
    try:
        token = bearer(sandbox, provider, request)
        if "openid" not in token.grant.scopes:
            raise OAuthError("insufficient_scope", "the token is not for openid", 403)
    except OAuthError as error:
        return unauthorised(error)
    script, grant = provider.script, token.grant
    said = {"sub": str(shapes.subject_of(script, grant.person))}
    said |= shapes.claims(script, grant.person, grant.scopes)
    return tell(sandbox, provider, grant, said)


def tell(sandbox: Sandbox, provider: Provider, grant: Grant, said: dict[str, Any]) -> Response:
    """The answer of UserInfo, as JSON or signed."""
    if not provider.signed_userinfo:
        return json_answer(provider.say("userinfo", said))
    said |= {"iss": f"{sandbox.url}{provider.id}", "aud": grant.client_id}
    client = provider.clients[grant.client_id]
    text = signed(provider, client, provider.say("userinfo", said))
    if provider.script.play:
        text = quirks.of(provider).sealed(provider, client, text)
    return Response(text, content_type="application/jwt")


def unauthorised(error: OAuthError) -> Response:
    """The refusal of a protected resource (RFC 6750 section 3)."""
    said = {"error": error.code, "error_description": error.description}
    response = json_answer(said, error.status)
    response.headers["WWW-Authenticate"] = f'Bearer error="{error.code}"'
    return response
