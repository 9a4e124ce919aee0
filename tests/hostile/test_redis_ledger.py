"""The ledger in Redis: what every ledger must do, and F53, where Redis goes away."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

import flask_social
from flask_social import RedisLedger, StoreUnavailable, clock
from tests.bed import Bed
from tests.datastore import beds
from tests.flows.test_ledger import (  # noqa: F401 - the contract
    KEY,
    Place,
    test_a_flow_is_spent_once,
    test_of_many_who_spend_a_flow_at_once_one_does,
    test_spending_commits_nothing_of_the_application,
    test_spending_loses_nothing_of_the_application,
)
from tests.hostile import redis_server

HASH = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # of "abc"


@pytest.fixture
def client(redis_url: str) -> Iterator[Any]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For a server of the test's own: a socket's path may not be long."""
    return tmp_path_factory.mktemp("r")


def impatient(folder: Path) -> redis.Redis:
    """A client of the server in *folder* that asks once."""
    socket = str(folder / "socket")
    return redis.Redis(unix_socket_path=socket, socket_timeout=60, retry=Retry(NoBackoff(), 0))


@pytest.fixture
def prefix() -> str:
    """Other tests may share the server."""
    return f"{uuid4().hex}:"


@pytest.fixture
def place(client: Any, prefix: str) -> Place:
    [bed] = beds.memory()
    return Place(RedisLedger(client, prefix), bed)


def test_what_is_kept_is_a_hash_for_as_long_as_is_asked(
    place: Place, client: Any, prefix: str
) -> None:
    with clock.replaced(lambda: 1_000_000):
        place.ledger.spend("abc", 1_000_600)
        place.ledger.spend("over", 999_000)
    assert 590 < client.ttl(prefix + HASH) <= 600
    assert b"abc" not in client.get(prefix + HASH)
    assert len(client.keys(f"{prefix}*")) == 2


def test_the_usual_prefix_names_the_library(client: Any) -> None:
    RedisLedger(client).spend("abc", clock.now() + 60)
    assert client.delete(f"flask_social:flow:{HASH}") == 1


@pytest.mark.parametrize("decode", [True, False])
def test_a_client_that_asks_twice_is_the_first_still(
    redis_url: str, prefix: str, decode: bool
) -> None:
    class Forgetful(redis.Redis):
        """Loses the answer to the first SET, and asks again, as clients do that retry."""

        def set(self, *args: Any, **kwargs: Any) -> Any:
            super().set(*args, **kwargs)
            return super().set(*args, **kwargs)

    with Forgetful.from_url(redis_url, decode_responses=decode) as client:
        ledger = RedisLedger(client, prefix)
        assert ledger.spend(KEY, clock.now() + 60) is True
        assert ledger.spend(KEY, clock.now() + 60) is False


def test_a_redis_that_takes_no_writes_or_is_not_there_is_unavailable(folder: Path) -> None:
    client = impatient(folder)
    ledger = RedisLedger(client)
    with redis_server.started(folder):
        client.config_set("min-replicas-to-write", 1)
        with pytest.raises(StoreUnavailable, match=r"(?i)replicas"):
            ledger.spend(KEY, clock.now() + 60)
        assert not ledger.is_spent(KEY)
    with pytest.raises(StoreUnavailable, match=r"redis\.exceptions\.ConnectionError"):
        ledger.spend(KEY, clock.now() + 60)
    with pytest.raises(StoreUnavailable):
        ledger.is_spent(KEY)
    client.close()


def test_it_is_found_at_the_top_and_beside_the_other_ledgers() -> None:
    from flask_social.flows import ledger

    assert flask_social.RedisLedger is ledger.RedisLedger is RedisLedger


def test_F53_redis_stops_between_the_start_and_the_callback(
    make_bed: Callable[..., Bed], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = impatient(folder)
    bed = make_bed(SOCIAL_LEDGER=RedisLedger(client))
    bed.add_user("one@example.org")
    browser = bed.browser().sign_in("one@example.org")
    with redis_server.started(folder):
        callback = browser.at_provider(browser.set_out("/connect/acme"))
        assert browser.trip("/connect/plain").headers["Location"] == "/connections"
    bed.told.clear()

    answer = browser.get(callback)

    assert answer.status_code == 503
    assert "nothing was changed" in answer.text
    assert [name for name, _ in bed.told] == ["store_failed"]
    [line] = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert "redis.exceptions.ConnectionError" in line.getMessage()
    assert (bed.calls("acme"), [row.provider_id for row in bed.rows()]) == (0, ["plain"])
    assert browser.who() == "one@example.org"
    unknown = browser.get("/connect/acme?code=1&state=2")
    assert unknown.status_code == 503
    with redis_server.started(folder):
        assert browser.get(callback).headers["Location"] == "/connections"
        assert [row.provider_id for row in bed.rows()] == ["plain", "acme"]
        client.close()
