"""All that people are told of a provider, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import Any
from urllib.parse import urljoin, urlsplit

from .. import places, providers
from ..instances import PerVisitor
from ..remote import RemoteApp
from ..values import PLACE
from . import keys, sources
from .keys import Key
from .scopes import why
from .tokens import Answer, refresh, revocation

PROTOCOLS = {
    "OIDC": "OpenID Connect",
    "OAuth2": "OAuth 2.0",
    "OAuth1": "OAuth 1.0a",
    "OpenID2": "OpenID 2.0",
}
"""By the kind of provider."""

EMAILS = ("flag", "always", "unverified", "none")
EMAIL_WORDS = {
    "flag": "verified where the provider says so",
    "always": "always verified: it tells only addresses that it has checked",
    "unverified": "never verified: nobody need have checked it",
    "none": "none comes back",
}


ANY, LISTED = "any", "listed"
"""Visitors name any instance, where the application registers by itself; or one of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One scope, and the reason that goes on from "asked"."""

    scope: str
    why: str
    when: str
    """``always``, or ``connect``: where a refresh token is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """What people are told of one provider."""

    id: str
    provider: str | None
    """The id of the stock provider that it is, or is made of; ``None`` for one of another's."""
    name: str
    aliases: tuple[str, ...]
    protocol: str
    pkce: bool | None
    """Whether trips carry a challenge; ``None`` where the protocol has none."""
    form_post: bool
    """Whether the answer comes as a form of the provider's own site."""
    color: str | None
    console: str | None
    documentation: str | None
    issuer: str | None
    """What it is called in its ID tokens, where that is known."""
    sends_to: str | None
    """The origin that people are sent to; ``None`` where its metadata say it."""
    visitors: str | None
    """What visitors may do who name an instance: :data:`ANY` or :data:`LISTED`."""
    keys: tuple[Key, ...]
    changeable: tuple[str, ...]
    scopes: tuple[Scope, ...]
    tells: Mapping[str, str] | None
    """Where each part of an identity stands; ``None`` where a function alone knows."""
    email: str
    """One of :data:`EMAILS`."""
    refresh: Answer
    revocation: Answer
    remarks: tuple[str, ...]
    quirks: tuple[str, ...]
    """What is odd about its answers, and taken care of."""

    def as_json(self) -> dict[str, Any]:
        """The same for ``--json``."""
        return asdict(self)


def of_stock(provider_id: str, name: str | None = None) -> Portrait:
    """What is told of the stock provider of that id.

    :param name: the alias by which somebody asks.
    """
    module = import_module(f"{providers.__name__}.{provider_id}")
    provider = providers.find_as(provider_id, name or provider_id)
    return _drawn(provider, provider, module, provider_id)


def of_remote(remote: RemoteApp) -> Portrait:
    """What is told of a provider as an application has it."""
    told = of_configured(remote.provider, remote.module)
    if not isinstance(remote.registration, PerVisitor):
        return replace(told, visitors=None)
    tells = told.tells and {**told.tells, "subject": f"{told.tells['subject']}, `@`, the instance"}
    return replace(told, keys=(), issuer=None, sends_to=None, tells=tells)


def of_configured(provider: Any, module_name: str | None) -> Portrait:
    """What is told of *provider* as a configuration has it.

    :param module_name: of the module that defines it, if one does.
    """
    module = import_module(module_name) if module_name else None
    stock = (module_name or "").removeprefix(f"{providers.__name__}.")
    known_as = stock if providers.resolve(stock) else None
    return _drawn(provider, getattr(module, "provider", provider), module, known_as)


def _drawn(provider: Any, original: Any, module: ModuleType | None, stock: str | None) -> Portrait:
    """The portrait of *provider*.

    :param original: what it was before a configuration filled its places and changed its name.
    :param stock: the id of the stock provider that it is, or is made of.
    """
    tells = sources.of_identity(provider)
    return Portrait(
        id=provider.id,
        provider=stock,
        name=provider.name,
        aliases=aliases(provider.id),
        protocol=protocol(provider),
        pkce=getattr(provider, "pkce", None),
        form_post=getattr(provider, "response_mode", None) == "form_post",
        color=getattr(provider, "color", None),
        console=console(provider),
        documentation=sources.documentation(module),
        issuer=_with_places(provider, getattr(provider, "issuer", None)),
        sends_to=sends_to(provider),
        visitors=visitors(original) if stock else None,
        keys=keys.needed(original),
        changeable=keys.changeable(provider),
        scopes=tuple(scopes(provider, original.id)),
        tells=tells,
        email=email(provider, tells),
        refresh=refresh(provider, has_file=module is not None),
        revocation=revocation(provider),
        remarks=sources.remarks(module),
        quirks=sources.quirks(module, told=(tells or {}).values()),
    )


def console(provider: Any) -> str | None:
    """Where applications are registered, with what is known of its places."""
    return _with_places(provider, getattr(provider, "console", None))


def sends_to(provider: Any) -> str | None:
    """The origin that people are sent to, as far as it is known before the provider is asked.

    It is what ``form-action`` of a Content-Security-Policy has to admit.
    """
    below = getattr(provider, "api_url", None) or ""
    address = urlsplit(urljoin(below, getattr(provider, "authorize_url", None) or ""))
    if not (address.netloc and getattr(provider, "authorize_url", None)):
        return None
    return _with_places(provider, f"{address.scheme}://{address.netloc}")


def visitors(provider: Any) -> str | None:
    """What visitors may do who name the instance of the stock *provider*; ``None``: nothing."""
    hosts = [each for each in places.wanted(provider) if places.is_host(provider, each)]
    if len(hosts) != 1 or not hasattr(provider, "register_url") or hasattr(provider, "jwks_url"):
        return None
    return ANY if provider.register_url else LISTED


def _with_places(provider: Any, address: str | None) -> str | None:
    """*address* with the places filled that have a default."""
    known = getattr(provider, "places", {})
    return address and PLACE.sub(lambda place: known.get(place[1], place[0]), address)


def aliases(provider_id: str) -> tuple[str, ...]:
    """The other names of a stock provider."""
    return tuple(sorted(name for name, it in providers.ALIASES.items() if it == provider_id))


def protocol(provider: Any) -> str:
    """What *provider* speaks, by its name."""
    kinds = (each.__name__ for each in type(provider).__mro__)
    return next((PROTOCOLS[each] for each in kinds if each in PROTOCOLS), "its own")


def scopes(provider: Any, known_as: str) -> list[Scope]:
    """What *provider*, a stock one if it is *known_as* one, is asked for, each with its reason."""
    always = dict.fromkeys(getattr(provider, "scopes", ()), "always")
    offline = getattr(provider, "offline", None)
    further = (
        {}
        if offline is False
        else dict.fromkeys(
            getattr(provider, "offline_scopes", ()), "always" if offline else "connect"
        )
    )
    return [
        Scope(scope=scope, why=why(scope, known_as), when=when)
        for scope, when in {**always, **further, **always}.items()
    ]


def email(provider: Any, tells: Mapping[str, str] | None) -> str:
    """When an address that *provider* tells counts as verified."""
    trust = getattr(provider, "email_trust", None)
    if trust == "none" or (tells is not None and "email" not in tells):
        return "none"
    if trust == "always":
        return "always"
    by_flag = trust != "never" and (tells is None or "email_verified" in tells)
    return "flag" if by_flag else "unverified"
