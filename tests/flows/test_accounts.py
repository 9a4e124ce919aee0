"""What a grant means here, decided against a store in memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from flask_social.datastore.base import AlreadyConnected
from flask_social.datastore.memory import MemoryConnection, MemoryConnectionDatastore
from flask_social.errors import ProviderError
from flask_social.flows import accounts
from flask_social.flows.accounts import (
    Connected,
    LastWayIn,
    Mine,
    NothingToRemove,
    Recognised,
    Removed,
    SomebodyElses,
    Unrecognised,
    WrongAccount,
)
from flask_social.values import Flow, Grant, Identity, Intent, Token


@dataclass(frozen=True)
class User:
    fs_uniquifier: str


ANNA, BERT = User("anna"), User("bert")

EVERYTHING: dict[str, Any] = {
    "access_token": "a",
    "secret": "s",
    "refresh_token": "r",
    "id_token": "i",
    "token_type": "Bearer",
    "expires_at": 1_900_000_000,
    "scopes": ("email", "profile"),
    "issuer": "https://acme.test",
    "username": "anna7",
    "name": "Anna Seven",
    "email": "anna@acme.test",
    "email_verified": True,
    "profile_url": "https://acme.test/anna7",
    "image_url": "https://acme.test/anna7.png",
}
"""What a grant may bring besides its subject."""


def grant(subject: str = "7", *, provider_id: str = "acme", **changes: Any) -> Grant:
    """A grant; *changes* go to the token where it has such a member, else to the identity."""
    token: dict[str, Any] = {"access_token": "token-1"}
    identity: dict[str, Any] = {"subject": subject}
    for name, value in changes.items():
        (token if name in Token.__dataclass_fields__ else identity)[name] = value
    return Grant(provider_id=provider_id, token=Token(**token), identity=Identity(**identity))


def flow(intent: Intent, subject: str | None = None) -> Flow:
    return Flow(
        provider_id="acme",
        intent=intent,
        callback_url="https://app.test/connect/acme",
        created_at=0,
        subject=subject,
    )


@pytest.fixture
def store() -> MemoryConnectionDatastore:
    return MemoryConnectionDatastore()


def connected(
    store: MemoryConnectionDatastore, user: User, subject: str = "7", **columns: Any
) -> MemoryConnection:
    """A row that was committed before."""
    row = store.create_connection(
        **{"user": user, "provider_id": "acme", "provider_user_id": subject} | columns
    )
    store.commit()
    return row


def everything(store: MemoryConnectionDatastore) -> list[dict[str, Any]]:
    return [dict(vars(row)) for row in store.find_connections()]


# Recognising.


def test_a_connected_account_is_recognised_and_nothing_is_renewed_yet(
    store: MemoryConnectionDatastore,
) -> None:
    row = connected(store, ANNA, access_token="before")
    before = everything(store)
    assert accounts.recognise(grant(access_token="new"), store) == Recognised(row, ANNA)
    assert everything(store) == before


def test_an_unknown_account_is_nobody_s(store: MemoryConnectionDatastore) -> None:
    connected(store, ANNA, "8")
    brought = grant("7")
    assert accounts.recognise(brought, store) == Unrecognised()


@pytest.mark.parametrize("verified", [True, False])
def test_an_e_mail_never_makes_anybody_recognised(
    store: MemoryConnectionDatastore, verified: bool
) -> None:
    connected(store, ANNA, "7", email="anna@app.test", email_verified=True)
    brought = grant("8", email="anna@app.test", email_verified=verified, username="anna")
    assert accounts.recognise(brought, store) == Unrecognised()


@pytest.mark.parametrize("subject", ["aBC", "abc", "abC ", " abC", "ab\u0043\u0301", "abÇ"])
def test_subjects_are_told_apart_byte_by_byte(
    store: MemoryConnectionDatastore, subject: str
) -> None:
    connected(store, ANNA, "abC")
    assert isinstance(accounts.recognise(grant(subject), store), Unrecognised)


def test_the_same_subject_at_another_provider_is_another_account(
    store: MemoryConnectionDatastore,
) -> None:
    connected(store, ANNA, "42")
    brought = grant("42", provider_id="other")
    assert isinstance(accounts.recognise(brought, store), Unrecognised)


def test_a_row_whose_user_is_gone_is_nobody_s(store: MemoryConnectionDatastore) -> None:
    store.create_connection(provider_id="acme", provider_user_id="7", user=None)
    assert isinstance(accounts.recognise(grant("7"), store), Unrecognised)


def test_a_row_that_another_issuer_made_is_refused(store: MemoryConnectionDatastore) -> None:
    # The operator pointed a provider's name at another server: its subjects are other people.
    connected(store, ANNA, issuer="https://old.test")
    for ask in (
        lambda brought: accounts.recognise(brought, store),
        lambda brought: accounts.connect(brought, ANNA, store),
        lambda brought: accounts.verify(flow(Intent.VERIFY), brought, ANNA, store),
        lambda brought: accounts.reconnect(flow(Intent.RECONNECT), brought, ANNA, store),
    ):
        with pytest.raises(ProviderError) as caught:
            ask(grant(issuer="https://new.test"))
        assert caught.value.code == "issuer_changed"
        with pytest.raises(ProviderError):
            ask(grant(issuer=None))


@pytest.mark.parametrize("recorded", ["https://a.test", None])
def test_a_row_of_before_issuers_were_recorded_is_anybody_s(
    store: MemoryConnectionDatastore, recorded: str | None
) -> None:
    connected(store, ANNA, issuer=recorded)
    assert isinstance(accounts.recognise(grant(issuer="https://a.test"), store), Recognised)


# Connecting.


def test_a_new_account_becomes_a_row_with_all_that_the_grant_brought(
    store: MemoryConnectionDatastore,
) -> None:
    brought = grant("7", **EVERYTHING)
    outcome = accounts.connect(brought, ANNA, store)
    assert isinstance(outcome, Connected)
    row = outcome.connection
    assert {name: getattr(row, name) for name in brought_columns()} == {
        "user": ANNA,
        "provider_id": "acme",
        "issuer": "https://acme.test",
        "provider_user_id": "7",
        "access_token": "a",
        "secret": "s",
        "refresh_token": "r",
        "id_token": "i",
        "token_type": "Bearer",
        "scopes": "email profile",
        "expires_at": 1_900_000_000,
        "display_name": "anna7",
        "full_name": "Anna Seven",
        "email": "anna@acme.test",
        "email_verified": True,
        "profile_url": "https://acme.test/anna7",
        "image_url": "https://acme.test/anna7.png",
        "rank": 1,
        "needs_reauth": False,
    }


def brought_columns() -> list[str]:
    ours = {"id", "version", "lease_until", "created_at", "updated_at"}
    return [name for name in MemoryConnection.__dataclass_fields__ if name not in ours]


def test_without_a_username_the_name_is_displayed(store: MemoryConnectionDatastore) -> None:
    outcome = accounts.connect(grant(name="Anna Seven"), ANNA, store)
    assert isinstance(outcome, Connected)
    assert outcome.connection.display_name == "Anna Seven"


def test_scopes_that_the_provider_did_not_tell_are_unknown_and_none_is_none(
    store: MemoryConnectionDatastore,
) -> None:
    untold = accounts.connect(grant("1"), ANNA, store)
    empty = accounts.connect(grant("2", scopes=()), ANNA, store)
    assert isinstance(untold, Connected)
    assert isinstance(empty, Connected)
    assert (untold.connection.scopes, empty.connection.scopes) == (None, "")


def test_nothing_is_committed_by_a_decision(store: MemoryConnectionDatastore) -> None:
    accounts.connect(grant(), ANNA, store)
    store.rollback()
    assert everything(store) == []


def test_my_own_account_again_is_renewed_and_stays_one_row(
    store: MemoryConnectionDatastore,
) -> None:
    row = connected(store, ANNA, access_token="before", needs_reauth=True)
    outcome = accounts.connect(grant(access_token="new", name="Anna"), ANNA, store)
    assert outcome == Mine(row)
    assert (row.access_token, row.full_name, row.needs_reauth) == ("new", "Anna", False)
    assert len(everything(store)) == 1


def test_somebody_else_s_account_changes_nothing(store: MemoryConnectionDatastore) -> None:
    connected(store, ANNA, access_token="before")
    before = everything(store)
    assert accounts.connect(grant(access_token="new"), BERT, store) == SomebodyElses()
    assert everything(store) == before


def test_an_outcome_does_not_tell_whose_an_account_is(store: MemoryConnectionDatastore) -> None:
    connected(store, ANNA)
    assert "anna" not in repr(accounts.connect(grant(), BERT, store))


class Overtaken(MemoryConnectionDatastore):
    """A store in which somebody is faster between the look and the write."""

    def __init__(self, faster: User | None) -> None:
        super().__init__()
        self.faster = faster

    def create_connection(self, **values: Any) -> MemoryConnection:
        if self.faster is not None:
            super().create_connection(**(values | {"user": self.faster, "access_token": "theirs"}))
            self.commit()
        raise AlreadyConnected("taken meanwhile")


def test_whoever_loses_the_race_to_somebody_else_sees_a_conflict() -> None:
    store = Overtaken(faster=ANNA)
    assert accounts.connect(grant(), BERT, store) == SomebodyElses()
    [row] = everything(store)
    assert (row["user"], row["access_token"]) == (ANNA, "theirs")


def test_whoever_loses_the_race_to_themselves_is_connected() -> None:
    store = Overtaken(faster=ANNA)
    outcome = accounts.connect(grant(access_token="mine"), ANNA, store)
    assert isinstance(outcome, Mine)
    assert outcome.connection.access_token == "mine"
    assert len(everything(store)) == 1


def test_a_winner_who_is_gone_again_leaves_a_conflict_and_no_row() -> None:
    store = Overtaken(faster=None)
    assert accounts.connect(grant(), BERT, store) == SomebodyElses()
    assert everything(store) == []


def test_of_many_users_at_once_exactly_one_gets_the_account(
    store: MemoryConnectionDatastore,
) -> None:
    start, outcomes = threading.Barrier(8), []

    def run(user: User) -> None:
        start.wait()
        outcomes.append(accounts.connect(grant("9"), user, store))
        store.commit()

    threads = [threading.Thread(target=run, args=(User(str(n)),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, Connected) for outcome in outcomes) == 1
    assert outcomes.count(SomebodyElses()) == 7
    assert len(everything(store)) == 1


@pytest.mark.parametrize(
    ("ranks", "rank"),
    [([], 1), ([1], 2), ([1, 2], 3), ([2, 9], 10), ([None], None), ([1, None], None)],
)
def test_a_new_connection_ranks_behind_the_others_of_its_provider(
    store: MemoryConnectionDatastore, ranks: list[int | None], rank: int | None
) -> None:
    for n, each in enumerate(ranks):
        connected(store, ANNA, f"old {n}", rank=each)
    connected(store, ANNA, "x", provider_id="other", rank=77)
    connected(store, BERT, "y", rank=88)
    new = accounts.create(grant("new"), ANNA, store)
    assert new.rank == rank
    assert store.find_connections(user=ANNA, provider_id="acme")[-1] is new


def test_a_taken_account_cannot_be_created_again(store: MemoryConnectionDatastore) -> None:
    connected(store, ANNA)
    with pytest.raises(AlreadyConnected):
        accounts.create(grant(), BERT, store)


# Renewing.


def test_what_a_grant_does_not_bring_stays(store: MemoryConnectionDatastore) -> None:
    row = connected(
        store,
        ANNA,
        refresh_token="kept",
        scopes="email",
        email="anna@acme.test",
        email_verified=True,
        full_name="Anna",
    )
    accounts.renew(row, grant(access_token="new"), store)
    assert row.access_token == "new"
    assert (row.refresh_token, row.scopes, row.full_name) == ("kept", "email", "Anna")
    assert (row.email, row.email_verified) == ("anna@acme.test", True)


def test_a_new_address_brings_its_own_verification(store: MemoryConnectionDatastore) -> None:
    row = connected(store, ANNA, email="old@acme.test", email_verified=True)
    accounts.renew(row, grant(email="new@acme.test", email_verified=False), store)
    assert (row.email, row.email_verified) == ("new@acme.test", False)


def test_an_expiry_is_of_the_new_token_even_when_that_has_none(
    store: MemoryConnectionDatastore,
) -> None:
    row = connected(store, ANNA, expires_at=1, needs_reauth=True)
    accounts.renew(row, grant(), store)
    assert (row.expires_at, row.needs_reauth) == (None, False)


@pytest.mark.parametrize(("is_broken", "kept"), [(True, None), (False, "spent")])
def test_a_refresh_token_that_is_of_no_use_goes_with_what_mends_the_connection(
    store: MemoryConnectionDatastore, is_broken: bool, kept: str | None
) -> None:
    row = connected(store, ANNA, refresh_token="spent", needs_reauth=is_broken)
    accounts.renew(row, grant(refresh_token=None), store)
    assert (row.refresh_token, row.needs_reauth) == (kept, False)


def test_a_lease_ends_only_with_the_refresh_token_that_it_is_for(
    store: MemoryConnectionDatastore,
) -> None:
    row = connected(store, ANNA, refresh_token="spend me", lease_until=9)
    accounts.renew(row, grant(access_token="new"), store)
    assert (row.refresh_token, row.lease_until) == ("spend me", 9)
    accounts.renew(row, grant(access_token="new", refresh_token="another"), store)
    assert (row.refresh_token, row.lease_until) == ("another", None)


# Reconnecting and verifying.


@pytest.mark.parametrize(("brought", "stays"), [(None, True), ("new refresh", False)])
def test_an_id_token_stays_beside_the_refresh_token_that_it_came_with(
    store: MemoryConnectionDatastore, brought: str | None, stays: bool
) -> None:
    """A refreshed one is compared with it: a login's, which tells a later time, is none of them."""
    row = connected(store, ANNA, refresh_token="old refresh", id_token="old id")
    accounts.renew(row, grant(refresh_token=brought, id_token="new id"), store)
    assert row.id_token == ("old id" if stays else "new id")
    assert row.refresh_token == (brought or "old refresh")


