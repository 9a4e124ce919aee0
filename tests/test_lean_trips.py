"""What a returning login costs, counted: requests, connections and statements."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from flask_social.testing import ServedSandbox
from flask_social.transport import connections
from tests.bed import Bed

USER = "user@example.org"


@pytest.fixture(autouse=True)
def _kept_however_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take longer between two calls than idle connections are kept."""
    monkeypatch.setattr(connections, "IDLE", math.inf)


def warmed(bed: Bed, provider_id: str) -> None:
    """One user, connected, and one login behind us; everything counts from zero."""
    bed.add_user(USER)
    bed.browser().sign_in(USER).trip(f"/connect/{provider_id}")
    bed.browser().trip(f"/login/{provider_id}")
    bed.sandbox.reset_counters()


def connection_statements(bed: Bed) -> list[str]:
    """The first word of each statement on the connection table."""
    return [each.split()[0] for each in bed.statements if " connection" in each.lower()]


def returning_login(bed: Bed, provider_id: str) -> tuple[dict[str, int], int]:
    """The provider's back-channel requests of one login, by endpoint, and new connections."""
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out(f"/login/{provider_id}"))
    before = bed.sandbox.connections()
    bed.statements.clear()
    assert browser.get(callback).headers["Location"] == "/home"
    counts = dict(bed.sandbox.counters()["requests"][provider_id])
    counts.pop("authorize")
    return counts, bed.sandbox.connections() - before


def test_a_returning_openid_connect_login_makes_one_request(bed: Bed) -> None:
    warmed(bed, "acme")

    counts, opened = returning_login(bed, "acme")

    assert counts == {"token": 1}
    assert opened == 0, "on a connection that was kept alive"
    assert connection_statements(bed) == ["SELECT", "UPDATE"]


def test_a_returning_oauth_login_makes_two_requests(bed: Bed) -> None:
    warmed(bed, "plain")

    counts, opened = returning_login(bed, "plain")

    assert counts == {"token": 1, "api": 1}
    assert opened == 0
    assert connection_statements(bed) == ["SELECT", "UPDATE"]


def test_the_same_holds_with_ten_connections_in_the_table(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    bed = make_bed()
    warmed(bed, "acme")
    for number in range(10):
        bed.connect(USER, "elsewhere", str(number))

    counts, opened = returning_login(bed, "acme")

    assert (counts, opened) == ({"token": 1}, 0)
    assert connection_statements(bed) == ["SELECT", "UPDATE"]


def test_a_start_of_a_warm_provider_asks_nobody(bed: Bed) -> None:
    warmed(bed, "acme")
    bed.browser().set_out("/login/acme")
    assert bed.sandbox.counters()["requests"] == {}
