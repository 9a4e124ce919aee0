"""Who granted a token: what a provider's API tells of the person, made an identity."""

from __future__ import annotations

import json as jsons
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from ..errors import ConfigurationError, ProviderError
from ..http import Get, Params, Request, Response, Send
from ..values import Client, Identity, Token
from . import revoking
from .base import read_by_hook, read_or_refuse
from .credentials import TokenUse, bearer
from .identity import PLACE, STEP, UNPRINTABLE, Profile, look_up

EMAIL_TRUSTS = ("flag", "always", "never", "none")
"""What a provider's word on an e-mail address is worth, see :attr:`ApiProvider.email_trust`."""


@dataclass(frozen=True, kw_only=True)
class ApiProvider:
    """What the kinds of providers share: a name, an API, and where it says who somebody is."""

    id: str
    name: str
    api_url: str = ""
    """Where its API begins; profile calls and ``get_api()`` are relative to it."""
    places: Mapping[str, str] = field(default_factory=dict)
    """What stands for a name in braces in its addresses, ``{host}``, where nobody says otherwise.
    A configuration has to fill the places that are not named here."""
    proofs: tuple[str, ...] | None = None
    """By which an application is known there, as settings: ``("consumer_key", "private_key")``.
    ``None``: by what its client authentication needs, see :data:`.credentials.PROOFS`."""
    credentials: tuple[str, ...] = ()
    """What it gives an application besides id and secret, by the names of the settings:
    ``("team_id",)``. They are in :attr:`.Client.more`, and fill places in what is sent."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What every request to it carries, an API's version for instance. Places are filled from the
    client: ``{"Client-Id": "{client_id}"}``."""
    token_use: TokenUse = bearer
    profile_call: str | None = None
    """The path of the profile below *api_url*. Places are filled from the token answer:
    ``users/{token.user_id}``."""
    api_media: str = "application/json"
    """What its API calls the JSON that it answers, where that is no media type of JSON."""
    profile: Callable[[Get, Token], Profile] | None = None
    """For a profile of several calls, or of none."""
    identity: Callable[[Profile], Identity] | None = None
    email_trust: str | None = None
    """When an address counts as verified. ``flag``: where :attr:`identity` finds that the provider
    says so. ``always``: it tells only addresses that it has checked. ``never``: it tells what
    nobody need have checked. ``none``: it tells none, and one
    that came all the same would not count. ``None`` is like ``flag``."""
    console: str | None = None
    """The page where applications are registered."""
    color: str | None = None
    """Of its brand: ``#1DA1F2``."""
    api: Callable[..., Any] | None = None
    """Makes a vendor's client of an authorised session; without it ``get_api()`` is the session."""
    breaks_on_401: bool = True
    """Whether a 401 of the API to a token as good as new means that the person has to consent
    again. False for an API that answers so for other reasons too, want of a scope for instance."""
    revoke_url: str | None = None
    """Where a token is given back; ``None`` where there is no such place, or it is discovered."""
    shape_revoke: TokenUse | None = None
    """Makes the request of one to *revoke_url*, where that is no revocation of RFC 7009."""

    played_at: str | None = None
    """Where a sandbox plays it, if one does."""

    def __post_init__(self) -> None:
        if self.email_trust not in (None, *EMAIL_TRUSTS):
            known = ", ".join(EMAIL_TRUSTS)
            raise ConfigurationError(f"{self.id}: email_trust is one of {known}.")

    def read_identity(self, client: Client, token: Token, send: Send) -> Identity:
        """Who granted *token*, from the provider's API and by the token itself."""
        if self.identity is None:
            raise ProviderError(STEP, "no_subject", f"{self.id} declares no identity")
        return self.identified(self.identity, self.fetch_profile(client, token, send))

    def identified(self, identity: Callable[[Profile], Identity], profile: Profile) -> Identity:
        """What *identity* makes of *profile*, its address verified by :attr:`email_trust` alone."""
        found = read_by_hook(lambda: identity(profile), STEP)
        if self.email_trust in ("always", "never", "none"):
            checked = self.email_trust == "always" and found.email is not None
            return replace(found, email_verified=checked)
        return found

    def fetch_profile(self, client: Client, token: Token, send: Send) -> Profile:
        """What the API tells of the person, in one call or as many as :attr:`profile` makes."""
        get = self.reader(client, token, send)
        if hook := self.profile:
            return read_by_hook(lambda: hook(get, token), STEP)
        return get(self.profile_call or "")

    def reader(self, client: Client, token: Token, send: Send) -> Get:
        """A function from a path below the API to the JSON found there."""
        wanted: dict[str, str] = {}

        def get(
            path: str,
            *,
            absent: Collection[int] = (),
            form: Params | None = None,
            json: Any = None,
        ) -> Any:
            request = self._asking_for(path, token).with_headers(**wanted)
            request = _posting(request, form and client.filled(form), json)
            response = send(self.as_person(request, token, client))
            if again := self.challenged(request, response):
                wanted.update(dict(again.headers.items() - request.headers.items()))
                response = send(self.as_person(again, token, client))
            if response.status in absent:
                return None
            if response.status != 200:
                raise ProviderError(STEP, "bad_answer", f"status {response.status}")
            return read_or_refuse(self._labelled(response).json, STEP)

        return get

    def _asking_for(self, path: str, token: Token) -> Request:
        headers = {"Accept": "application/json", "User-Agent": "Flask-Social"}
        return Request(url=self.api_address(_filled(path, token)), purpose=STEP, headers=headers)

    def api_address(self, path: str) -> str:
        """The address of *path* below the API, or of a whole address on another host of it.

        In a sandbox the latter is ``at/<host>/<path>`` below the provider's home.
        """
        url = urljoin(self.api_url, path)
        if self.played_at is None or url.startswith(self.api_url):
            return url
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self.played_at}/at/{parts.netloc}{parts.path}{query}"

    def as_person(self, request: Request, token: Token, client: Client) -> Request:
        """*request* with the person's token and what else a request to this provider carries."""
        return self.token_use(self.with_headers(request, client), token, client)

    def challenged(self, request: Request, response: Response) -> Request | None:
        """*request*, not authorised yet, with what *response* wants in it, to send it once more.

        :returns: ``None`` where it wants nothing.
        """
        return None

    def api_home(self, token: Token) -> str:
        """Where the API begins that *token* is for, where people are on several servers."""
        return self.api_url

    def with_headers(self, request: Request, client: Client) -> Request:
        """*request* with the provider's own headers, in place of those of the same name."""
        added = client.filled(self.headers)
        ours = {name.lower() for name in added}
        kept = {name: text for name, text in request.headers.items() if name.lower() not in ours}
        return replace(request, headers=kept).with_headers(**added)

    def _labelled(self, response: Response) -> Response:
        """*response*, its type JSON's if it is of the one that this API gives it."""
        if response.content_type != self.api_media:
            return response
        return replace(response, headers={**response.headers, "content-type": "application/json"})

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
        request = self.with_headers(revoking.asked_at(self.revoke_url), client)
        return shape(request, token, client)

    def at_home(self, url: str | None, home: str, name: str) -> str | None:
        """Where *url* is at a sandbox's *home*: below the API if it is so here, else by *name*."""
        if url and self.api_url and url.startswith(self.api_url):
            return f"{home}/api/{url.removeprefix(self.api_url)}"
        return f"{home}/{name}" if url else None


def _filled(path: str, token: Token) -> str:
    """*path* with ``{token.name}`` filled from the token answer.

    :raises ProviderError: when the answer does not have it.
    """
    members = {"token": token.raw}
    places = {place: look_up(place, members) for place in PLACE.findall(path)}
    if any(not _fills(found) for found in places.values()):
        raise ProviderError(STEP, "bad_answer", "the token answer does not say whose it is")
    return PLACE.sub(lambda place: quote(str(places[place[1]]), safe=""), path)


def _fills(found: Any) -> bool:
    """Whether *found* names something below an API, and not another place in it."""
    if isinstance(found, bool) or not isinstance(found, str | int):
        return False
    return str(found) not in ("", ".", "..") and not UNPRINTABLE.search(str(found))


def _posting(request: Request, form: Params | None, json: Any) -> Request:
    """*request* as it is, or with something to post."""
    if form is not None:
        return replace(request, method="POST", form=form or None)  # without members, no body
    if json is None:
        return request
    body = jsons.dumps(json).encode()
    return replace(request, method="POST", body=body).with_headers(Content_Type="application/json")
