"""What connecting asks of its store, and when: each look has its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from flask_social.datastore.memory import MemoryConnection, MemoryConnectionDatastore
from flask_social.errors import ProviderError
from flask_social.flows import accounts
from flask_social.flows.accounts import Connected, Mine, SomebodyElses, Unrecognised
from flask_social.values import Intent

from .test_accounts import ANNA, BERT, User, connected, flow, grant


def orphan(store: MemoryConnectionDatastore, subject: str = "7", **columns: Any) -> Any:
    """A row whose user was deleted behind the library's back."""
    return connected(store, None, subject, **columns)  # type: ignore[arg-type]


class ReadOnly(MemoryConnectionDatastore):
    """A store that takes the rows of a test, then none any more."""

    closed = False

    def create_connection(self, **values: Any) -> MemoryConnection:
        assert not self.closed, "this account has a row: a second would only break a transaction"
        return super().create_connection(**values)


class Snapshot(MemoryConnectionDatastore):
    """A store whose transaction began before the last row was written (REPEATABLE READ)."""

    late: MemoryConnection | None = None
    looked_anew = 0

    def find_connection(self, **filters: Any) -> MemoryConnection | None:
        row = super().find_connection(**filters)
        return None if row is self.late else row

    def find_newest(self, **filters: Any) -> MemoryConnection | None:
        self.looked_anew += 1
        return super().find_connection(**filters)


def test_a_row_of_nobody_s_makes_room_for_who_holds_the_account() -> None:
    store = MemoryConnectionDatastore()
    gone = orphan(store, access_token="theirs")
    outcome = accounts.connect(grant("7", access_token="mine"), ANNA, store)
    assert isinstance(outcome, Connected)
    [row] = store.find_connections()
    assert row is outcome.connection
    assert row is not gone
    assert (row.user, row.access_token) == (ANNA, "mine")


def test_a_row_of_nobody_s_is_told_from_no_row() -> None:
    store = MemoryConnectionDatastore()
    assert accounts.recognise(grant("7"), store) == Unrecognised(is_orphan=False)
    orphan(store, "7")
    assert accounts.recognise(grant("7"), store) == Unrecognised(is_orphan=True)
    assert accounts.recognise(grant("8"), store) == Unrecognised(is_orphan=False)


def test_making_room_leaves_every_other_row_alone() -> None:
    store = MemoryConnectionDatastore()
    others = [orphan(store, "8"), orphan(store, provider_id="other"), connected(store, BERT, "9")]
    orphan(store, "7")
    outcome = accounts.connect(grant("7"), ANNA, store)
    assert isinstance(outcome, Connected)
    left = {id(row) for row in store.find_connections()}
    assert left == {id(row) for row in (*others, outcome.connection)}


def test_a_row_that_got_a_user_meanwhile_makes_no_room() -> None:
    class Restored(ReadOnly):
        """The user comes back between the look and the deletion."""

        def delete_orphan(self, **account: Any) -> bool:
            for row in self._matching(account):
                vars(row)["user"] = ANNA
            return super().delete_orphan(**account)

    for user, ended in ((ANNA, Mine), (BERT, SomebodyElses)):
        store = Restored()
        orphan(store)
        store.closed = True
        assert isinstance(accounts.connect(grant(), user, store), ended)
        assert [row.user for row in store.find_connections()] == [ANNA]


@pytest.mark.parametrize(("user", "ended"), [(ANNA, Mine), (BERT, SomebodyElses)])
def test_an_account_that_has_a_row_is_not_written_as_a_second(user: User, ended: type) -> None:
    store = ReadOnly()
    connected(store, ANNA)
    store.closed = True
    assert isinstance(accounts.connect(grant(), user, store), ended)


@pytest.mark.parametrize(("user", "ended"), [(ANNA, Mine), (BERT, SomebodyElses)])
def test_who_loses_a_race_reads_the_winner_s_row_past_an_old_snapshot(
    user: User, ended: type
) -> None:
    store = Snapshot()
    store.late = connected(store, ANNA)
    assert isinstance(accounts.connect(grant(), user, store), ended)
    assert store.looked_anew == 1


def test_who_races_with_nobody_looks_in_the_ordinary_way() -> None:
    store = Snapshot()
    accounts.connect(grant(), ANNA, store)
    accounts.connect(grant(), ANNA, store)
    accounts.connect(grant(), BERT, store)
    accounts.recognise(grant(), store)
    accounts.verify(flow(Intent.VERIFY), grant(), ANNA, store)
    assert store.looked_anew == 0


def test_a_lost_race_to_a_row_of_another_issuer_is_no_renewal() -> None:
    store = Snapshot()
    store.late = connected(store, ANNA, issuer="https://old.test")
    with pytest.raises(ProviderError):
        accounts.connect(grant(issuer="https://new.test"), ANNA, store)
    assert store.late.issuer == "https://old.test"


def test_rows_of_a_model_without_ranks_rank_nothing() -> None:
    class Unranked(MemoryConnectionDatastore):
        def find_connections(self, **filters: Any) -> Sequence[Any]:
            return [object()]

    assert accounts.create(grant(), ANNA, Unranked()).rank is None


def test_a_row_without_an_issuer_column_is_recognised_by_its_subject() -> None:
    class Old:
        """A row of a model of before issuers."""

        user = ANNA

    class OldStore(MemoryConnectionDatastore):
        def find_connection(self, **filters: Any) -> Any:
            return Old() if filters["provider_user_id"] == "7" else None

    assert accounts.recognise(grant("8"), OldStore()) == Unrecognised()
    found = accounts.recognise(grant("7", issuer="https://acme.test"), OldStore())
    assert isinstance(found, accounts.Recognised)
    assert found.user is ANNA


def test_a_row_of_another_issuer_is_told_to_the_operator_without_either() -> None:
    store = MemoryConnectionDatastore()
    connected(store, ANNA, issuer="https://old.test")
    with pytest.raises(ProviderError) as caught:
        accounts.recognise(grant(issuer="https://new.test"), store)
    assert caught.value.step == "recognising the account"
    assert caught.value.detail == "recognising the account: the row has another"
    assert caught.value.code == "issuer_changed"
