"""What is kept of a provider's metadata and keys, for how long, and who fetches it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from flask_social import clock
from flask_social.errors import ProviderError, ProviderUnavailable
from flask_social.http import Request, Response
from flask_social.transport import Wire
from flask_social.transport.cache import ENTRIES, Cache, WaitedInVain

from ..faulty import PATIENT, Exchange, Faulty, refusing

HASTY = replace(PATIENT, call_timeout=0.2)
START = 1_700_000_000
MINUTE, HOUR, DAY = 60, 3_600, 86_400


def text(response: Response) -> str:
    return response.body.decode()


def keys(response: Response) -> str:
    return "keys of " + response.body.decode()


def picky(response: Response) -> str:
    if response.status != 200 or response.body == b"bad":
        raise ProviderError("reading metadata", "bad_metadata")
    return response.body.decode()


class Time:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Iterator[Time]:
    time = Time()
    with clock.replaced(time):
        yield time


class Publisher:
    """Answers with the number of the request, unless told otherwise."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body: bytes | None = None
        self.answered = 0
        self.arrived = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, exchange: Exchange) -> None:
        self.arrived.set()
        self.go_on.wait(60)
        self.answered += 1
        body = str(self.answered).encode() if self.body is None else self.body
        exchange.reply(body, self.status, **self.headers)


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.fixture
def server(publisher: Publisher) -> Iterator[Faulty]:
    with Faulty(publisher) as server:
        yield server


@pytest.fixture
def ask(server: Faulty) -> Request:
    return Request(url=server.url + "/metadata", purpose="reading metadata")


def test_metadata_is_fetched_once_an_hour(ask: Request, time: Time) -> None:
    wire = Wire(PATIENT)
    assert wire.cached(ask, text) == "1"
    time.now += HOUR - 1
    assert wire.cached(ask, text) == "1"
    assert wire.for_request().cached(ask, text) == "1"
    time.now += 1
    assert wire.cached(ask, text) == "2"


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("max-age=600", 600),
        ("public, MAX-AGE = 600", 600),
        ("max-age=0", MINUTE),
        ("max-age=1", MINUTE),
        ("max-age=999999", HOUR),
        ("max-age=" + "9" * 400, HOUR),
        ("s-maxage=60", HOUR),
        ("max-age=soon", HOUR),
        ("no-store", HOUR),
        ("", HOUR),
    ],
)
def test_a_max_age_is_honoured_between_a_minute_and_an_hour(
    told: str, seconds: int, publisher: Publisher, ask: Request, time: Time
) -> None:
    publisher.headers["Cache-Control"] = told
    wire = Wire(PATIENT)
    wire.cached(ask, text)
    time.now += seconds - 1
    assert wire.cached(ask, text) == "1"
    time.now += 1
    assert wire.cached(ask, text) == "2"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_provider_that_is_away_is_not_noticed_for_a_day(
    status: int, publisher: Publisher, ask: Request, time: Time
) -> None:
    wire = Wire(PATIENT)
    wire.cached(ask, text)
    publisher.status = status
    time.now += HOUR
    assert wire.cached(ask, text) == "1"
    time.now += DAY - HOUR - 1
    assert wire.cached(ask, text) == "1"
    time.now += 1
    with pytest.raises(ProviderUnavailable):
        wire.cached(ask, text)


def test_a_provider_that_refuses_connections_is_not_noticed_either(time: Time) -> None:
    wire = Wire(PATIENT)
    with refusing() as port:
        ask = Request(url=f"http://127.0.0.1:{port}", purpose="reading metadata")
        wire._cache.get(ask.url, text, lambda: ("kept", HOUR), refetch=False, patience=60)
        time.now += DAY - 1
        assert wire.cached(ask, text) == "kept"
        with pytest.raises(ProviderUnavailable) as caught:
            Wire(PATIENT).cached(ask, text)
    assert caught.value.code == "unreachable"


def test_a_provider_that_is_away_is_asked_once_a_minute(
    publisher: Publisher, server: Faulty, ask: Request, time: Time
) -> None:
    wire = Wire(PATIENT)
    wire.cached(ask, text)
    publisher.status = 503
    time.now += HOUR
    for _ in range(3):
        assert wire.cached(ask, text) == "1"
    assert len(server.requests) == 2
    time.now += MINUTE
    publisher.status = 200
    assert wire.cached(ask, text) == "3"


def test_a_provider_that_is_away_from_the_start_is_asked_each_time(
    publisher: Publisher, server: Faulty, ask: Request, time: Time
) -> None:
    wire = Wire(PATIENT)
    publisher.status = 503
    for _ in range(2):
        with pytest.raises(ProviderUnavailable):
            wire.cached(ask, text)
    publisher.status = 200
    assert wire.cached(ask, text) == "3"


