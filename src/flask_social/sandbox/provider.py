"""One provider as it runs: what it has granted, and how tests bend it."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from .edits import TARGETS, Edit
from .faults import Fault, Hang
from .issued import AccessToken, Client, Grant, Post, RequestToken
from .keys import KeyRing, Signing
from .scripts import ProviderScript

__all__ = ["AccessToken", "Client", "Grant", "Policy", "Post", "Provider", "RequestToken"]

ENDPOINTS = (
    "discovery",
    "par",
    "authorize",
    "token",
    "jwks",
    "userinfo",
    "api",
    "revoke",
    "request_token",
    "access_token",
    "refresh",
    "exchange",
)


@dataclass(slots=True)
class Policy:
    """What the authorization endpoint does with a request."""

    mode: Literal["ask", "approve", "deny"] = "ask"
    person: str = ""
    scopes: tuple[str, ...] | None = None
    """Granted in place of those requested."""


@dataclass
class Provider:
    """The state of a provider and the knobs of its tests. Change it between requests only."""

    script: ProviderScript
    policy: Policy = field(default_factory=Policy)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.clients: dict[str, Client] = {}
        self.codes: dict[str, Grant] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self.refresh_tokens: dict[str, Grant] = {}
        self.request_tokens: dict[str, RequestToken] = {}
        self.pushed: dict[str, dict[str, str]] = {}
        self.nonces_seen: set[tuple[str, str, str]] = set()
        self.posts: list[Post] = []
        """What was published here, oldest first."""
        self.assertions_seen: set[str] = set()
        self.assertion_secret = secrets.token_bytes(32)
        """What assertions of OpenID 2.0 are signed with."""
        self.consented: set[tuple[str, str]] = set()
        self.counts: Counter[str] = Counter()
        self.faults: dict[str, list[Fault]] = {}
        self.honest()

    @property
    def id(self) -> str:
        return self.script.id

    def honest(self) -> None:
        """Drop all faults, edits and odd signatures; what was granted stays, and so do the keys."""
        self.clear()
        self.edits: dict[str, Edit] = {target: Edit() for target in TARGETS}
        self.signed_userinfo = self.script.signed_userinfo
        self.keys = getattr(self, "keys", None) or self.key_ring()
        self.sign(self.script.id_token_alg)

    # Who comes

    def login_as(self, person: str, *, scopes: Iterable[str] | None = None) -> None:
        """Approve every request at once as *person* (a key), for *scopes* if given."""
        self.policy = Policy("approve", person, None if scopes is None else tuple(scopes))

    def deny(self) -> None:
        """Refuse every request at once, as a person who presses Cancel."""
        self.policy = Policy("deny")

    def ask(self) -> None:
        """Show the consent page."""
        self.policy = Policy("ask")

    def hold(self) -> Hang:
        """Keep every authorization request waiting until released."""
        hang = Hang()
        self.fail("authorize", hang)
        return hang

    # What goes wrong

    def fail(self, endpoint: str, fault: Fault) -> Fault:
        """Strike *endpoint* with *fault*, after those that are there. Gives the fault back."""
        if endpoint not in ENDPOINTS:
            raise ValueError(f"no endpoint {endpoint!r}; there are {', '.join(ENDPOINTS)}")
        with self.lock:
            self.faults.setdefault(endpoint, []).append(fault)
        return fault

    def clear(self, endpoint: str | None = None) -> None:
        """Mend *endpoint*, or all; whoever waits is let go."""
        with self.lock:
            names = [endpoint] if endpoint else list(self.faults)
            gone = [fault for name in names for fault in self.faults.pop(name, [])]
        for fault in gone:
            fault.release()

    def due(self, endpoint: str) -> list[Fault]:
        """The faults that strike this request."""
        with self.lock:
            due = [fault for fault in self.faults.get(endpoint, []) if fault.times != 0]
            for fault in due:
                if fault.times is not None:
                    fault.times -= 1
        return due

    # What is said

    def set(self, target: str, **members: Any) -> None:
        """Add or replace members of an answer: ``set("claims", nonce="x")``."""
        self.edit(target).members.update(members)

    def delete(self, target: str, *names: str) -> None:
        """Leave members out of an answer: ``delete("token", "id_token")``."""
        self.edit(target).deleted.update(names)

    def change(self, target: str, function: Callable[[Any], Any]) -> None:
        """Pass an answer through *function*; a text or bytes from it are the whole body."""
        self.edit(target).function = function

    def replace(self, target: str, value: Any) -> None:
        """Say *value* instead: JSON, or a text or bytes as the whole body."""
        self.edit(target).replacement = [value]

    def edit(self, target: str) -> Edit:
        """The changes to *target*. :raises ValueError: when there is no such answer."""
        if target not in self.edits:
            raise ValueError(f"no answer {target!r}; there are {', '.join(TARGETS)}")
        return self.edits[target]

    def say(self, target: str, honest: Any) -> Any:
        """What to answer in place of *honest*."""
        return self.edits[target].apply(honest)

    # Keys

    def key_ring(self) -> KeyRing:
        """Keys of its own; those played from descriptions share theirs, as RSA keys take time."""
        alg = self.script.id_token_alg
        return KeyRing("played" if self.script.play else self.id, rsa_alg=alg)

    def sign(self, alg: str, key: str = "current", *, broken: bool = False) -> None:
        """Sign ID tokens by *alg* with *key*, see :class:`.Signing`. The header follows."""
        self.signing = Signing(alg=alg, key=key, broken=broken)
        if alg.startswith("ES") and key == "current":
            self.keys.ec_algs |= {alg}

    def rotate_keys(self, *, withdraw: bool = False) -> None:
        """Sign with a new key; *withdraw* takes the old ones from the JWKS."""
        self.keys.rotate(withdraw=withdraw)

    def register_client(self, client: Client) -> Client:
        """Know *client* from now on, with its exact redirect URIs and authentication."""
        self.clients[client.id] = client
        return client
