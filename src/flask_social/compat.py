"""A provider module written for Flask-Social 1.6, seen as a :class:`Provider`.

Such a module is a ``config`` mapping and functions: ``get_connection_values`` and
``get_provider_user_id`` say who granted a token, ``get_api`` makes a client of the provider's API,
and ``get_token_pair_from_response``, which not all have, says what to keep of the answer. The
trip itself is that of our protocols.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from .errors import ConfigurationError, ProviderError, SocialError
from .http import Params, Send
from .protocols.base import read_by_hook
from .protocols.identity import CLEANERS, STEP, read_subject
from .protocols.oauth2 import OAuth2
from .protocols.profile import ApiProvider
from .protocols.refreshing import Known
from .protocols.token_answer import FORM, masked, read_secret
from .values import Client, Flow, Grant, Identity, Token

HOOKS = ("get_connection_values", "get_provider_user_id")
ADDRESSES = ("api_url", "authorize_url", "token_url")
COLUMNS = {
    "username": "display_name",
    "name": "full_name",
    "email": "email",
    "profile_url": "profile_url",
    "image_url": "image_url",
}
"""What of an identity stands where in the values that a module returns."""


def is_old(module: Any) -> bool:
    """Whether *module* is one of 1.6, as far as its ``config`` shows."""
    return isinstance(getattr(module, "config", None), Mapping)


def as_provider(module: Any, provider_id: str, given: Collection[str]) -> ApiProvider:
    """*module* as a provider, which its ``config`` is yet to be put into.

    :param given: the keys that its ``config`` and the application's give, by their new names.
    :raises ConfigurationError: when functions or addresses are missing.
    """
    if missing := [each for each in HOOKS if not callable(getattr(module, each, None))]:
        raise ConfigurationError(
            f"{name_of(module)} has a config and no {' and no '.join(missing)}: both functions "
            f"are needed to know who signs in."
        )
    if missing := [each for each in ADDRESSES if each not in given]:
        raise ConfigurationError(
            f"{name_of(module)} has no {' and no '.join(missing)} in its config: put what is "
            f"missing there, or into the application's mapping."
        )
    kind = _oauth1() if "request_token_url" in given else OldOAuth2
    title = provider_id.replace("_", " ").title()
    return kind(id=provider_id, name=title, module=module, api=_api_of(module))


def name_of(module: Any) -> str:
    """The dotted name of *module*."""
    return getattr(module, "__name__", None) or type(module).__name__


@dataclass(frozen=True, kw_only=True)
class OldOAuth2(OAuth2):
    """A module of 1.6 for a provider of OAuth 2.0, which answers as they did in its days."""

    module: Any = field(repr=False)
    token_media: str = FORM
    assume_bearer: bool = True

    def complete(self, client: Client, flow: Flow, params: Params, send: Send) -> Grant:
        """As inherited, with the token pair that the module makes of the answer."""
        grant = super().complete(client, flow, params, send)
        return grant if self.identity else _with_pair(self.module, grant)

    def refresh(self, client: Client, token: Token, known: Known, send: Send) -> Token:
        """As inherited, with the token pair that the module makes of the answer."""
        renewed = super().refresh(client, token, known, send)
        hook = "get_token_pair_from_response"
        if self.identity or not hasattr(self.module, hook):
            return renewed
        return _paired(renewed, _asked(self.module, hook, renewed.raw) or {})

    def read_identity(self, client: Client, token: Token, send: Send) -> Identity:
        """Who granted *token*, by the module, unless the configuration has an ``identity``."""
        if self.identity:
            return super().read_identity(client, token, send)
        return _identity(self.module, client, token)


@cache
def _oauth1() -> Callable[..., ApiProvider]:
    """The same for OAuth 1.0a, whose library is imported by whoever needs it."""
    from .protocols.oauth1 import OAuth1

    @dataclass(frozen=True, kw_only=True)
    class OldOAuth1(OAuth1):
        """A module of 1.6 for a provider of OAuth 1.0a."""

        module: Any = field(repr=False)

        def complete(self, client: Client, flow: Flow, params: Params, send: Send) -> Grant:
            grant = super().complete(client, flow, params, send)
            return grant if self.identity else _with_pair(self.module, grant)

        def read_identity(self, client: Client, token: Token, send: Send) -> Identity:
            if self.identity:
                return super().read_identity(client, token, send)
            return _identity(self.module, client, token)

    return OldOAuth1


def _identity(module: Any, client: Client, token: Token) -> Identity:
    """Who granted *token*, by the module's functions; no address of it counts as verified.

    :raises ProviderError: ``no_subject`` when they name no account.
    """
    keys = {"consumer_key": client.id, "consumer_secret": client.secret}
    values = _asked(module, "get_connection_values", token.raw, **keys) or {}
    if not isinstance(values, Mapping):
        raise ProviderError(STEP, "bad_answer", "get_connection_values returned no mapping")
    subject = values.get("provider_user_id")
    if subject in (None, ""):
        subject = _asked(module, "get_provider_user_id", token.raw, **keys)
    found: dict[str, Any] = {
        name: CLEANERS[name](values.get(column)) for name, column in COLUMNS.items()
    }
    raw = read_by_hook(lambda: masked(values), STEP)
    return Identity(subject=read_subject(subject), raw=raw, **found)


def _with_pair(module: Any, grant: Grant) -> Grant:
    """*grant* with the token and the secret that the module wants kept.

    :raises ProviderError: when they are none.
    """
    pair = grant.identity.raw
    if not pair.get("access_token") and hasattr(module, "get_token_pair_from_response"):
        pair = _asked(module, "get_token_pair_from_response", grant.token.raw) or {}
    return replace(grant, token=_paired(grant.token, pair))


def _paired(token: Token, pair: Any) -> Token:
    if not isinstance(pair, Mapping):
        raise ProviderError(STEP, "bad_answer", "get_token_pair_from_response returned no mapping")
    if pair.get("secret"):
        token = replace(token, secret=read_secret(pair, "secret", STEP))
    if pair.get("access_token") and pair["access_token"] != token.access_token:
        # Another token than the answer's: when that one expires says nothing of it.
        own = read_secret(pair, "access_token", STEP) or token.access_token
        token = replace(token, access_token=own, expires_at=None)
    return token


def _asked(module: Any, hook: str, *args: Any, **kwargs: Any) -> Any:
    """What the function *hook* of *module* returns.

    :raises ProviderError: in place of what it raises, whose text might hold a token.
    """
    try:
        return getattr(module, hook)(*args, **kwargs)
    except SocialError:
        raise
    except Exception as error:  # noqa: BLE001 - its type is told, and where it came from
        inside = error.__traceback__ and error.__traceback__.tb_next
        where = f" (line {inside.tb_lineno})" if inside else ""
        detail = f"{name_of(module)}.{hook}{where} raised {type(error).__name__}"
    # Out here, so that ours does not carry the other about as its context.
    raise ProviderError(STEP, "bad_answer", detail)


def _api_of(module: Any) -> Callable[..., Any] | None:
    """The module's ``get_api`` as a provider's ``api``; ``None`` when it has none."""
    get_api = getattr(module, "get_api", None)
    if get_api is None:
        return None

    def api(session: Any, connection: Any, client: Client) -> Any:
        return get_api(connection=connection, consumer_key=client.id, consumer_secret=client.secret)

    return api
