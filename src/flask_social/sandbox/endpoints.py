"""What answers at each endpoint of a provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from . import api, authorize, oauth1, oidc, openid2, tokens
from .provider import Provider
from .scripts import ProviderScript

if TYPE_CHECKING:
    from .app import Sandbox

PATHS = {
    ".well-known/openid-configuration": "discovery",
    ".well-known/oauth-authorization-server": "discovery",
    "par": "par",
    "authorize": "authorize",
    "token": "token",
    "jwks": "jwks",
    "userinfo": "userinfo",
    "revoke": "revoke",
    "request_token": "request_token",
    "access_token": "access_token",
    "refresh": "refresh",
    "exchange": "exchange",
}
BELOW = {"api": "api", "at": "api", "revoke": "revoke"}
"""Endpoints with paths below them."""
OIDC_ONLY = ("discovery", "jwks", "userinfo")
Handler = Callable[["Sandbox", Provider, Request], Response]
HANDLERS: dict[str, Handler] = {
    "discovery": oidc.discovery,
    "authorize": authorize.answer,
    "token": tokens.answer,
    "jwks": oidc.jwks,
    "userinfo": oidc.userinfo,
    "revoke": tokens.revoke,
    "refresh": tokens.refresh_elsewhere,
    "exchange": tokens.refresh_elsewhere,
}
OAUTH1_HANDLERS: dict[str, Handler] = {
    "request_token": oauth1.request_token,
    "authorize": oauth1.authorize,
    "access_token": oauth1.access_token,
}
OPENID2_HANDLERS: dict[str, Handler] = {
    "authorize": openid2.answer,
    "token": openid2.verify,
}


def named(script: ProviderScript, request: Request, rest: str) -> str | None:
    """The endpoint that is at *rest* of the provider's address, if one is there.

    OpenID 2.0 has one address for people and for applications. What applications ask there is to
    them what is asked of a token endpoint elsewhere.
    """
    if script.kind == "openid2" and rest in PATHS:
        if rest != "authorize":
            return None
        return "token" if openid2.is_question(request) else rest
    return PATHS.get(rest) or (BELOW.get(rest.partition("/")[0]) if "/" in rest else None)


def answer(
    sandbox: Sandbox, provider: Provider, endpoint: str, request: Request, place: tuple[str, str]
) -> Response:
    """The answer of *endpoint*; *place* is the head of a path and the rest, where it has one."""
    if endpoint == "api":
        return api.answer(sandbox, provider, request, place)
    if handler := handler_of(provider.script, endpoint):
        return handler(sandbox, provider, request)
    return Response("not found", 404)


def handler_of(script: ProviderScript, endpoint: str) -> Handler | None:
    """What answers at an endpoint; ``None`` where a provider of this kind has none."""
    if endpoint == "revoke" and script.kind == "oauth1":
        return tokens.revoke if script.play else None
    if script.kind == "openid2":
        return OPENID2_HANDLERS.get(endpoint)
    if script.kind == "oauth1":
        return OAUTH1_HANDLERS.get(endpoint)
    if endpoint == "jwks" and script.play:
        return oidc.jwks
    if endpoint in OIDC_ONLY and script.kind != "oidc":
        return None
    return HANDLERS.get(endpoint)
