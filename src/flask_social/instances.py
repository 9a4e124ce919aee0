"""Instances that visitors name: one provider's software, run by many, each for its own people.

Where the application registers by itself it does so once for each instance, and the store keeps
what it got. Where that is not possible the operator gives what each instance gave.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from . import clock, hosts, limits
from .datastore.registrations import ClientRegistration, Registrations
from .errors import FlowRejected, ProviderUnavailable
from .protocols.identity import read_subject
from .protocols.registering import STEP
from .registration import Registration
from .transport import Wire
from .values import Client, Identity

HOUR, DAY = 3_600, 86_400
NOBODY = Client(id="")
"""Whom an instance knows us as where we are not registered, or not any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instances:
    """The instances of one provider: which of them there are, and what each is as a provider."""

    make: Callable[[str, Mapping[str, Any]], Registration] = field(repr=False)
    """The provider at a host, with what the operator says of that one."""
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    """What the operator says, by the host."""
    allowed: tuple[str, ...] | None = None
    """Where else people may come from; ``None``: from anywhere that lets us register."""
    denied: tuple[str, ...] = ()
    registers: bool = False
    """Whether an instance lets an application register by itself."""
    client_name: str | None = None
    """What people there are shown."""
    per_hour: int = limits.REGISTRATIONS_PER_HOUR
    is_played: bool = False
    """Whether a sandbox stands for all of them."""
    seen: dict[str, int] = field(default_factory=dict, repr=False)
    """When an instance last showed that it knows us, as far as this process has noticed."""
    _made: dict[str, Registration] = field(default_factory=dict, repr=False)
    _tried: deque[int] = field(default_factory=deque, repr=False)
    _guard: Any = field(default_factory=threading.Lock, repr=False)

    @property
    def known(self) -> tuple[str, ...]:
        """Hosts that the operator typed: these may be at private addresses."""
        return (*self.given, *(each for each in self.allowed or () if not each.startswith("*.")))

    @property
    def choices(self) -> tuple[str, ...]:
        """Those that a visitor chooses from, where they may not name any other."""
        known = self.known
        others = self.registers and (
            self.allowed is None or any(h not in known for h in self.allowed)
        )
        return () if others else tuple(each for each in known if self.admits(each))

    def named(self, typed: str) -> str:
        """The host that a visitor means who *typed* something.

        :raises FlowRejected: ``bad_instance``, or ``instance_refused``.
        """
        try:
            host = hosts.read(typed)
        except ValueError as error:
            raise FlowRejected("bad_instance", str(error)) from None
        if "." not in host and not self._is_listed(host):
            raise FlowRejected("bad_instance", "a name without a dot")
        if not self.admits(host):
            raise FlowRejected("instance_refused", host)
        return host

    def admits(self, host: str) -> bool:
        """Whether people of *host* may come."""
        if any(hosts.matches(host, each) for each in self.denied):
            return False
        return self._is_listed(host) or (self.registers and self.allowed is None)

    def _is_listed(self, host: str) -> bool:
        allowed = self.allowed or () if self.registers else ()
        return host in self.given or any(hosts.matches(host, each) for each in allowed)

    def at(self, host: str) -> Registration:
        """The provider at *host*, with the client that the operator gave for it."""
        if (found := self._made.get(host)) is None:
            found = self._made[host] = self.make(host, self.given.get(host, {}))
            for oldest in list(self._made)[: -limits.INSTANCES]:
                self._made.pop(oldest, None)
        return found

    def note_seen(self, host: str) -> None:
        """An instance has just shown that it knows us."""
        self.seen.pop(host, None)
        self.seen[host] = clock.now()
        for oldest in list(self.seen)[: -limits.INSTANCES]:
            self.seen.pop(oldest, None)

    def count_try(self, kept: Registrations) -> None:
        """Note that we register somewhere at a stranger's wish.

        What is kept counts in all processes, and what came of nothing in this one.

        :raises ProviderUnavailable: when it would be too often within an hour.
        """
        now = clock.now()
        lately = kept.count(now - HOUR)
        with self._guard:
            while self._tried and not 0 <= now - self._tried[0] < HOUR:
                self._tried.popleft()
            if max(len(self._tried), lately) >= self.per_hour:
                detail = f"{self.per_hour} within an hour"
                raise ProviderUnavailable(STEP, "too_many_instances", detail)
            self._tried.append(now)


@dataclass(frozen=True, slots=True)
class PerVisitor(Registration):
    """A provider that is somewhere else for each visitor.

    As long as nobody says for whom, its addresses lead nowhere.
    """

    instances: Instances = field(kw_only=True)

    def at(self, host: str, client: Client | None) -> Registration:
        """The provider at *host*.

        :param client: what we registered there, where it was not the operator who did.
        """
        found = self.instances.at(host)
        return found if host in self.instances.given else replace(found, client=client or NOBODY)

    def of(self, subject: str, kept: Registrations | None) -> Registration:
        """The provider where the account *subject* is; this one where that does not tell."""
        return self if (host := host_of(subject)) is None else self.known_at(host, kept)

    def known_at(self, host: str, kept: Registrations | None) -> Registration:
        """The provider at *host*, as we are registered there by now."""
        known = kept.find(self.id, host) if kept and host not in self.instances.given else None
        return self.at(host, client_of(known) if known else None)


def client_of(known: ClientRegistration) -> Client:
    """The client that was registered."""
    return Client(id=known.client_id, secret=known.client_secret)


def wire_for(found: Registration, wire: Wire) -> Wire:
    """The way to the provider: guarded, where visitors name the hosts."""
    if not isinstance(found, PerVisitor) or found.instances.is_played:
        return wire
    known = (each if ":" in each else f"{each}:443" for each in found.instances.known)
    private = (*wire.options.private_hosts, *known)
    return Wire(replace(wire.options, guarded=True, private_hosts=private))


def issuer_of(host: str) -> str:
    """What stands for an instance in flows and rows."""
    return f"https://{host}"


def host_of(subject: str) -> str | None:
    """The instance that an account is of: its id there is the rest of *subject*."""
    _, at, host = subject.rpartition("@")
    try:
        return host if at and hosts.read(host) == host else None
    except ValueError:
        return None


def settled(provider: Any, host: str) -> Any:
    """*provider*, which is at *host*: people's ids there are theirs there alone."""
    identity = provider.identity

    def of_instance(profile: Any) -> Identity:
        found: Identity = identity(profile)
        return replace(found, subject=read_subject(f"{found.subject}@{host}"))

    of_instance.sources = getattr(identity, "sources", None)  # type: ignore[attr-defined]
    return replace(provider, issuer=issuer_of(host), identity=of_instance)
