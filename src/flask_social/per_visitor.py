"""The settings of a provider whose instances visitors name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from . import hosts, limits, naming, places, providers, registration
from .client_keys import CLIENT_KEYS
from .datastore.base import ConnectionDatastore
from .errors import ConfigurationError
from .instances import NOBODY, Instances, PerVisitor, settled
from .kinds import settable
from .once import Once
from .options import without_none
from .registration import Made, Registration

KEYS = frozenset({
    "per_visitor", "hosts", "denied_hosts", "instances", "client_name", "registrations_per_hour",
})  # fmt: skip
NOWHERE = "visitor.invalid"
"""Where the provider is as long as nobody has named an instance: no name can be that one."""
Make = Callable[[str, Mapping[str, Any]], Registration]
UNREGISTERED = {"consumer_key": "-", "consumer_secret": "-"}


def register(
    name: str, options: Mapping[str, Any], *, sandbox_url: str | None, allow_http: bool
) -> Registration:
    """The provider that ``SOCIAL_<NAME>`` configures, see :func:`.registration.register`.

    :raises ConfigurationError: when something is missing, misspelt or insecure.
    """
    key, given = naming.key_of(name), without_none(options)
    stock = naming.stock_of(key, name, options)
    if not _is_for_many(stock, given):
        return registration.register(name, options, sandbox_url=sandbox_url, allow_http=allow_http)
    rest = _of_all(key, given, place := _place(key, stock))

    def make(host: str, of_host: Mapping[str, Any]) -> Registration:
        whole = {**rest, **(of_host or UNREGISTERED), place: host}
        found = registration.register(name, whole, sandbox_url=None, allow_http=allow_http)
        provider: Any = found.provider
        if sandbox_url:
            provider = provider.moved_to(sandbox_url, f"{stock}~{host}")
        made = replace(found.making.get(), provider=settled(provider, host))
        return replace(found, making=_ready(made))

    face = _faceless(make(NOWHERE, {}), rest.get("name") or naming.name_of(name, str(stock)))
    registers = getattr(face.provider, "register_url", None) is not None
    found = _read(key, given, make, registers=registers, is_played=sandbox_url is not None)
    return PerVisitor(face.id, NOBODY, face.making, face.stock, instances=found)


def _of_all(key: str, given: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Those of the settings *given* that change the provider, at every instance."""
    rest = {each: value for each, value in given.items() if each not in KEYS}
    if alone := sorted(rest.keys() & {place, *CLIENT_KEYS}):
        raise ConfigurationError(
            f"{key}: {alone[0]} is of one instance, and with per_visitor there are many. What each "
            f"gave you goes into instances: {{'social.example': {{'consumer_key': ..., ...}}}}."
        )
    return rest


def _read(
    key: str, given: Mapping[str, Any], make: Make, *, registers: bool, is_played: bool
) -> Instances:
    """The instances that the settings *given* admit."""
    found = Instances(
        make=make,
        given=_instances(key, given.get("instances", {})),
        allowed=_patterns(key, "hosts", given.get("hosts")),
        denied=_patterns(key, "denied_hosts", given.get("denied_hosts")) or (),
        registers=registers,
        client_name=_text(key, "client_name", given.get("client_name")),
        per_hour=_count(key, given.get("registrations_per_hour", limits.REGISTRATIONS_PER_HOUR)),
        is_played=is_played,
    )
    _require_some(key, found)
    return found


def _is_for_many(stock: str | None, given: Mapping[str, Any]) -> bool:
    """Whether a visitor says which instance: as is said, or where nothing but that would work."""
    if (asked := given.get("per_visitor")) is not None:
        return bool(asked)
    if stock is None or given.keys() & (CLIENT_KEYS.keys() | set(providers.needs(stock))):
        return False
    return getattr(providers.find(stock), "register_url", None) is not None


