"""A keeper of tokens whose provider answers as a test says, and whose clock only a test moves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from flask_social import clock
from flask_social.datastore.memory import MemoryConnectionDatastore
from flask_social.datastore.tokens import StoredToken
from flask_social.datastore.trouble import Trouble
from flask_social.flows.backoff import Backoff
from flask_social.flows.needs import Held, Need
from flask_social.flows.tokens import Keeper
from flask_social.protocols.refreshing import Known
from flask_social.values import Token

NOW = 1_800_000_000
LEASE = 20


class Broke(Exception):
    """What a database that broke raises."""


class BreakableStore(MemoryConnectionDatastore):
    """The memory store; ``at["swap_token"]`` is called before each swap, and may raise."""

    faults = (Broke,)

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[str, Callable[..., Any]] = {}
        self.asked: list[str] = []

    def trouble(self, error: BaseException) -> Trouble | None:
        away = isinstance(error, Broke) and "mistake" not in str(error)
        return Trouble.AWAY if away else None

    def read_token(self, connection: Any) -> StoredToken | None:
        self._meet("read_token", connection)
        return super().read_token(connection)

    def swap_token(self, token: StoredToken, **values: Any) -> StoredToken | None:
        self._meet("swap_token", token, values)
        return super().swap_token(token, **values)

    def release(self) -> None:
        self.asked.append("release")

    def _meet(self, name: str, *given: Any) -> None:
        self.asked.append(name)
        if hook := self.at.get(name):
            hook(*given)


@dataclass
class Kept:
    """One connection, and everything about the keeper of its token."""

    store: BreakableStore = field(default_factory=BreakableStore)
    answers: list[Any] = field(default_factory=list)
    """What the provider answers, in turn: a token, an exception, or a function of the old one."""
    sent: list[Token] = field(default_factory=list)
    knew: list[Known] = field(default_factory=list)
    broken: list[tuple[StoredToken, str]] = field(default_factory=list)
    backoff: Backoff = field(default_factory=Backoff)
    now: float = NOW
    pauses: list[float] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    """What others do while somebody waits."""
    row: Any = None

    def connect(self, **columns: Any) -> Any:
        """A row whose token expired a moment ago, changed by *columns*."""
        usual = {
            "provider_id": "op",
            "provider_user_id": "person-1",
            "access_token": "old",
            "refresh_token": "spend me",
            "expires_at": NOW - 1,
        }
        self.row = self.store.create_connection(**{**usual, **columns})
        self.store.commit()
        return self.row

    def keeper(self, **changes: Any) -> Keeper:
        made = Keeper(
            store=self.store,
            refresh=self._refresh,
            lease=LEASE,
            backoff=self.backoff,
            on_broken=lambda row, reason: self.broken.append((row, reason)),
        )
        return replace(made, **changes)

    def ask(self, need: Need | None = None, **changes: Any) -> str:
        """The access token that somebody who asks gets."""
        held = self.keeper(**changes).fresh(Held.of(self.snapshot()), need or Need())
        return held.usable_token().access_token

    def snapshot(self) -> Any:
        """The row as somebody has it in memory, who loaded it now."""
        return replace(self.row)

    def other(self, **values: Any) -> None:
        """Another process writes *values* into the row."""
        current = MemoryConnectionDatastore.read_token(self.store, self.row)
        assert current is not None
        assert MemoryConnectionDatastore.swap_token(self.store, current, **values)

    def _refresh(self, token: Token, known: Known) -> Token:
        self.sent.append(token)
        self.knew.append(known)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer(token) if callable(answer) else answer

    def pass_time(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        self.meanwhile()


@contextmanager
def kept() -> Iterator[Kept]:
    """A :class:`Kept`, whose time passes when somebody pauses."""
    made = Kept()
    with clock.replaced(lambda: made.now, made.pass_time):
        yield made


def fresh_token(name: str = "new", **changes: Any) -> Token:
    """A token as a provider gives it, for another hour."""
    given = {"refresh_token": f"spend {name}", "expires_at": NOW + 3600, "scopes": ("a", "b")}
    return Token(access_token=name, **{**given, **changes})


def at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    """What *count* threads get that do *work* at the same moment; exceptions as they are."""
    gate, got = threading.Barrier(count), []

    def run() -> None:
        gate.wait(60)
        try:
            got.append(work())
        except Exception as error:  # noqa: BLE001 - it is looked at by the test
            got.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return got


def nap(seconds: float) -> None:
    """Let other threads go on, while the time stands still."""
    threading.Event().wait(seconds)