def test_reconnecting_renews_the_account_that_was_asked_for(
    store: MemoryConnectionDatastore,
) -> None:
    row = connected(store, ANNA, access_token="before")
    outcome = accounts.reconnect(
        flow(Intent.RECONNECT, "7"), grant("7", access_token="new"), ANNA, store
    )
    assert outcome == Mine(row)
    assert row.access_token == "new"


def test_reconnecting_without_a_named_account_takes_any_of_mine(
    store: MemoryConnectionDatastore,
) -> None:
    connected(store, ANNA, "7")
    row = connected(store, ANNA, "8")
    outcome = accounts.reconnect(flow(Intent.RECONNECT), grant("8"), ANNA, store)
    assert outcome == Mine(row)


@pytest.mark.parametrize("asked", ["7", None])
@pytest.mark.parametrize("back", ["8", "9", "10"])
def test_another_account_coming_back_changes_nothing(
    store: MemoryConnectionDatastore, asked: str | None, back: str
) -> None:
    # 8 is mine but not asked for, 9 is Bert's, 10 is nobody's.
    connected(store, ANNA, "7")
    if asked:
        connected(store, ANNA, "8")
    connected(store, BERT, "9")
    before = everything(store)
    for decide, intent in (
        (accounts.reconnect, Intent.RECONNECT),
        (accounts.verify, Intent.VERIFY),
    ):
        brought = grant(back, access_token="new")
        assert decide(flow(intent, asked), brought, ANNA, store) == WrongAccount()
    assert everything(store) == before


