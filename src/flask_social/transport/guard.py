"""Where a request may go whose host a visitor or a tenant named: to public addresses alone.

Otherwise they could have this server ask what only this server can reach (server-side request
forgery): a metadata service, a database's console, a router. The name is looked up once, all that
is found is judged, and the connection goes to what was judged; so a name whose next answer is
another gains nothing by it.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from . import names
from .names import Address

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052 section 2.1
_GIVEN_OUT = IPv6Network("2000::/3")  # RFC 4291 section 2.4; nothing else is global unicast yet
_TEREDO = IPv6Network("2001::/32")  # RFC 4380; the address beyond is scrambled in it
_INSIDE = tuple(map(ip_network, (
    "168.63.129.16/32",  # where a machine in Azure finds its platform, and nobody else does
    "192.0.0.0/24",  # RFC 6890; Oracle's cloud has its metadata at 192.0.0.192
    "192.88.99.0/24",  # RFC 7526
    "3fff::/20",  # RFC 9637
)))  # fmt: skip
"""What not every Python counts as not global, or what is not in one cloud alone."""


class Barred(NewConnectionError):
    """The host may not be asked: no packet went there."""

    def __init__(self, connection: HTTPConnection, host: str) -> None:
        self.host = host
        super().__init__(connection, f"{host} is not at a public address")


@dataclass(frozen=True, slots=True)
class Guard:
    """Says whose addresses may be private: no host's but *private_hosts*."""

    private_hosts: tuple[str, ...] = ()
    """Names; with a port it is that port's alone."""

    def admits(self, host: str, found: Sequence[Address]) -> bool:
        """Whether *host*, which has the addresses *found*, may be asked at any of them."""
        name, ports = plain_name(host), {port for _, port in found}
        named = {name, *(f"{name}:{port}" for port in ports)}
        listed = map(plain_name, self.private_hosts)
        return not named.isdisjoint(listed) or all(is_public(address) for address, _ in found)


def look_up(
    connection: HTTPConnection, host: str, guard: Guard | None, seconds: float | None
) -> Sequence[Address]:
    """The addresses of *host*, at least one.

    :param seconds: to wait for them where there is a guard: somebody else named the host, and its
        name server may be theirs too.
    :raises Barred: when the guard does not admit them.
    :raises NewConnectionError: when there are none.
    """
    port = int(connection.port or 0)
    try:
        if guard is None:
            found = names.addresses(host, port)
        else:
            found = names.addresses_within(seconds, host, port)
    except TimeoutError:
        raise ConnectTimeoutError(connection, "looking up the host took too long") from None
    except socket.gaierror as error:
        raise NameResolutionError(host, connection, error) from None
    except (OSError, UnicodeError) as error:
        raise NewConnectionError(connection, f"no such host name: {error}") from None
    if not found:
        raise NewConnectionError(connection, "the name has no address")
    if guard is not None and not guard.admits(host, found):
        raise Barred(connection, host)
    return found


def plain_name(host: str) -> str:
    """*host* as it is compared: in lower case, without a dot at its end or brackets around."""
    return host.lower().strip("[]").rstrip(".")


def is_public(address: str) -> bool:
    """Whether anybody on the internet could ask *address*, so that asking it gives nothing away.

    False for what is private, loopback, link-local, shared, multicast, reserved or unspecified,
    also where such an IPv4 address is the end of an IPv6 one (RFC 4291 section 2.5.5.2, RFC 3056,
    RFC 6052).
    """
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        if (inner := _embedded(found)) is not None:
            return is_public(str(inner))
        if found not in _GIVEN_OUT or found in _TEREDO:
            return False
    if any(found in inside for inside in _INSIDE):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