@pytest.mark.parametrize(("status", "body"), [(404, None), (200, b"bad")])
def test_what_cannot_be_read_is_never_kept(
    status: int, body: bytes | None, publisher: Publisher, ask: Request, time: Time
) -> None:
    wire = Wire(PATIENT)
    publisher.status, publisher.body = status, body
    for _ in range(2):
        with pytest.raises(ProviderError) as caught:
            wire.cached(ask, picky)
        assert caught.value.code == "bad_metadata"
    publisher.status, publisher.body = 200, None
    assert wire.cached(ask, picky) == "3"


def test_a_refetch_comes_right_after_the_first_fetch_and_then_once_a_minute(
    server: Faulty, ask: Request, time: Time
) -> None:
    wire = Wire(PATIENT)
    assert wire.cached(ask, keys) == "keys of 1"
    assert wire.cached(ask, keys, refetch=True) == "keys of 2"
    time.now += MINUTE - 1
    for _ in range(100):
        assert wire.cached(ask, keys, refetch=True) == "keys of 2"
    time.now += 1
    assert wire.cached(ask, keys, refetch=True) == "keys of 3"
    assert len(server.requests) == 3


def test_refetches_are_counted_for_the_address_not_for_the_reader(
    server: Faulty, ask: Request, time: Time
) -> None:
    wire = Wire(PATIENT)
    wire.cached(ask, text)
    wire.cached(ask, keys)
    wire.cached(ask, text, refetch=True)
    assert wire.cached(ask, keys, refetch=True) == "keys of 2"
    assert len(server.requests) == 3


def test_a_refetch_of_what_was_never_fetched_is_a_fetch(ask: Request, time: Time) -> None:
    wire = Wire(PATIENT)
    assert wire.cached(ask, keys, refetch=True) == "keys of 1"
    assert wire.cached(ask, keys, refetch=True) == "keys of 2"


def test_a_failing_refetch_leaves_what_is_kept(
    publisher: Publisher, server: Faulty, ask: Request, time: Time
) -> None:
    wire = Wire(PATIENT)
    wire.cached(ask, picky)
    publisher.body = b"bad"
    with pytest.raises(ProviderError):
        wire.cached(ask, picky, refetch=True)
    assert wire.cached(ask, picky, refetch=True) == "1"
    assert wire.cached(ask, picky) == "1"
    assert len(server.requests) == 2


@pytest.mark.parametrize("jump", [-HOUR, -DAY, -365 * DAY])
def test_a_clock_set_back_does_not_make_metadata_immortal(
    jump: int, publisher: Publisher, ask: Request, time: Time
) -> None:
    wire = Wire(PATIENT)
    assert wire.cached(ask, text) == "1"
    time.now += jump
    assert wire.cached(ask, text) == "2"
    publisher.status = 503
    time.now += jump - DAY
    with pytest.raises(ProviderUnavailable):
        wire.cached(ask, text)


def test_a_clock_set_back_a_little_changes_nothing(ask: Request, time: Time) -> None:
    wire = Wire(PATIENT)
    wire.cached(ask, text)
    time.now -= 5
    assert wire.cached(ask, text) == "1"


def test_readers_of_one_address_do_not_get_each_others_values(ask: Request, time: Time) -> None:
    wire = Wire(PATIENT)
    assert wire.cached(ask, text) == "1"
    assert wire.cached(ask, keys) == "keys of 2"
    assert wire.cached(ask, text) == "1"


def test_applications_share_nothing_that_is_kept(ask: Request, time: Time) -> None:
    assert Wire(PATIENT).cached(ask, text) == "1"
    assert Wire(PATIENT).cached(ask, text) == "2"


def test_only_what_is_read_by_get_is_kept(ask: Request) -> None:
    post = Request(url=ask.url, purpose="x", method="POST")
    with pytest.raises(ValueError, match="GET"):
        Wire(PATIENT).cached(post, text)


