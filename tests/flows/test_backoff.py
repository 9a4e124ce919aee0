"""How long a provider is left alone that could not refresh a token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flask_social.errors import ProviderError, ProviderUnavailable
from flask_social.flows import backoff
from flask_social.flows.backoff import DELAY, Backoff

from .keepers import Kept, kept

STEP = "refreshing the token"


@pytest.fixture
def it() -> Iterator[Kept]:
    with kept() as made:
        yield made


def test_it_ends_when_the_provider_said(it: Kept) -> None:
    noted = it.backoff.note("a", ProviderUnavailable(STEP, "busy", "status 429", retry_after=7))
    assert (noted.retry_after, noted.status, noted.code) == (7, 503, "busy")
    it.now += 6
    found = it.backoff.find("a")
    assert found is not None
    assert (found.retry_after, str(found)) == (1, f"busy: {STEP}: status 429")
    it.now += 1
    assert it.backoff.find("a") is None
    assert it.backoff.find("a") is None


def test_without_a_wish_it_is_ten_seconds(it: Kept) -> None:
    noted = it.backoff.note("a", ProviderError(STEP, "bad_answer"))
    assert (noted.retry_after, noted.detail, DELAY) == (10, STEP, 10)
    assert it.backoff.find("b") is None


def test_a_clock_that_is_set_back_does_not_make_it_longer(it: Kept) -> None:
    it.backoff.note("a", ProviderUnavailable(STEP, "busy", retry_after=7))
    it.now -= 3600
    assert it.backoff.find("a") is None


def test_the_last_failure_counts(it: Kept) -> None:
    it.backoff.note("a", ProviderUnavailable(STEP, "busy", retry_after=7))
    it.backoff.note("a", ProviderUnavailable(STEP, "too_slow", status=504, retry_after=9))
    found = it.backoff.find("a")
    assert found is not None
    assert (found.code, found.status, found.retry_after) == ("too_slow", 504, 9)


def test_no_more_are_remembered_than_there_is_room_for(
    it: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "MOST", 3)
    for key in range(5):
        it.backoff.note(key, ProviderUnavailable(STEP, "busy", retry_after=7))
    assert [key for key in range(5) if it.backoff.find(key) is not None] == [2, 3, 4]
    it.backoff.note(2, ProviderUnavailable(STEP, "busy", retry_after=99))
    it.now += 8
    for key in (5, 6):  # those that are over make room first
        it.backoff.note(key, ProviderUnavailable(STEP, "busy", retry_after=7))
    assert [it.backoff.find(key) is not None for key in (2, 3, 5, 6)] == [True, False, True, True]


def test_applications_know_nothing_of_each_other(it: Kept) -> None:
    it.backoff.note("a", ProviderError(STEP, "bad_answer"))
    assert Backoff().find("a") is None
