"""The sandbox itself: providers behind one WSGI application, with a record of what came in."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from .. import clock
from . import api, authorize, control, oauth1, oidc, pages, tokens
from .people import PEOPLE, Person
from .provider import Policy, Provider
from .scripts import GENERIC, STOCK, ProviderScript

DEFAULT_URL = "http://localhost:5001/"
RESERVED = ("control", "sink", "static")
DISCOVERY_PATH = ".well-known/openid-configuration"
PATHS = {
    DISCOVERY_PATH: "discovery",
    "authorize": "authorize",
    "token": "token",
    "jwks": "jwks",
    "userinfo": "userinfo",
    "revoke": "revoke",
    "request_token": "request_token",
    "access_token": "access_token",
}
OIDC_ONLY = ("discovery", "jwks", "userinfo")
Handler = Callable[["Sandbox", Provider, Request], Response]
HANDLERS: dict[str, Handler] = {
    "discovery": oidc.discovery,
    "authorize": authorize.answer,
    "token": tokens.answer,
    "jwks": oidc.jwks,
    "userinfo": oidc.userinfo,
    "revoke": tokens.revoke,
}
OAUTH1_HANDLERS: dict[str, Handler] = {
    "request_token": oauth1.request_token,
    "authorize": oauth1.authorize,
    "access_token": oauth1.access_token,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A request as it arrived."""

    provider: str
    """Empty at the sink."""
    endpoint: str
    method: str
    path: str
    query: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: str = field(repr=False)


class Sandbox:
    """The providers, the people and the records. A WSGI application.

    :param providers: scripts beside or in place of the stock ones, by id.
    :param people: who can sign in.
    :param strict: only registered clients are known; otherwise an unknown client id is welcome,
        and the secret that it first presents is remembered. (OAuth 1.0a: see :mod:`.oauth1`.)
    :param url: where it is served, ending in a slash; issuers and endpoints are built on it.
    """

    def __init__(
        self,
        providers: Iterable[ProviderScript] = (),
        *,
        people: Iterable[Person] = PEOPLE,
        strict: bool = False,
        url: str = DEFAULT_URL,
    ) -> None:
        self.url = url
        self.strict = strict
        self.skew = 0
        """Seconds that the providers' clock is ahead of ours."""
        self.people = {person.key: person for person in people}
        self.scripts = {script.id: script for script in (*STOCK, *GENERIC, *providers)}
        self.connections: Callable[[], int] = lambda: 0
        self.lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """As new: nothing granted, recorded or bent; also the keys are new."""
        for provider in getattr(self, "providers", {}).values():
            provider.clear()
        self.skew = 0
        self.policy = Policy()
        self.providers = {name: Provider(script) for name, script in self.scripts.items()}
        self.requests: deque[Recorded] = deque(maxlen=2000)
        self.sink: deque[Recorded] = deque(maxlen=2000)

    def add_provider(self, script: ProviderScript) -> Provider:
        """Play *script* too, in place of one of the same id."""
        if script.id in RESERVED or "/" in script.id:
            raise ValueError(f"{script.id!r} cannot be a provider id here")
        self.scripts[script.id] = script
        self.providers[script.id] = provider = Provider(script, policy=self.policy)
        return provider

    def __getitem__(self, provider_id: str) -> Provider:
        return self.providers[provider_id]

    def now(self) -> int:
        """Seconds since the epoch by the providers' clock."""
        return clock.now() + self.skew

    # Everybody at once

    def login_as(self, person: str, *, scopes: Iterable[str] | None = None) -> None:
        """Approve at once as *person* at every provider."""
        if person not in self.people:
            raise ValueError(f"nobody is called {person!r}; there are {', '.join(self.people)}")
        self.set_policy(Policy("approve", person, None if scopes is None else tuple(scopes)))

    def deny(self) -> None:
        """Refuse at once at every provider."""
        self.set_policy(Policy("deny"))

    def ask(self) -> None:
        """Show the consent page at every provider (how it starts)."""
        self.set_policy(Policy("ask"))

    def set_policy(self, policy: Policy) -> None:
        """What all providers do with an authorization request, now and later ones."""
        self.policy = policy
        for provider in self.providers.values():
            provider.policy = policy

    def release(self) -> None:
        """Mend all faults at all providers; whoever waits is let go."""
        for provider in self.providers.values():
            provider.clear()

    # The record

    def count(self, provider_id: str, endpoint: str | None = None) -> int:
        """How many requests came to an endpoint of a provider, or to all of it."""
        counts = self.providers[provider_id].counts
        return counts[endpoint] if endpoint else counts.total()

    def counters(self) -> dict[str, Any]:
        """All counts: ``{"connections": 1, "requests": {"google": {"token": 1}}}``."""
        counts = {name: dict(each.counts) for name, each in self.providers.items() if each.counts}
        return {"connections": self.connections(), "requests": counts}

    def reset_counters(self) -> None:
        """Count and record from zero; the count of connections goes on."""
        for provider in self.providers.values():
            provider.counts.clear()
        self.requests.clear()
        self.sink.clear()

    # Requests

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        response = self.answer(Request(environ))
        response.headers.setdefault("Date", http_date(self.now()))
        return response(environ, start_response)

    def answer(self, request: Request) -> Response:
        """The answer to any request."""
        first, _, rest = request.path.lstrip("/").partition("/")
        if not first:
            return pages.front(self)
        if first == "control":
            return control.answer(self, request, rest)
        if first == "static":
            return pages.static(rest)
        if first == "sink":
            self.sink.append(record(request, "", "sink"))
            return Response(status=204)
        provider = self.providers.get(first)
        endpoint = "api" if rest.startswith("api/") else PATHS.get(rest)
        if provider is None or endpoint is None:
            played = ", ".join(sorted(self.providers))
            return Response(f"There is nothing here. This sandbox plays {played}.", 404)
        with self.lock:
            provider.counts[endpoint] += 1
            self.requests.append(record(request, first, endpoint))
        return self.play(provider, endpoint, request, rest.removeprefix("api/"))

    def play(self, provider: Provider, endpoint: str, request: Request, path: str) -> Response:
        """The endpoint's answer, with the faults that are due."""
        faults = provider.due(endpoint)
        for fault in faults:
            replaced = fault.before(request)
            if replaced is not None:
                return replaced
        if endpoint == "api":
            response = api.answer(self, provider, request, path)
        elif handler := handler_of(provider.script, endpoint):
            response = handler(self, provider, request)
        else:
            response = Response("not found", 404)
        for fault in faults:
            response = fault.after(request, response)
        return response


def handler_of(script: ProviderScript, endpoint: str) -> Handler | None:
    """What answers at an endpoint; ``None`` where a provider of this kind has none."""
    if script.kind == "oauth1":
        return OAUTH1_HANDLERS.get(endpoint)
    if endpoint in OIDC_ONLY and script.kind != "oidc":
        return None
    return HANDLERS.get(endpoint)


def record(request: Request, provider: str, endpoint: str) -> Recorded:
    """*request*, to be looked at later."""
    return Recorded(
        provider=provider,
        endpoint=endpoint,
        method=request.method,
        path=request.path,
        query=request.query_string.decode("latin-1"),
        headers=dict(request.headers),
        body=request.get_data(as_text=True),
    )
