"""A88 in one process: a provider that rotates, and many threads that need its token at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from flask_social.errors import ReconnectNeeded
from flask_social.testing import ServedSandbox
from tests.bed import Bed
from tests.freshness import Connected, config

THREADS = 20


@pytest.fixture(params=["sqlite", "postgresql"])
def ada(
    request: pytest.FixtureRequest,
    make_bed: Callable[..., Bed],
    box: ServedSandbox,
    tmp_path: Path,
) -> Connected:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/app.sqlite?timeout=60"  # to wait for the other's lock
    else:
        url = request.getfixturevalue("postgres_database")
    return Connected(make_bed(**config(box), database=url))


def all_at_once(work: Callable[[], Any]) -> list[Any]:
    gate = threading.Barrier(THREADS)

    def run() -> Any:
        gate.wait(60)
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - it is looked at by the test
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        return [each.result() for each in [pool.submit(run) for _ in range(THREADS)]]


def test_A088_one_refresh_and_twenty_answers(ada: Connected) -> None:
    ada.expire()
    assert all_at_once(ada.account) == ["Ada Lovelace"] * THREADS
    assert ada.asked() == (1, THREADS)
    row = ada.row()
    assert row.access_token in ada.provider.access_tokens
    assert ada.provider.refresh_tokens[row.refresh_token].refresh_token == row.refresh_token
    assert (row.lease_until, row.needs_reauth) == (None, False)
    ada.expire()  # what is stored is what the provider gave last: it is taken once more
    assert ada.account() == "Ada Lovelace"


def test_A088_one_refresh_for_twenty_refusals(ada: Connected) -> None:
    del ada.provider.access_tokens[str(ada.row().access_token)]
    assert all_at_once(ada.account) == ["Ada Lovelace"] * THREADS
    assert ada.asked()[0] == 1
    assert not ada.row().needs_reauth


def test_A088_what_is_broken_is_told_once_to_twenty(ada: Connected) -> None:
    ada.expire()
    ada.revoke()
    got = all_at_once(ada.account)
    assert {type(each) for each in got} == {ReconnectNeeded}
    assert ada.asked() == (1, 0)
    assert ada.broken() == ["invalid_grant"]