class Joined(Cache):
    """A cache that tells when somebody waits for another's fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.joined = threading.Event()

    def _join(self, flight: Future[Any], *more: Any) -> Any:
        self.joined.set()
        return super()._join(flight, *more)


class Crowd:
    """Many threads at one wire, held until the last of them has come."""

    def __init__(self, wire: Wire, size: int) -> None:
        self._wire = wire
        self._size = size
        self._barrier = threading.Barrier(size)

    def ask(self, request: Request, read: Callable[[Response], str], **more: bool) -> list[str]:
        def one(_: int) -> str:
            self._barrier.wait(60)
            try:
                return self._wire.for_request().cached(request, read, **more)
            except ProviderError as error:
                return error.code

        with ThreadPoolExecutor(self._size) as threads:
            return list(threads.map(one, range(self._size)))


def test_a_hundred_at_once_make_one_fetch(server: Faulty, ask: Request, time: Time) -> None:
    crowd = Crowd(Wire(PATIENT), 100)
    assert set(crowd.ask(ask, text)) == {"1"}
    assert len(server.requests) == 1


def test_a_hundred_unknown_keys_at_once_make_one_refetch(
    server: Faulty, ask: Request, time: Time
) -> None:
    wire = Wire(PATIENT)
    wire.cached(ask, keys)
    assert set(Crowd(wire, 100).ask(ask, keys, refetch=True)) == {"keys of 2"}
    assert len(server.requests) == 2


def test_those_who_wait_share_a_failure(
    publisher: Publisher, server: Faulty, ask: Request, time: Time
) -> None:
    """The first holds the fetch until the other has come and waits for it."""
    wire = Wire(PATIENT)
    wire._cache = cache = Joined()
    publisher.status = 503
    publisher.go_on.clear()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(wire.cached, ask, text)
        assert publisher.arrived.wait(60)
        second = threads.submit(wire.for_request().cached, ask, text)
        assert cache.joined.wait(60)
        publisher.go_on.set()
        errors = [each.exception(60) for each in (first, second)]
    assert [error.code for error in errors if isinstance(error, ProviderUnavailable)] == [
        "unavailable",
        "unavailable",
    ]
    assert len(server.requests) == 1


def test_nobody_waits_longer_for_anothers_fetch_than_for_their_own(
    publisher: Publisher, server: Faulty, ask: Request, time: Time
) -> None:
    slow = Wire(PATIENT)
    hasty = Wire(HASTY)
    hasty._cache = slow._cache
    publisher.arrived.clear()
    publisher.go_on.clear()
    with ThreadPoolExecutor(1) as threads:
        fetching = threads.submit(slow.cached, ask, text)
        assert publisher.arrived.wait(60)
        with pytest.raises(ProviderUnavailable) as caught:
            hasty.cached(ask, text)
        publisher.go_on.set()
        assert fetching.result(60) == "1"
    assert (caught.value.code, caught.value.status) == ("too_slow", 504)
    assert len(server.requests) == 1


def test_who_cannot_wait_gets_the_old_value(
    publisher: Publisher, server: Faulty, ask: Request, time: Time
) -> None:
    slow = Wire(PATIENT)
    hasty = Wire(HASTY)
    hasty._cache = slow._cache
    assert slow.cached(ask, text) == "1"
    time.now += HOUR
    publisher.arrived.clear()
    publisher.go_on.clear()
    with ThreadPoolExecutor(1) as threads:
        fetching = threads.submit(slow.cached, ask, text)
        assert publisher.arrived.wait(60)
        assert hasty.cached(ask, text) == "1"
        publisher.go_on.set()
        assert fetching.result(60) == "2"


def test_a_fetch_whose_thread_is_ended_fails_the_others_as_slow(time: Time) -> None:
    cache = Joined()
    arrived, hold = threading.Event(), threading.Event()

    def ended() -> tuple[str, int]:
        arrived.set()
        hold.wait(60)
        raise SystemExit

    def get(fetch: Callable[[], tuple[str, int]]) -> object:
        return cache.get("https://a.test", text, fetch, refetch=False, patience=60)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(get, ended)
        assert arrived.wait(60)
        second = threads.submit(get, lambda: ("later", 60))
        assert cache.joined.wait(60)
        hold.set()
        assert isinstance(first.exception(60), SystemExit)
        assert isinstance(second.exception(60), WaitedInVain)
    assert get(lambda: ("later", 60)) == "later"


def test_a_fetch_that_lands_while_another_sets_out_is_enough(time: Time) -> None:
    cache = Cache()

    def get(value: str) -> object:
        return cache.get("https://a.test", text, lambda: (value, HOUR), refetch=False, patience=60)

    class Overtaken(dict[object, object]):
        """Another thread's whole fetch happens just before this one's begins."""

        def setdefault(self, key: object, default: object = None) -> object:
            cache._flights = {}
            get("first")
            cache._flights = self  # type: ignore[assignment]
            return super().setdefault(key, default)

    cache._flights = Overtaken()  # type: ignore[assignment]
    assert get("second") == "first"


def test_a_timeout_of_the_reader_is_passed_on_to_those_who_wait(time: Time) -> None:
    cache = Joined()
    arrived, hold = threading.Event(), threading.Event()

    def timing_out() -> tuple[str, int]:
        arrived.set()
        hold.wait(60)
        raise TimeoutError("the reader's own")

    def get() -> object:
        return cache.get("https://a.test", text, timing_out, refetch=False, patience=60)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(get)
        assert arrived.wait(60)
        second = threads.submit(get)
        assert cache.joined.wait(60)
        hold.set()
        assert str(first.exception(60)) == str(second.exception(60)) == "the reader's own"


def test_the_oldest_entries_make_place(time: Time) -> None:
    cache = Cache()

    def get(number: int, value: str) -> object:
        url = f"https://{number}.test"
        return cache.get(url, text, lambda: (value, HOUR), refetch=False, patience=60)

    for number in range(ENTRIES + 1):
        get(number, "first")
    assert get(0, "second") == "second"
    assert get(ENTRIES, "second") == "first"
