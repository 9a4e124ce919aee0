"""One row's tokens are stored as they should be, whatever goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from flask_social import clock
from flask_social.datastore.sealing import TokenSealing
from flask_social.datastore.tokens import StoredToken
from flask_social.flows import rotation
from flask_social.flows.rotation import Busy, Gone, Rotated, due, rotate
from flask_social.values import Unreadable

NEW, OLD, LOST = (
    f"{name}:{letter * 43}=" for name, letter in (("new", "A"), ("old", "E"), ("x", "I"))
)
NOW = 1_800_000_000


class Shelf:
    """A store of one row, which counts what it is asked."""

    def __init__(self, *keys: str, keeps: bool = True, **values: str) -> None:
        self.sealing = TokenSealing(lambda: "shelf")
        self.sealing.use(keys, keeps=keeps)
        self.row: StoredToken | None = self.sealed((), **values)
        self.meanwhile: list[Callable[[], None]] = []
        """What happens before each attempt to write."""
        self.writes = 0

    def sealed(self, keys: tuple[str, ...], **values: str) -> StoredToken:
        """A row with *values*, sealed under *keys*."""
        before = TokenSealing(lambda: "shelf")
        before.use(keys)
        row = StoredToken(key=7, provider_id="acme", provider_user_id="1", version=1)
        stored = {name: before.write(_account(row), name, each) for name, each in values.items()}
        return self.read_as(replace(row, stored=stored))

    def read_as(self, row: StoredToken) -> StoredToken:
        account = _account(row)
        opened: dict[str, Any] = {
            name: self.sealing.read(account, name, value) for name, value in row.stored.items()
        }
        return replace(row, **opened)

    def read_token(self, connection: Any) -> StoredToken | None:
        return self.row

    def swap_token(self, token: StoredToken, **values: Any) -> StoredToken | None:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        if self.row is None or self.row.version != token.version:
            return None
        self.writes += 1
        account = _account(token)
        stored = {
            name: value
            if isinstance(getattr(token, name), Unreadable) and self.sealing.keeps
            else self.sealing.write(account, name, getattr(token, name))
            for name, value in token.stored.items()
        }
        self.row = self.read_as(replace(self.row, version=(token.version or 0) + 1, stored=stored))
        return self.row


def _account(row: StoredToken) -> dict[str, str]:
    return {"provider_id": row.provider_id, "provider_user_id": row.provider_user_id}


@pytest.fixture(autouse=True)
def moved_clock() -> Any:
    """A clock that goes on by pauses alone."""
    gone = [0.0]
    with clock.replaced(lambda: NOW + gone[0], lambda seconds: gone.append(gone.pop() + seconds)):
        yield


def test_a_row_under_an_older_key_is_sealed_under_the_first() -> None:
    store = Shelf(NEW, OLD)
    store.row = store.sealed((OLD,), access_token="a", refresh_token="r")
    done = rotate(store.row, store)  # type: ignore[arg-type]
    assert isinstance(done, Rotated)
    assert done.is_new
    assert all(str(each).startswith("social:v1:new:") for each in done.row.stored.values())
    assert (done.row.access_token, done.row.refresh_token) == ("a", "r")
    assert due(done.row, store) == []  # type: ignore[arg-type]


def test_a_plain_row_is_sealed_and_one_that_is_right_is_left_alone() -> None:
    store = Shelf(NEW, access_token="a")
    first = rotate(store.row, store)  # type: ignore[arg-type]
    assert isinstance(first, Rotated)
    second = rotate(first.row, store)  # type: ignore[arg-type]
    assert second == Rotated(first.row, is_new=False)
    assert store.writes == 1


def test_what_no_key_opens_stays_and_the_rest_of_its_row_is_sealed() -> None:
    store = Shelf(NEW)
    lost = store.sealed((LOST,), access_token="a").stored["access_token"]
    plain = store.sealed((), refresh_token="r")
    stored = {"access_token": lost, **plain.stored}
    store.row = store.read_as(replace(plain, stored=stored))
    done = rotate(store.row, store)  # type: ignore[arg-type]
    assert isinstance(done, Rotated)
    assert done.row.stored["access_token"] == lost
    assert str(done.row.stored["refresh_token"]).startswith("social:v1:new:")
    assert done.row.unreadable == ("access_token",)
    assert rotate(done.row, store) == Rotated(done.row, is_new=False)  # type: ignore[arg-type]


@pytest.mark.parametrize("sealed_under", [(), (OLD,), (LOST,)])
def test_where_none_are_kept_they_are_removed_readable_or_not(sealed_under: Any) -> None:
    store = Shelf(OLD, keeps=False)
    store.row = store.sealed(sealed_under, access_token="a", refresh_token="r")
    done = rotate(store.row, store)  # type: ignore[arg-type]
    assert isinstance(done, Rotated)
    assert set(done.row.stored.values()) == {None}


def test_who_was_faster_is_not_overwritten() -> None:
    store = Shelf(NEW, access_token="before")

    def login() -> None:
        store.row = replace(store.sealed((), access_token="after"), version=2)

    store.meanwhile = [login]
    done = rotate(store.row, store)  # type: ignore[arg-type]
    assert isinstance(done, Rotated)
    assert done.row.access_token == "after"
    assert (done.row.version, store.writes) == (3, 1)


def test_a_row_that_is_being_refreshed_is_waited_for() -> None:
    store = Shelf(NEW, access_token="a")
    assert store.row is not None
    store.row = replace(store.row, lease_until=NOW + 20)
    done = rotate(store.row, store)  # type: ignore[arg-type]
    assert isinstance(done, Rotated)
    assert clock.now() >= NOW + 20
    assert store.writes == 1


def test_a_row_that_somebody_writes_all_the_time_is_left() -> None:
    store = Shelf(NEW, access_token="a")
    assert store.row is not None
    first, rows = store.row, iter(range(2, 10_000))

    def overtake() -> None:
        store.row = replace(first, version=next(rows))

    store.meanwhile = [overtake] * 10_000
    assert isinstance(rotate(first, store), Busy)  # type: ignore[arg-type]
    assert store.writes == 0
    assert clock.now() == NOW + rotation.PATIENCE


def test_a_lease_that_a_wrong_clock_took_keeps_nobody_waiting() -> None:
    store = Shelf(NEW, access_token="a")
    assert store.row is not None
    store.row = replace(store.row, lease_until=NOW + 86_400)
    assert isinstance(rotate(store.row, store), Rotated)  # type: ignore[arg-type]
    assert (store.writes, clock.now()) == (1, NOW)


def test_a_row_that_goes_meanwhile_is_gone() -> None:
    store = Shelf(NEW, access_token="a")
    row = store.row
    store.meanwhile = [lambda: setattr(store, "row", None)]
    assert rotate(row, store) == Gone()  # type: ignore[arg-type]
