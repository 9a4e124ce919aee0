"""Who granted a token: what a provider's API tells of the person, made an identity."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from ..errors import ProviderError
from ..http import Get, Request, Send
from ..values import Client, Identity, Token
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
