"""Who granted a token: what a provider's API tells of the person, made an identity."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from ..errors import ProviderError
from ..http import Get, Request, Send
from ..values import Client, Identity, Token
from . import revoking
from .base import read_by_hook, read_or_refuse
from .credentials import TokenUse, bearer
from .identity import STEP, Profile


@dataclass(frozen=True, kw_only=True)
class ApiProvider:
    """What the kinds of providers share: a name, an API, and where it says who somebody is."""

    id: str
    name: str
    api_url: str = ""
    """Where its API begins; profile calls and ``get_api()`` are relative to it."""
    token_use: TokenUse = bearer
    profile_call: str | None = None
    """The path of the profile below *api_url*."""
    profile: Callable[[Get, Token], Profile] | None = None
    """For a profile of several calls, or of none."""
    identity: Callable[[Profile], Identity] | None = None
    api: Callable[..., Any] | None = None
    """Makes a vendor's client of an authorised session; without it ``get_api()`` is the session."""
    breaks_on_401: bool = True
    """Whether a 401 of the API to a token as good as new means that the person has to consent
    again. False for an API that answers so for other reasons too, want of a scope for instance."""
    revoke_url: str | None = None
    """Where a token is given back; ``None`` where there is no such place, or it is discovered."""
    shape_revoke: TokenUse | None = None
    """Makes the request of one to *revoke_url*, where that is no revocation of RFC 7009."""

    def read_identity(self, client: Client, token: Token, send: Send) -> Identity:
        """Who granted *token*, from the provider's API and by the token itself."""
        if (identity := self.identity) is None:
            raise ProviderError(STEP, "no_subject", f"{self.id} declares no identity")
        profile = self.fetch_profile(client, token, send)
        return read_by_hook(lambda: identity(profile), STEP)

    def fetch_profile(self, client: Client, token: Token, send: Send) -> Profile:
        """What the API tells of the person, in one call or as many as :attr:`profile` makes."""
        get = self.reader(client, token, send)
        if hook := self.profile:
            return read_by_hook(lambda: hook(get, token), STEP)
        return get(self.profile_call or "")

    def reader(self, client: Client, token: Token, send: Send) -> Get:
        """A function from a path below the API to the JSON found there."""

        def get(path: str, *, absent: Collection[int] = ()) -> Any:
            request = Request(
                url=urljoin(self.api_url, path),
                purpose=STEP,
                headers={"Accept": "application/json", "User-Agent": "Flask-Social"},
            )
            response = send(self.token_use(request, token, client))
            if response.status in absent:
                return None
            if response.status != 200:
                raise ProviderError(STEP, "bad_answer", f"status {response.status}")
            return read_or_refuse(response.json, STEP)

        return get

    def revoke(self, client: Client, token: Token, send: Send) -> bool:
        """Give *token* back; False where the provider has no way to.

        :raises ProviderError: when it was not taken, as far as the answer tells.
        """
        if (request := self.revocation(client, token, send)) is None:
            return False
        revoking.check(request, send(request))
        return True

    def revocation(self, client: Client, token: Token, send: Send) -> Request | None:
        """The request that gives *token* back; ``None`` where none does."""
        if not self.revoke_url:
            return None
        shape = self.shape_revoke or self.token_use
        return shape(revoking.asked_at(self.revoke_url), token, client)

    def revoked_at(self, home: str) -> str | None:
        """:attr:`revoke_url` at a sandbox's *home*: below the API there if it is so here."""
        if self.revoke_url and self.api_url and self.revoke_url.startswith(self.api_url):
            return f"{home}/api/{self.revoke_url.removeprefix(self.api_url)}"
        return f"{home}/revoke" if self.revoke_url else None