def _place(key: str, stock: str | None) -> str:
    """The place in the addresses of *stock* that is the instance's."""
    provider = providers.find(stock) if stock else None
    found = [each for each in places.to_fill(provider) if places.is_host(provider, each)]
    if len(found) != 1 or "register_url" not in settable(provider) or hasattr(provider, "jwks_url"):
        raise ConfigurationError(
            f"{key}: per_visitor is for stock providers of OAuth 2.0 that many run, each at a host "
            f"of their own, such as mastodon or gitea."
        )
    return found[0]


def _faceless(found: Registration, name: str) -> Registration:
    """*found*, which is at no instance: nobody has a client there, or an address to visit."""
    made = found.making.get()
    provider: Any = replace(made.provider, name=name, console=None)  # type: ignore[type-var]
    return replace(found, making=_ready(replace(made, provider=provider, client=NOBODY)))


def _ready(made: Made) -> Once[Made]:
    once = Once(lambda: made)
    once.get()
    return once


def _instances(key: str, given: Any) -> dict[str, Mapping[str, Any]]:
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"{key}: instances must be a mapping, by the host of each.")
    for host, of_host in given.items():
        _require_host(key, "instances", host)
        if not isinstance(of_host, Mapping) or not of_host:
            raise ConfigurationError(
                f"{key}: instances: {host} must be a mapping with its consumer_key and "
                f"consumer_secret."
            )
    return dict(given)


def _patterns(key: str, name: str, given: Any) -> tuple[str, ...] | None:
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, list | tuple | set | frozenset):
        raise ConfigurationError(f"{key}: {name} must be a list of hosts.")
    for each in given:
        _require_host(key, name, each.removeprefix("*.") if isinstance(each, str) else each)
    return tuple(given)


def _require_host(key: str, name: str, host: Any) -> None:
    """:raises ConfigurationError: when *host* is not what a visitor's input is made."""
    try:
        meant = hosts.read(host) if isinstance(host, str) else None
    except ValueError:
        meant = None
    if meant != host:
        instead = f" Write {meant!r}." if meant else ""
        raise ConfigurationError(
            f"{key}: {name}: {host!r} must be a host's name such as 'social.example'.{instead}"
        )


def _text(key: str, name: str, given: Any) -> str | None:
    if given is not None and not (isinstance(given, str) and given.strip() and given.isprintable()):
        raise ConfigurationError(f"{key}: {name} must be a text in one line.")
    return given


def _count(key: str, given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise ConfigurationError(f"{key}: registrations_per_hour must be a whole number.")
    return given


def _require_some(key: str, instances: Instances) -> None:
    """Check what the operator says of each instance, as far as the start can.

    :raises ConfigurationError: when there is none that anybody could name, too.
    """
    for host in instances.given:
        try:
            instances.at(host)
        except ConfigurationError as error:
            raise ConfigurationError(f"{key}: instances: {host}: {error}") from None
    if not instances.given and not (instances.registers and instances.allowed != ()):
        raise ConfigurationError(
            f"{key} lets no application register by itself: give what each instance gave you, as "
            f"instances: {{'git.example': {{'consumer_key': ..., 'consumer_secret': ...}}}}."
        )


def require_kept(
    found: Iterable[Registration], store: ConnectionDatastore, *, callbacks_are_fixed: bool
) -> None:
    """Refuse what registers at run time where it cannot be kept, or is for whoever asks.

    :param callbacks_are_fixed: no ``Host`` header of a request says where the application is.
    :raises ConfigurationError: when the store has no model for it, too.
    """
    for each in found:
        if not isinstance(each, PerVisitor) or not each.instances.registers:
            continue
        if each.instances.allowed == ():
            continue
        key = f"SOCIAL_{each.id.upper()}"
        if store.registrations is None:
            raise ConfigurationError(
                f"{key} registers at the instances that visitors name, and the datastore has no "
                f"model to keep what it gets: give it one that inherits RegistrationMixin."
            )
        if not callbacks_are_fixed:
            raise ConfigurationError(
                f"{key} registers its callback URLs at instances, and they follow the Host header "
                f"of each request. Set SOCIAL_APP_URL, SERVER_NAME or TRUSTED_HOSTS."
            )