def test_verifying_recognises_my_own_row_and_changes_nothing(
    store: MemoryConnectionDatastore,
) -> None:
    row = connected(store, ANNA, access_token="before")
    before = everything(store)
    outcome = accounts.verify(flow(Intent.VERIFY), grant(access_token="new"), ANNA, store)
    assert outcome == Recognised(row, ANNA)
    assert everything(store) == before


def test_the_same_e_mail_verifies_nobody(store: MemoryConnectionDatastore) -> None:
    connected(store, ANNA, "7", email="anna@app.test", email_verified=True)
    brought = grant("8", email="anna@app.test", email_verified=True)
    assert accounts.verify(flow(Intent.VERIFY), brought, ANNA, store) == WrongAccount()


# Disconnecting.


def yes(remaining: Sequence[Any]) -> bool:
    return True


def no(remaining: Sequence[Any]) -> bool:
    return False


def test_one_connection_is_removed_and_the_others_stay(store: MemoryConnectionDatastore) -> None:
    connected(store, ANNA, "7")
    kept = connected(store, ANNA, "8")
    outcome = accounts.disconnect(ANNA, "acme", "7", store, asked := Asked(True))
    store.commit()
    assert outcome == Removed([("acme", "7")])
    assert store.find_connections(user=ANNA) == [kept]
    assert asked.remaining == [kept]


