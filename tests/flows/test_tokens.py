"""A fresh token: who asks the provider, who waits, and what is left of a refresh that fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from flask_social import clock
from flask_social.errors import (
    ProviderError,
    ProviderUnavailable,
    ReconnectNeeded,
    StoreUnavailable,
)
from flask_social.flows.needs import LONGEST_LEASE, Held, Need
from flask_social.flows.tokens import ATTEMPTS
from flask_social.values import Unreadable

from .keepers import LEASE, NOW, Broke, Kept, at_once, fresh_token, kept, nap


@pytest.fixture
def it() -> Iterator[Kept]:
    with kept() as made:
        yield made


def reconnect(it: Kept, need: Need | None = None, **changes: Any) -> str:
    """The reason for which nobody gets a token."""
    with pytest.raises(ReconnectNeeded) as raised:
        it.ask(need, **changes)
    error = raised.value
    assert (error.provider_id, error.provider_user_id) == ("op", "person-1")
    assert (error.status, error.code) == (409, "reconnect_needed")
    return error.reason


def unavailable(it: Kept, need: Need | None = None) -> ProviderUnavailable:
    with pytest.raises(ProviderUnavailable) as raised:
        it.ask(need)
    return raised.value


# A token that is good is used as it is.


@pytest.mark.parametrize("expires_at", [None, NOW + 61, NOW + 9999])
def test_a_token_that_is_not_due_is_used_without_a_query(it: Kept, expires_at: int | None) -> None:
    it.connect(expires_at=expires_at)
    assert it.ask() == "old"
    assert it.store.asked == []


@pytest.mark.parametrize("expires_at", [NOW + 60, NOW + 1, NOW, NOW - 9999])
def test_a_token_is_refreshed_a_minute_before_it_expires(it: Kept, expires_at: int) -> None:
    it.connect(expires_at=expires_at)
    it.answers = [fresh_token()]
    assert it.ask() == "new"
    assert [each.refresh_token for each in it.sent] == ["spend me"]


def test_the_new_pair_is_in_the_row_and_the_lease_is_over(it: Kept) -> None:
    it.connect(issuer="https://op.example", scopes="a", id_token="id 1", display_name="Ada")
    it.answers = [fresh_token(id_token="id 2")]
    it.ask()
    row = it.row
    assert (row.access_token, row.refresh_token) == ("new", "spend new")
    assert (row.id_token, row.scopes, row.expires_at) == ("id 2", "a b", NOW + 3600)
    assert (row.lease_until, row.needs_reauth, row.display_name) == (None, False, "Ada")
    [known] = it.knew
    assert (known.subject, known.issuer) == ("person-1", "https://op.example")


def test_an_expiry_that_is_unknown_by_now_is_written_as_unknown(it: Kept) -> None:
    it.connect()
    it.answers = [fresh_token(expires_at=None, scopes=None)]
    assert it.ask() == "new"
    assert (it.row.expires_at, it.row.scopes) == (None, None)
    assert it.ask() == "new"
    assert len(it.sent) == 1


def test_what_is_handed_out_is_not_for_refreshing(it: Kept) -> None:
    it.connect(expires_at=NOW + 999, secret="a secret")
    held = it.keeper().fresh(Held.of(it.row), Need())
    assert held.usable_token().refresh_token is None
    assert held.usable_token().secret == "a secret"


def test_the_transaction_is_ended_before_the_provider_is_asked(it: Kept) -> None:
    it.connect()

    def look(token: Any) -> Any:
        assert it.store.asked == ["release", "read_token", "swap_token"]
        assert it.row.lease_until == NOW + LEASE
        return fresh_token()

    it.answers = [look]
    assert it.ask() == "new"


def test_somebody_may_need_a_token_for_longer(it: Kept) -> None:
    it.connect(expires_at=NOW + 1000)
    it.answers = [fresh_token()]
    assert it.ask(Need(within=1000)) == "new"
    it.answers = []
    assert it.ask(Need(within=1000)) == "new"


def test_what_another_process_refreshed_is_used(it: Kept) -> None:
    mine = it.connect()
    before = it.snapshot()
    it.other(access_token="theirs", expires_at=NOW + 999)
    held = it.keeper().fresh(Held.of(before), Need())
    assert held.usable_token().access_token == "theirs"
    assert mine.version == 2
    assert it.sent == []


def test_a_row_may_lack_every_column_that_is_not_documented(it: Kept) -> None:
    class Old:
        provider_id, provider_user_id = "op", 7
        access_token, secret = "old", ""

    held = it.keeper().fresh(Held.of(Old()), Need())
    token = held.usable_token()
    assert (token.access_token, token.secret, token.expires_at) == ("old", None, None)
    assert (token.token_type, token.scopes) == ("Bearer", None)
    assert held.provider_user_id == "7"


def test_an_expiry_that_is_no_number_counts_as_unknown(it: Kept) -> None:
    row = it.connect(expires_at="tomorrow", scopes="a b")
    held = Held.of(row)
    assert (held.token.expires_at, held.token.scopes) == (None, ("a", "b"))


# One refreshes, the others wait.


def test_who_finds_a_lease_waits_for_the_result(it: Kept) -> None:
    it.connect(lease_until=NOW + LEASE)

    def meanwhile() -> None:
        if len(it.pauses) == 6:
            it.other(access_token="theirs", expires_at=NOW + 999, lease_until=None)

    it.meanwhile = meanwhile
    assert it.ask() == "theirs"
    assert it.pauses == [0.05, 0.1, 0.2, 0.4, 0.5, 0.5]
    assert it.sent == []


def test_a_lease_whose_holder_died_is_taken_over_when_it_is_past(it: Kept) -> None:
    it.connect(lease_until=NOW + LEASE)
    it.answers = [fresh_token()]
    assert it.ask() == "new"
    assert NOW + LEASE <= it.now <= NOW + LEASE + 0.001


@pytest.mark.parametrize("ahead", [LONGEST_LEASE + 1, 86_400, 10**9])
def test_a_lease_that_a_wrong_clock_took_keeps_nobody_waiting(it: Kept, ahead: int) -> None:
    it.connect(lease_until=NOW + ahead)
    it.answers = [fresh_token()]
    assert it.ask() == "new"
    assert it.pauses == []
    assert it.row.lease_until is None


def test_one_of_a_process_that_allows_its_provider_more_time_is_waited_for(it: Kept) -> None:
    it.connect(lease_until=NOW + LONGEST_LEASE)
    assert unavailable(it).code == "too_slow"
    assert it.sent == []


def test_nobody_waits_longer_than_one_lease(it: Kept) -> None:
    it.connect(lease_until=NOW + LEASE)
    it.meanwhile = lambda: it.other(lease_until=int(it.now) + LEASE)  # others are faster, always
    error = unavailable(it)
    assert (error.code, error.status, error.retry_after) == ("too_slow", 504, 1)
    assert sum(it.pauses) == pytest.approx(LEASE)
    assert it.sent == []


def test_who_loses_the_race_for_the_lease_looks_again(it: Kept) -> None:
    it.connect()

    def overtaken(token: Any, values: Any) -> None:
        it.store.at.clear()
        it.other(access_token="theirs", expires_at=NOW + 999)

    it.store.at["swap_token"] = overtaken
    assert it.ask() == "theirs"
    assert it.sent == []


def test_one_that_others_got_meanwhile_will_do_though_its_life_is_short(it: Kept) -> None:
    it.connect(lease_until=NOW + LEASE)

    def meanwhile() -> None:
        if len(it.pauses) == 3:
            it.other(access_token="theirs", expires_at=int(it.now) + 30, lease_until=None)

    it.meanwhile = meanwhile
    assert it.ask() == "theirs"
    assert it.sent == []


@pytest.mark.parametrize("said", [{"expires_at": NOW - 1}, {"access_token": "refused"}])
def test_but_not_one_that_is_of_no_use(it: Kept, said: dict[str, Any]) -> None:
    it.connect(lease_until=NOW + LEASE)
    theirs = {"access_token": "theirs", "expires_at": NOW + 30, "lease_until": None, **said}

    def meanwhile() -> None:
        it.meanwhile = lambda: None
        it.other(**theirs)

    it.meanwhile = meanwhile
    it.answers = [fresh_token()]
    assert it.ask(Need(refused="refused")) == "new"


def test_a_short_life_is_used_for_half_of_it(it: Kept) -> None:
    it.connect()
    it.answers = [
        fresh_token(name, expires_at=NOW + 40) for name in ("short", "next", "third", "last")
    ]
    held = it.keeper().fresh(Held.of(it.snapshot()), Need())
    it.now += 19
    assert it.keeper().fresh(held, Need()) is held
    for need in (Need(strict=True), Need(refused="short")):
        assert it.keeper().fresh(held, need).token.access_token in ("next", "third")
    it.now += 1
    assert it.keeper().fresh(held, Need()).token.access_token == "last"
    assert len(it.sent) == 4


def test_twenty_threads_make_one_refresh() -> None:
    it = Kept()
    it.connect()
    inside = threading.Event()

    def slowly(token: Any) -> Any:
        inside.set()
        return fresh_token()

    it.answers = [slowly]
    with clock.replaced(lambda: NOW, nap):
        got = at_once(20, it.ask)
    assert got == ["new"] * 20
    assert inside.is_set()
    assert len(it.sent) == 1


def test_a_model_without_a_version_has_no_lease(it: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    it.connect()
    row = it.store.read_token(it.row)
    assert row is not None
    bare = replace(row, version=None)
    swapped: list[Any] = []

    def swap(token: Any, **values: Any) -> Any:
        swapped.append(values)
        return replace(token, **values)

    monkeypatch.setattr(it.store, "read_token", lambda connection: bare)
    monkeypatch.setattr(it.store, "swap_token", swap)
    it.answers = [fresh_token(), ProviderError("refreshing the token", "bad_answer")]
    assert it.ask() == "new"
    unavailable(it)
    assert [each["access_token"] for each in swapped] == ["new"]  # no lease is given back either


# Writing the new pair.


def test_a_change_of_something_else_meanwhile_does_not_lose_the_pair(it: Kept) -> None:
    it.connect()

    def answer(token: Any) -> Any:
        it.other(rank=7)
        it.other(display_name="Ada")
        return fresh_token()

    it.answers = [answer]
    assert it.ask() == "new"
    assert (it.row.rank, it.row.display_name, it.row.refresh_token) == (7, "Ada", "spend new")


def test_a_login_that_brought_its_own_refresh_token_meanwhile_wins(it: Kept) -> None:
    it.connect()

    def answer(token: Any) -> Any:
        it.other(access_token="login", refresh_token="of login", expires_at=NOW + 999)
        return fresh_token()

    it.answers = [answer]
    assert it.ask() == "login"
    assert (it.row.access_token, it.row.refresh_token) == ("login", "of login")


def test_a_login_that_brought_none_does_not_lose_the_pair(it: Kept) -> None:
    it.connect()

    def answer(token: Any) -> Any:
        it.other(access_token="login", expires_at=NOW + 999)
        return fresh_token()

    it.answers = [answer]
    assert it.ask() == "new"
    assert it.row.refresh_token == "spend new"


def test_a_row_that_is_gone_when_the_answer_comes_is_gone(it: Kept) -> None:
    it.connect()

    def answer(token: Any) -> Any:
        it.store.delete_connections(provider_id="op")
        return fresh_token()

    it.answers = [answer]
    assert reconnect(it) == "removed"


def test_a_database_in_trouble_is_given_some_tries_for_the_new_pair(it: Kept) -> None:
    it.connect()
    tries = iter([Broke("away")] * (ATTEMPTS - 1))

    def answer(token: Any) -> Any:
        it.store.at["swap_token"] = trip
        return fresh_token()

    def trip(token: Any, values: Any) -> None:
        if (error := next(tries, None)) is not None:
            raise error

    it.answers = [answer]
    assert it.ask() == "new"
    assert it.pauses == [0.05, 0.1, 0.2, 0.4]


def test_a_commit_whose_answer_was_lost_is_found_in_the_row(it: Kept) -> None:
    it.connect()

    def answer(token: Any) -> Any:
        it.store.at["swap_token"] = commit_and_break
        return fresh_token()

    def commit_and_break(token: Any, values: Any) -> None:
        it.store.at.clear()
        it.other(**values)
        raise Broke("away")

    it.answers = [answer]
    assert it.ask() == "new"
    assert (it.row.access_token, it.row.refresh_token) == ("new", "spend new")
    assert len(it.sent) == 1


@pytest.mark.parametrize(("text", "tries"), [("away", ATTEMPTS), ("a mistake", 1)])
def test_a_pair_that_cannot_be_written_is_not_used(it: Kept, text: str, tries: int) -> None:
    it.connect()
    met = []

    def trip(token: Any, values: Any) -> None:
        if "access_token" in values:
            met.append(values)
            raise Broke(text)

    it.store.at["swap_token"] = trip
    it.answers = [fresh_token()]
    with pytest.raises(Broke):
        it.ask()
    assert len(met) == tries
    assert it.row.access_token == "old"


# Nothing to refresh it with.


def test_without_a_refresh_token_it_is_used_until_it_expires(it: Kept) -> None:
    it.connect(refresh_token=None, expires_at=NOW + 1)
    assert it.ask() == "old"
    it.now += 1
    assert reconnect(it) == "expired"
    assert (it.row.needs_reauth, it.broken) == (False, [])


def test_so_it_is_where_the_provider_cannot_refresh(it: Kept) -> None:
    it.connect()
    assert reconnect(it, refresh=None) == "expired"
    it.row.expires_at = NOW + 1
    assert it.ask(refresh=None) == "old"


def test_a_token_that_no_key_opens_is_no_fault_of_the_connection(it: Kept) -> None:
    it.connect(expires_at=NOW + 999, refresh_token=None)
    it.row.access_token = Unreadable()
    assert reconnect(it) == "unreadable"
    it.row.refresh_token = Unreadable()
    assert reconnect(it) == "unreadable"
    assert (it.row.needs_reauth, it.broken) == (False, [])


def test_a_refresh_token_that_no_key_opens_is_needed_only_when_the_other_expired(it: Kept) -> None:
    it.connect(expires_at=NOW + 30)
    it.row.refresh_token = Unreadable()
    assert it.ask() == "old"
    it.now += 30
    assert reconnect(it) == "unreadable"
    it.row.expires_at = NOW + 999
    assert reconnect(it, Need(refused="old")) == "unreadable"
    assert (it.row.needs_reauth, it.broken) == (False, [])


def test_a_readable_refresh_token_makes_up_for_an_access_token_that_is_not(it: Kept) -> None:
    it.connect(expires_at=NOW + 999)
    it.row.access_token = Unreadable()
    it.answers = [fresh_token()]
    assert it.ask() == "new"


def test_a_row_that_has_no_token_by_now(it: Kept) -> None:
    it.connect()
    it.other(access_token=None, refresh_token=None)
    assert reconnect(it) == "expired"


def test_a_row_that_is_gone(it: Kept) -> None:
    it.connect()
    it.store.delete_connections(provider_id="op")
    assert reconnect(it) == "removed"


# Broken connections.


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("invalid_grant", "invalid_grant"),
        ("interaction_required", "invalid_grant"),
        ("login_required", "invalid_grant"),
        ("consent_required", "invalid_grant"),
        ("account_selection_required", "invalid_grant"),
        ("changed", "changed"),
    ],
)
def test_a_refusal_breaks_the_connection_and_keeps_its_tokens(
    it: Kept, code: str, reason: str
) -> None:
    it.connect(expires_at=NOW + 30)
    it.answers = [ProviderError("refreshing the token", code)]
    assert reconnect(it) == reason
    row = it.row
    assert (row.needs_reauth, row.lease_until) == (True, None)
    assert (row.access_token, row.refresh_token) == ("old", "spend me")
    assert [(each.key, why) for each, why in it.broken] == [(row.id, reason)]
    assert reconnect(it) == "needs_reauth"
    assert (len(it.sent), len(it.broken)) == (1, 1)


def test_a_broken_connection_in_memory_is_looked_at_again(it: Kept) -> None:
    it.connect(expires_at=NOW + 999)
    before = replace(it.row, needs_reauth=True)
    held = it.keeper().fresh(Held.of(before), Need())
    assert held.usable_token().access_token == "old"


def test_a_refusal_of_a_token_that_others_replaced_meanwhile_breaks_nothing(it: Kept) -> None:
    it.connect()

    def answer(token: Any) -> Any:
        it.other(access_token="theirs", refresh_token="their", expires_at=NOW + 999)
        raise ProviderError("refreshing the token", "invalid_grant")

    it.answers = [answer]
    assert it.ask() == "theirs"
    assert (it.row.needs_reauth, it.broken) == (False, [])


def test_two_who_are_refused_tell_it_once(it: Kept) -> None:
    it.connect()

    def answer(token: Any) -> Any:
        it.other(needs_reauth=True)
        raise ProviderError("refreshing the token", "invalid_grant")

    it.answers = [answer]
    assert reconnect(it) == "needs_reauth"
    assert it.broken == []


def test_a_row_that_vanishes_while_it_is_marked(it: Kept) -> None:
    it.connect()

    def answer(token: Any) -> Any:
        it.store.delete_connections(provider_id="op")
        raise ProviderError("refreshing the token", "invalid_grant")

    it.answers = [answer]
    assert reconnect(it) == "removed"


def test_who_is_overtaken_in_marking_it_looks_again(it: Kept) -> None:
    it.connect()

    def overtaken(token: Any, values: Any) -> None:
        if "needs_reauth" in values:
            it.store.at.clear()
            it.other(access_token="theirs", refresh_token="their", expires_at=NOW + 999)

    it.store.at["swap_token"] = overtaken
    it.answers = [ProviderError("refreshing the token", "invalid_grant")]
    assert it.ask() == "theirs"
    assert it.broken == []


def test_where_the_model_cannot_record_it_it_is_raised_and_not_told(
    it: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    it.connect()
    swap = it.store.swap_token

    def forgetful(token: Any, **values: Any) -> Any:
        return swap(token, **{name: values[name] for name in values if name != "needs_reauth"})

    monkeypatch.setattr(it.store, "swap_token", forgetful)
    it.answers = [ProviderError("refreshing the token", "invalid_grant")] * 2
    assert [reconnect(it), reconnect(it)] == ["invalid_grant"] * 2
    assert it.broken == []


# An API that refuses the token.


def test_a_refused_token_is_refreshed_however_long_it_lasts(it: Kept) -> None:
    it.connect(expires_at=NOW + 999)
    it.answers = [fresh_token()]
    assert it.ask(Need(refused="old")) == "new"


def test_what_replaced_a_refused_token_meanwhile_is_used(it: Kept) -> None:
    it.connect(access_token="theirs", expires_at=NOW + 999)
    before = replace(it.row, access_token="old")
    held = it.keeper().fresh(Held.of(before), Need(refused="old"))
    assert held.usable_token().access_token == "theirs"
    assert it.sent == []


@pytest.mark.parametrize("expires_at", [None, NOW + 999])
def test_a_refused_token_that_nothing_can_refresh_breaks_the_connection(
    it: Kept, expires_at: int | None
) -> None:
    it.connect(refresh_token=None, expires_at=expires_at)
    assert reconnect(it, Need(refused="old")) == "unauthorized"
    assert (it.row.needs_reauth, it.row.access_token) == (True, "old")
    assert [why for _, why in it.broken] == ["unauthorized"]


def test_unless_it_has_expired_anyway(it: Kept) -> None:
    it.connect(refresh_token=None)
    assert reconnect(it, Need(refused="old")) == "expired"
    assert (it.row.needs_reauth, it.broken) == (False, [])


def test_or_the_api_is_known_to_mean_other_things(it: Kept) -> None:
    it.connect(refresh_token=None, expires_at=None)
    assert it.ask(Need(refused="old"), breaks_on_401=False) == "old"
    it.keeper(breaks_on_401=False).give_up(Held.of(it.row), "old")
    assert (it.row.needs_reauth, it.broken) == (False, [])


def test_a_second_refusal_breaks_the_connection(it: Kept) -> None:
    it.connect(expires_at=NOW + 999)
    with pytest.raises(ReconnectNeeded, match="unauthorized"):
        it.keeper().give_up(Held.of(it.row), "old")
    assert it.row.needs_reauth
    assert [why for _, why in it.broken] == ["unauthorized"]


def test_but_not_if_the_row_has_another_token_by_now_or_is_gone(it: Kept) -> None:
    it.connect(expires_at=NOW + 999)
    held = Held.of(it.row)
    it.keeper().give_up(held, "an older one")
    it.store.delete_connections(provider_id="op")
    it.keeper().give_up(held, "old")
    assert it.broken == []


def test_whoever_comes_after_it_was_marked_is_told_too(it: Kept) -> None:
    it.connect(expires_at=NOW + 999)
    held = Held.of(it.snapshot())
    it.other(needs_reauth=True)
    with pytest.raises(ReconnectNeeded, match="needs_reauth"):
        it.keeper().give_up(held, "old")
    assert it.broken == []


def test_whoever_is_overtaken_in_marking_it_after_a_refusal_looks_again(it: Kept) -> None:
    it.connect(expires_at=NOW + 999)

    def overtaken(token: Any, values: Any) -> None:
        it.store.at.clear()
        it.other(display_name="Ann")

    it.store.at["swap_token"] = overtaken
    with pytest.raises(ReconnectNeeded, match="unauthorized"):
        it.keeper().give_up(Held.of(it.row), "old")
    assert [why for _, why in it.broken] == ["unauthorized"]


def test_no_token_shows_in_what_somebody_needs() -> None:
    need = Need(refused="hush")
    assert "hush" not in repr(need)
    assert "hush" not in repr({"refused": need.refused})


# The provider cannot do it now.

BUSY = ProviderUnavailable("refreshing the token", "busy", "status 429", retry_after=30)


@pytest.mark.parametrize(
    ("error", "code", "status", "wait"),
    [
        (BUSY, "busy", 503, 30),
        (ProviderUnavailable("s", "too_slow", status=504), "too_slow", 504, 10),
        (ProviderUnavailable("s", "unavailable", "status 500", status=502), "unavailable", 502, 10),
        (ProviderUnavailable("s", "invalid_client", "wrong"), "invalid_client", 503, 10),
        (ProviderError("s", "bad_answer", "not JSON"), "bad_answer", 502, 10),
    ],
)
def test_a_failure_keeps_everything_and_says_when_to_try_again(
    it: Kept, error: ProviderError, code: str, status: int, wait: int
) -> None:
    it.connect()
    it.answers = [error]
    raised = unavailable(it)
    assert (raised.code, raised.status, raised.retry_after) == (code, status, wait)
    assert (raised.step, raised.detail) == (error.step, error.detail)
    row = it.row
    assert (row.access_token, row.refresh_token, row.expires_at) == ("old", "spend me", NOW - 1)
    assert (row.lease_until, row.needs_reauth, it.broken) == (None, False, [])


def test_the_old_token_will_do_as_long_as_it_lasts(it: Kept) -> None:
    it.connect(expires_at=NOW + 20)
    it.answers = [BUSY]
    assert it.ask() == "old"
    it.now += 10
    assert it.ask() == "old"
    assert len(it.sent) == 1
    it.now += 10
    assert unavailable(it).retry_after == 10


def test_unless_it_was_refused_or_somebody_is_strict(it: Kept) -> None:
    it.connect(expires_at=NOW + 20)
    it.answers = [BUSY]
    assert unavailable(it, Need(refused="old")).code == "busy"
    assert unavailable(it, Need(strict=True)).code == "busy"
    assert len(it.sent) == 1


def test_nobody_of_this_process_asks_again_before_the_delay_is_over(it: Kept) -> None:
    it.connect()
    it.answers = [BUSY, fresh_token()]
    unavailable(it)
    for waited in (0, 20, 29):
        it.now = NOW + waited
        assert unavailable(it).retry_after == 30 - waited
    assert len(it.sent) == 1
    it.now = NOW + 30
    assert it.ask() == "new"


def test_those_who_waited_do_not_ask_either() -> None:
    it = Kept()
    it.connect()
    it.answers = [BUSY]
    with clock.replaced(lambda: NOW, nap):
        got = at_once(20, it.ask)
    assert [getattr(each, "code", each) for each in got] == ["busy"] * 20
    assert len(it.sent) == 1


def test_a_mistake_of_ours_gives_the_lease_back_and_is_raised(it: Kept) -> None:
    it.connect()
    it.answers = [KeyError("ours")]
    with pytest.raises(KeyError):
        it.ask()
    assert it.row.lease_until is None


@pytest.mark.parametrize(
    ("written", "lease"),
    [({"display_name": "Ada"}, None), ({"lease_until": NOW + 99}, NOW + 99)],
    ids=["the lease is ours still", "it is another's by now"],
)
def test_a_failure_gives_its_own_lease_back_whatever_was_written_meanwhile(
    it: Kept, written: dict[str, Any], lease: int | None
) -> None:
    it.connect()

    def answer(token: Any) -> Any:
        it.other(**written)
        raise BUSY

    it.answers = [answer]
    assert unavailable(it).code == "busy"
    assert it.row.lease_until == lease


def test_a_failure_for_a_row_that_is_gone_by_now_is_told_as_that(it: Kept) -> None:
    it.connect()

    def answer(token: Any) -> Any:
        it.store.delete_connections(provider_id="op")
        raise BUSY

    it.answers = [answer]
    assert unavailable(it).code == "busy"


# The database breaks, or the process dies.


@pytest.mark.parametrize("name", ["read_token", "swap_token"])
def test_a_database_that_breaks_before_the_provider_is_asked(it: Kept, name: str) -> None:
    it.connect()

    def trip(*given: Any) -> None:
        raise Broke("away")

    it.store.at[name] = trip
    with pytest.raises(Broke):
        it.ask()
    it.row.expires_at = NOW + 20
    assert it.ask() == "old"  # it lasts a while
    with pytest.raises(Broke):
        it.ask(Need(refused="old"))
    assert it.sent == []


def test_a_row_that_cannot_be_written_now_is_no_matter_while_the_old_token_lasts(it: Kept) -> None:
    it.connect(expires_at=NOW + 30)

    def locked(*_: Any) -> None:
        raise StoreUnavailable("the application has work pending")

    it.store.at["swap_token"] = locked
    assert it.ask() == "old"
    for need in (Need(refused="old"), Need(strict=True)):
        with pytest.raises(StoreUnavailable):
            it.ask(need)
    assert it.sent == []


def test_a_mistake_in_the_model_is_told_even_if_the_old_token_lasts(it: Kept) -> None:
    it.connect(expires_at=NOW + 20)

    def trip(*given: Any) -> None:
        raise Broke("a mistake")

    it.store.at["read_token"] = trip
    with pytest.raises(Broke):
        it.ask()


def test_a_lease_that_cannot_be_given_back_ends_by_itself(it: Kept) -> None:
    it.connect()

    def answer(token: Any) -> Any:
        it.store.at["swap_token"] = trip
        raise BUSY

    def trip(*given: Any) -> None:
        raise Broke("away")

    it.answers = [answer, fresh_token()]
    assert unavailable(it).code == "busy"
    assert it.row.lease_until == NOW + LEASE
    it.store.at.clear()
    it.now += 30
    assert it.ask() == "new"


class Killed(BaseException):
    """The process ends here: nothing of it gets to clean up."""


def killed_at(it: Kept, nth: int) -> None:
    """Let the process die at its *nth* swap, and at all it would do then."""
    count = iter(range(99))

    def trip(*given: Any) -> None:
        if next(count) >= nth:
            raise Killed

    it.store.at["swap_token"] = trip
    with pytest.raises(Killed):
        it.ask()
    it.store.at.clear()


def test_a_kill_before_the_lease_leaves_nothing(it: Kept) -> None:
    it.connect()
    killed_at(it, 0)
    assert it.row.lease_until is None
    it.answers = [fresh_token()]
    assert it.ask() == "new"
    assert it.pauses == []


def test_a_kill_before_the_request_costs_the_others_one_lease(it: Kept) -> None:
    it.connect()

    def die(token: Any) -> Any:
        it.store.at["swap_token"] = dead
        raise Killed

    def dead(*given: Any) -> None:
        raise Killed

    it.answers = [die, fresh_token()]
    with pytest.raises(Killed):
        it.ask()
    it.store.at.clear()
    assert it.row.lease_until == NOW + LEASE
    assert it.ask() == "new"
    assert sum(it.pauses) == pytest.approx(LEASE)


def test_a_kill_after_the_answer_breaks_a_connection_that_rotates(it: Kept) -> None:
    it.connect()
    it.answers = [fresh_token(), ProviderError("refreshing the token", "invalid_grant")]
    killed_at(it, 1)
    assert (it.row.access_token, it.row.refresh_token) == ("old", "spend me")
    assert reconnect(it) == "invalid_grant"
    assert it.row.needs_reauth
    assert len(it.broken) == 1


def test_a_kill_after_the_commit_leaves_the_new_pair(it: Kept) -> None:
    it.connect()
    it.answers = [fresh_token()]

    def die_committed(token: Any, values: Any) -> None:
        if "access_token" in values:
            it.store.at.clear()
            it.other(**values)
            raise Killed

    it.store.at["swap_token"] = die_committed
    with pytest.raises(Killed):
        it.ask()
    assert it.ask() == "new"
    assert len(it.sent) == 1
