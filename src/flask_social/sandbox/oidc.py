"""OpenID Connect: discovery, keys, ID tokens, UserInfo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from . import shapes
from .answers import OAuthError, bearer, json_answer
from .keys import at_hash, sign
from .provider import Client, Grant, Provider

if TYPE_CHECKING:
    from .app import Sandbox

ID_TOKEN_LIFETIME = 3600


def discovery(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """The provider's metadata (OpenID Connect Discovery 3)."""
    home = f"{sandbox.url}{provider.id}"
    document = {
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
    claims: dict[str, Any] = {
        "iss": f"{sandbox.url}{provider.id}",
        "sub": str(shapes.subject_of(script, grant.person)),
        "aud": client.id,
        "azp": client.id,
        "iat": now,
        "exp": now + ID_TOKEN_LIFETIME,
        "auth_time": grant.auth_time,
        "at_hash": at_hash(access_token),
    }
    if nonce is not None and script.echoes_nonce:
        claims["nonce"] = nonce
    if script.claims_in_id_token:
        claims |= shapes.claims(script, grant.person, grant.scopes)
    return signed(provider, client, provider.say("claims", claims))


def signed(provider: Provider, client: Client, claims: Any) -> str:
    """*claims* as a JWS; a text or bytes are the payload as they are."""
    how = provider.signing
    ec = how.alg.startswith("ES")
    kid = f"{provider.keys.current}-ec" if ec and how.key == "current" else provider.keys.current
    header = {"alg": how.alg, "kid": kid, "typ": "JWT"}
    if isinstance(claims, str):
        claims = claims.encode()
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    header = provider.say("header", header)
    return sign(header, payload, how, provider.keys, client.secret or "")


def userinfo(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """Claims about the person whose token it is (OpenID Connect Core 5.3), as JSON or signed."""
    try:
        token = bearer(sandbox, provider, request)
        if "openid" not in token.grant.scopes:
            raise OAuthError("insufficient_scope", "the token is not for openid", 403)
    except OAuthError as error:
        return unauthorised(error)
    script, grant = provider.script, token.grant
    claims = {"sub": str(shapes.subject_of(script, grant.person))}
    claims |= shapes.claims(script, grant.person, grant.scopes)
    if provider.signed_userinfo:
        claims |= {"iss": f"{sandbox.url}{provider.id}", "aud": grant.client_id}
        client = provider.clients[grant.client_id]
        text = signed(provider, client, provider.say("userinfo", claims))
        return Response(text, content_type="application/jwt")
    return json_answer(provider.say("userinfo", claims))


def unauthorised(error: OAuthError) -> Response:
    """The refusal of a protected resource (RFC 6750 section 3)."""
    said = {"error": error.code, "error_description": error.description}
    response = json_answer(said, error.status)
    response.headers["WWW-Authenticate"] = f'Bearer error="{error.code}"'
    return response