class Asked:
    """Answers whether there is another way in, and notes what it was told remains."""

    def __init__(self, answer: bool) -> None:
        self.answer = answer
        self.remaining: list[Any] | None = None

    def __call__(self, remaining: Sequence[Any]) -> bool:
        self.remaining = list(remaining)
        return self.answer


def test_all_connections_to_a_provider_are_removed(store: MemoryConnectionDatastore) -> None:
    connected(store, ANNA, "7")
    connected(store, ANNA, "8")
    kept = [
        connected(store, ANNA, "7", provider_id="other"),
        connected(store, BERT, "9"),
    ]
    outcome = accounts.disconnect(ANNA, "acme", None, store, asked := Asked(True))
    store.commit()
    assert outcome == Removed([("acme", "7"), ("acme", "8")])
    assert store.find_connections() == kept
    assert asked.remaining == kept[:1]


@pytest.mark.parametrize("subject", ["9", "10", "", "7 ", "None", None])
def test_what_is_not_mine_is_not_there(
    store: MemoryConnectionDatastore, subject: str | None
) -> None:
    connected(store, BERT, "9")
    connected(store, ANNA, "7", provider_id="other")
    before = everything(store)
    asked = Asked(True)
    assert accounts.disconnect(ANNA, "acme", subject, store, asked) == NothingToRemove()
    store.commit()
    assert everything(store) == before
    assert asked.remaining is None


@pytest.mark.parametrize("subject", ["7", None])
def test_the_last_way_in_stays(store: MemoryConnectionDatastore, subject: str | None) -> None:
    connected(store, ANNA, "7")
    before = everything(store)
    assert accounts.disconnect(ANNA, "acme", subject, store, no) == LastWayIn()
    store.commit()
    assert everything(store) == before


def test_a_subject_that_a_model_keeps_as_a_number_is_removed_by_its_text(
    store: MemoryConnectionDatastore,
) -> None:
    row = connected(store, ANNA, "7")
    vars(row)["provider_user_id"] = 7
    assert isinstance(accounts.disconnect(ANNA, "acme", "7", store, yes), Removed)


def test_of_two_removals_at_once_one_is_the_last_way_in(store: MemoryConnectionDatastore) -> None:
    connected(store, ANNA, "7")
    connected(store, ANNA, "8")
    start, outcomes = threading.Barrier(2), []

    def run(subject: str) -> None:
        start.wait()
        outcomes.append(accounts.disconnect(ANNA, "acme", subject, store, bool))
        store.commit()

    threads = [threading.Thread(target=run, args=(subject,)) for subject in ("7", "8")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LastWayIn", "Removed"]
    assert len(everything(store)) == 1
