"""Providers that are several: the account's id has to say of which tenant, or instance, it is.

Other libraries keep the bare id. Of which one it is, nobody can tell by that.
"""

from __future__ import annotations

from collections.abc import Callable

from ..instances import PerVisitor, host_of, issuer_of
from ..protocols.tenants import ID, TENANT, MultiTenant
from ..remote import RemoteApp

Find = Callable[[str], str | None]
"""From an account's id to its issuer; ``None`` for an id that does not tell."""


def finder(remote: RemoteApp) -> Find | None:
    """What finds the issuer of an account of *remote*; ``None`` where all have the same."""
    if isinstance(remote.registration, PerVisitor):
        return _of_instance
    provider = remote.provider
    if not isinstance(provider, MultiTenant):
        return None

    def of_tenant(subject: str) -> str | None:
        tenant, _, rest = subject.partition(".")
        issuer = provider.announced.replace(TENANT, tenant)
        is_one = rest and ID.fullmatch(tenant) and tenant in issuer
        return issuer if is_one and provider.is_issuer(issuer) else None

    return of_tenant


def _of_instance(subject: str) -> str | None:
    host = host_of(subject)
    return None if host is None else issuer_of(host)
