"""Names that applications written for 1.6 import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask import Flask, abort, current_app, g, request

from . import clock
from .config import PREFIX, Settings
from .errors import NotHere
from .flows import accounts
from .origins import external_url, own_address
from .own_views import OAuthRemoteApp
from .remote import RemoteApp
from .state import SETTINGS, state
from .values import Grant, Secret

DOCUMENTED = (
    "provider_id",
    "provider_user_id",
    "access_token",
    "secret",
    "display_name",
    "full_name",
    "email",
    "profile_url",
    "image_url",
)
"""Connection values that are always there, if only as ``None``."""

LATER = ("refresh_token", "token_type", "expires_at", "scopes", "issuer", "email_verified")
"""Those that are there when the provider told them."""


def get_provider_or_404(provider_id: str) -> OAuthRemoteApp:
    """The provider called *provider_id*; for one that is not configured, the answer is 404."""
    try:
        return cast(OAuthRemoteApp, state().remote(provider_id))
    except NotHere:
        abort(404)


def config_value(key: str, app: Flask | None = None, default: Any = None) -> Any:
    """The value of ``SOCIAL_<KEY>``.

    :param app: whose; without it, the current application's.
    :param default: what counts where the key is not set, in place of this library's default.
    """
    value = (app or current_app).config.get(PREFIX + key.upper())
    if value is not None or default is not None:
        return default if value is None else value
    return getattr(Settings(), key.lower()) if key.lower() in SETTINGS else None


def get_authorize_callback(endpoint: str, provider_id: str | None = None) -> str:
    """The address that a provider answers to, as it must be registered there.

    :param endpoint: ``login_callback`` or ``connect_callback`` with a *provider_id*, or a path.
    :raises ValueError: for an endpoint without a provider, and a path that is none.
    """
    settings = state().settings
    if endpoint.startswith("/"):
        return own_address(endpoint, settings.app_url, request)
    if provider_id is None:
        raise ValueError(f"{endpoint!r} is an endpoint, which needs a provider_id.")
    view = f"{settings.blueprint_name}.{endpoint}"
    return external_url(view, settings.app_url, request, provider_id=provider_id)


def get_connection_values_from_oauth_response(
    provider: RemoteApp, oauth_response: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """What a connection to the account that has just come back would hold, by its columns.

    An answer with a token does not tell whose it is, so this is what the trip learned that ends
    with this request: call it in a receiver of a signal, or in a view that
    :meth:`~flask_social.own_views.OAuthRemoteApp.authorized_handler` decorates. The values may
    be kept in Flask's session, where tokens are sealed, for half an hour: ``granted_at`` says
    since when.

    :returns: the values, or ``None`` without an answer.
    :raises RuntimeError: when *oauth_response* is not what this request brought home.
    """
    if oauth_response is None:
        return None
    grant = _grant_of(oauth_response)
    if grant is None or grant.provider_id != provider.id:
        raise RuntimeError(
            "This is no answer that the present request brought home from the provider. Ask in a "
            "receiver of login_failed, or in a view that authorized_handler() decorates."
        )
    columns = accounts.columns(grant)
    names = [*DOCUMENTED, *(name for name in LATER if columns[name])]
    return {name: _kept(name, columns[name]) for name in names} | {"granted_at": clock.now()}


def get_token_pair_from_oauth_response(
    provider: RemoteApp, oauth_response: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """The token in an answer of OAuth 1.0a or 2.0: ``access_token`` and ``secret``.

    :returns: the two, ``secret`` being ``None`` in OAuth 2.0; ``None`` without an answer.
    """
    if oauth_response is None:
        return None
    if (grant := _grant_of(oauth_response)) is not None:
        pair = {"access_token": grant.token.access_token, "secret": grant.token.secret}
    else:
        token = oauth_response.get("access_token") or oauth_response.get("oauth_token")
        pair = {"access_token": token, "secret": oauth_response.get("oauth_token_secret")}
    return {name: _secret(value) for name, value in pair.items()}


def _grant_of(oauth_response: Mapping[str, Any]) -> Grant | None:
    """What this request brought home, if it is *oauth_response*."""
    grant: Grant | None = g.get("social_grant")
    return grant if grant is not None and grant.token.raw == oauth_response else None


def _kept(name: str, value: Any) -> Any:
    return _secret(value) if name in ("access_token", "secret", "refresh_token") else value


def _secret(value: str | None) -> Secret | None:
    return None if value is None else Secret(value)
