"""One provider of OpenID Connect that is many: every tenant an issuer, most by one address.

Which tenant somebody is of, only the ID token tells: its ``tid`` fills the issuer's template, and
``iss`` has to be exactly that. What a tenant's operator says of people counts for that tenant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from ..errors import ConfigurationError, Denied, ProviderError
from ..http import Send
from ..values import Client, Identity, Token
from . import refreshing
from .discovery import address_of
from .endpoints import Endpoints
from .id_token import Rules
from .identity import Profile, standard_claims
from .keys import FindKeys, Keys
from .oidc import OIDC
from .refreshing import Known

TENANT = "{tenantid}"
"""What stands for the tenant in the issuer that shared metadata name."""
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of everybody who is of none: personal accounts."""
SHARED = {"common": TENANT, "organizations": TENANT, "consumers": CONSUMERS}
"""The tenants that stand for several, and what their metadata have in that place."""
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRules(Rules):
    """Rules for the ID token of one of several tenants."""

    template: str

    def is_issuer(self, claims: Mapping[str, Any]) -> bool:
        """Whether the issuer is that of the tenant which the same token names."""
        if (tenant := tenant_of(claims)) is None:
            return False
        issuer = self.template.replace(TENANT, tenant)
        named = ID.search(issuer)
        return claims.get("iss") == issuer and (named is None or named[0] == tenant)


@dataclass(frozen=True, kw_only=True)
class MultiTenant(OIDC):
    """A provider whose issuer has a place for the tenant: ``https://op.example/{tenant}/v2.0``.

    A tenant's id there means that one alone; ``common``, ``organizations`` (whoever has no personal
    account) and ``consumers`` (whoever has one) mean several. The subject is the tenant's id, a dot
    and what :attr:`identity` gives, so that two tenants never name the same person.
    """

    tenants: tuple[str, ...] | None = None
    """The ids of the tenants that are let in; ``None``: all that the issuer stands for. They are
    checked when somebody comes, and whenever a token is refreshed."""
    trusted_tenants: tuple[str, ...] = ()
    """The ids of tenants whose operators are trusted to know their people's addresses: these count
    as verified. Anybody can be operator of a tenant and give people any address there."""

    def __post_init__(self) -> None:
        super().__post_init__()
        tenant = self.places.get("tenant", CONSUMERS)
        if tenant not in SHARED and not ID.fullmatch(tenant.lower()):
            raise ConfigurationError(
                f"{self.id}: tenant is a tenant's id, or one of {', '.join(SHARED)}. A domain will "
                f"not do: what comes back names the id."
            )
        for name in ("tenants", "trusted_tenants"):
            ids = getattr(self, name)
            if ids == () and name == "tenants":
                raise ConfigurationError(f"{self.id}: tenants is empty, so that nobody may come.")
            if not all(ID.fullmatch(each.lower()) for each in ids or ()):
                raise ConfigurationError(
                    f"{self.id}: {name} are tenants' ids, such as {CONSUMERS}."
                )
            lowered = ids and tuple(each.lower() for each in ids)
            object.__setattr__(self, name, lowered)
        if self.identity is None:
            object.__setattr__(self, "identity", standard_claims)

    @property
    def announced(self) -> str:
        """What its metadata call the issuer, with :data:`TENANT` in it where it is several."""
        if not (shared := self._shared):
            return self.issuer
        return self.issuer.replace(f"/{shared}/", f"/{SHARED[shared]}/")

    @property
    def _shared(self) -> str:
        """Which several tenants the issuer stands for; empty for one."""
        return next((each for each in SHARED if f"/{each}/" in self.issuer), "")

    def is_issuer(self, issuer: str) -> bool:
        """Whether *issuer* is one of those that are asked here."""
        before, place, after = self.announced.partition(TENANT)
        if not place:
            return issuer == self.announced
        tenant = issuer.removeprefix(before).removesuffix(after)
        return ID.fullmatch(tenant) is not None and issuer == f"{before}{tenant}{after}"

    def admits(self, tenant: str) -> bool:
        """Whether people of *tenant* are let in."""
        if self._shared == "organizations" and tenant == CONSUMERS:
            return False
        return self.tenants is None or tenant in self.tenants

    def rules(self, client: Client, nonce: str | None, started_at: int) -> Rules:
        """As inherited, with the issuer being that of the tenant which the ID token names."""
        rules = super().rules(client, nonce, started_at)
        inherited = {name: getattr(rules, name) for name in Rules.__slots__}
        return TenantRules(**inherited, template=self.announced)

    def finder(self, endpoints: Endpoints, token: Token, send: Send) -> FindKeys:
        """As inherited, without keys that are of another issuer than the ID token says it is."""
        find = super().finder(endpoints, token, send)
        claimed = refreshing.claims_of(token.id_token)

        def of_the_issuer(anew: bool) -> Keys:
            return [key for key in find(anew) if _is_of(key.issuer, claimed)]

        return of_the_issuer

    def named(self, profile: Mapping[str, Any]) -> Identity:
        """As inherited. :raises Denied: when the tenant is not one of those that are let in."""
        if not self.admits(profile["tid"]):
            raise Denied("refused", "the tenant is not one of those that are let in")
        return super().named(dict(profile))

    def identified(self, identity: Callable[[Profile], Identity], profile: Profile) -> Identity:
        """As inherited, with the tenant in the subject and the issuer that it is."""
        found, tenant = super().identified(identity, profile), profile["tid"]
        is_known = tenant in self.trusted_tenants and found.email is not None
        return replace(
            found,
            subject=f"{tenant}.{found.subject}",
            issuer=profile["iss"],
            email_verified=found.email_verified or is_known,
        )

    def refresh(self, client: Client, token: Token, known: Known, send: Send) -> Token:
        """As inherited, for people of a tenant that is let in still, and of the same one."""
        tenant = known.subject.partition(".")[0]
        if not self.admits(tenant):
            detail = "the tenant is not one of those that are let in"
            raise ProviderError(refreshing.STEP, "issuer_changed", detail)
        answer = super().refresh(client, token, known, send)
        came = answer.id_token != token.id_token
        if came and tenant_of(refreshing.claims_of(answer.id_token)) != tenant:
            raise ProviderError(refreshing.STEP, refreshing.CHANGED, "the tenant is another")
        return answer

    def moved_to(self, base_url: str, played_as: str | None = None) -> Self:
        """The same provider, played by a sandbox at *base_url*, for people of any tenant."""
        moved = super().moved_to(base_url, played_as)
        home = moved.issuer
        return replace(moved, issuer=f"{home}/common/v2.0", discovery_url=address_of(home))


def tenant_of(claims: Mapping[str, Any]) -> str | None:
    """The tenant that *claims* name, by its id."""
    tenant = claims.get("tid")
    return tenant if isinstance(tenant, str) and ID.fullmatch(tenant) else None


def _is_of(issuer: str | None, claims: Mapping[str, Any]) -> bool:
    """Whether a key of *issuer*, perhaps a template, may have signed *claims*."""
    tenant = tenant_of(claims)
    return issuer is None or (
        tenant is not None and claims.get("iss") == issuer.replace(TENANT, tenant)
    )
