"""The sandbox itself: providers behind one WSGI application, with a record of what came in."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from .. import clock
from . import catalogue, control, endpoints, pages, quirks
from .people import PEOPLE, SAMPLE, Person
from .provider import Policy, Provider
from .record import Recorded, record
from .scripts import GENERIC, STOCK, ProviderScript

DEFAULT_URL = "http://localhost:5001/"
RESERVED = ("control", "sink", "static")


class Sandbox:
    """The providers, the people and the records. A WSGI application.

    :param providers: scripts beside or in place of the stock ones, by id. Those of the catalogue
        are there too, each from when somebody first asks for it.
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
        if script.id in RESERVED or "/" in script.id or "~" in script.id:
            raise ValueError(f"{script.id!r} cannot be a provider id here")
        self.scripts[script.id] = script
        self.providers[script.id] = provider = Provider(script, policy=self.policy)
        return provider

    def __getitem__(self, provider_id: str) -> Provider:
        if (provider := self.find(provider_id)) is None:
            raise KeyError(provider_id)
        return provider

    def find(self, provider_id: str) -> Provider | None:
        """The provider of that id, ``None`` where none is played by it.

        ``gitlab~acme`` is a second GitLab, with a state of its own.
        """
        with self.lock:
            if provider_id not in self.providers:
                stock, _, name = provider_id.partition("~")
                script = self.scripts.get(stock) or catalogue.find(stock)
                if script is None or (not name and "~" in provider_id):
                    return None
                script = replace(script, id=provider_id)
                self.providers[provider_id] = Provider(script, policy=self.policy)
            return self.providers[provider_id]

    def now(self) -> int:
        """Seconds since the epoch by the providers' clock."""
        return clock.now() + self.skew

    # Everybody at once

    def login_as(self, person: str, *, scopes: Iterable[str] | None = None) -> None:
        """Approve at once as *person* at every provider."""
        if self.person(person) is None:
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

    def plays(self) -> str:
        """Which providers there are, as a sentence."""
        played = ", ".join(sorted(self.scripts))
        listed = ", ".join(catalogue.names())
        return f"This sandbox plays {played}, and of the catalogue {listed}."

    def person(self, key: str) -> Person | None:
        """Whoever is called *key*, one of the people or the person of the samples."""
        return SAMPLE if key == SAMPLE.key else self.people.get(key)

    def release(self) -> None:
        """Mend all faults at all providers; whoever waits is let go."""
        for provider in self.providers.values():
            provider.clear()

    # The record

    def count(self, provider_id: str, endpoint: str | None = None) -> int:
        """How many requests came to an endpoint of a provider, or to all of it."""
        counts = self[provider_id].counts
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
        provider = None if first in RESERVED else self.find(first)
        endpoint = endpoints.named(provider.script, request, rest) if provider else None
        if provider is None or endpoint is None:
            return Response(f"There is nothing here. {self.plays()}", 404)
        with self.lock:
            provider.counts[endpoint] += 1
            self.requests.append(record(request, first, endpoint))
        below, _, path = rest.partition("/")
        return self.play(provider, endpoint, request, (below, path))

    def play(
        self, provider: Provider, endpoint: str, request: Request, place: tuple[str, str]
    ) -> Response:
        """The endpoint's answer, with the faults that are due."""
        faults = provider.due(endpoint)
        for fault in faults:
            replaced = fault.before(request)
            if replaced is not None:
                return replaced
        response = quirks.of(provider).around(
            self,
            provider,
            request,
            (endpoint, *place),
            lambda: endpoints.answer(self, provider, endpoint, request, place),
        )
        for fault in faults:
            response = fault.after(request, response)
        return response
