"""``flask social refresh``: what expires soon is refreshed ahead, by cron."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result

from flask_social import clock
from flask_social.cli.refreshing import Refreshing
from flask_social.errors import StoreUnavailable
from flask_social.sandbox import Delay, Status
from flask_social.testing import ServedSandbox
from tests.bed import Bed

U1 = "one@example.org"
HOUR = 3600


def run(bed: Bed, *words: str) -> Result:
    return bed.app.test_cli_runner().invoke(args=["social", "refresh", *words])


@pytest.fixture
def connected(make_bed: Callable[..., Bed], tmp_path: Path) -> Bed:
    """Three accounts at ``acme`` and one at ``plain``, all with an hour to go."""
    bed = make_bed(database=f"sqlite:///{tmp_path / 'app.sqlite'}")
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    for person in ("ada", "grace", "alan"):
        bed.sandbox.login_as(person)
        assert browser.trip("/connect/acme").status_code == 303
    assert browser.trip("/connect/plain").status_code == 303
    assert len(bed.rows()) == 4
    bed.sandbox.reset_counters()
    return bed


def expire(bed: Bed, seconds: int, **where: Any) -> None:
    """Let connections expire in *seconds*."""
    set_columns(bed, {"expires_at": clock.now() + seconds}, **where)


def set_columns(bed: Bed, values: dict[str, Any], **where: Any) -> None:
    with bed.app.app_context():
        query = sa.update(bed.Connection).filter_by(**where).values(**values)
        bed.db.session.execute(query)
        bed.db.session.commit()


def tokens(bed: Bed) -> list[str]:
    return [row.access_token for row in bed.rows()]


def test_what_expires_soon_is_refreshed_and_nothing_is_said(
    connected: Bed, box: ServedSandbox
) -> None:
    expire(connected, 2 * HOUR)
    first, _, third, _ = connected.rows()
    expire(connected, HOUR // 2, id=first.id)
    expire(connected, -HOUR, id=third.id)
    before = tokens(connected)

    done = run(connected)

    assert (done.exit_code, done.output) == (0, "")
    changed = [new != old for new, old in zip(tokens(connected), before, strict=True)]
    assert changed == [True, False, True, False]
    assert (box.count("acme", "token"), box.count("plain", "token")) == (2, 0)
    for row in connected.rows():
        assert row.access_token in box[row.provider_id].access_tokens


def test_with_v_it_says_what_it_did(connected: Bed) -> None:
    expire(connected, 10)
    assert run(connected, "-v").stdout == "4 refreshed, 0 to be reconnected, 0 not refreshed\n"
    again = run(connected, "--verbose", "--within", "60")
    assert again.stdout == "0 refreshed, 0 to be reconnected, 0 not refreshed\n"


def test_how_soon_is_the_operator_s_to_say(connected: Bed, box: ServedSandbox) -> None:
    expire(connected, 2 * HOUR)
    run(connected, "--within", str(3 * HOUR))
    assert box.count("acme", "token") == 3
    assert run(connected, "--within", "-1").exit_code == 2


def test_one_provider_alone(connected: Bed, box: ServedSandbox) -> None:
    expire(connected, 10)
    assert run(connected, "--provider", "plain").exit_code == 0
    assert (box.count("acme", "token"), box.count("plain", "token")) == (0, 1)
    wrong = run(connected, "--provider", "palin")
    assert wrong.exit_code == 2
    assert "configured: acme, plain" in wrong.stderr


def test_what_cannot_be_refreshed_is_left_alone(connected: Bed, box: ServedSandbox) -> None:
    """Without a refresh token, or where the person is known to have to come anyhow."""
    expire(connected, 10)
    first, second, third, plain = connected.rows()
    set_columns(connected, {"refresh_token": None}, id=first.id)
    set_columns(connected, {"needs_reauth": True}, id=second.id)
    set_columns(connected, {"expires_at": None}, id=third.id)
    expire(connected, 2 * HOUR, id=plain.id)
    done = run(connected, "-v")
    assert done.output == "0 refreshed, 0 to be reconnected, 0 not refreshed\n"
    assert box.count("acme") == 0


def test_a_broken_connection_is_told_and_is_no_failure(connected: Bed, box: ServedSandbox) -> None:
    expire(connected, 10)
    second = connected.rows()[1]
    box["acme"].refresh_tokens[second.refresh_token].revoked = True

    done = run(connected)

    assert done.exit_code == 0
    assert done.stderr == f"acme {second.id}: has to be reconnected (invalid_grant)\n"
    assert done.stdout == "3 refreshed, 1 to be reconnected, 0 not refreshed\n"
    assert [row.needs_reauth for row in connected.rows()] == [False, True, False, False]
    assert second.refresh_token not in done.output
    assert run(connected).output == "", "it was told once"


def test_a_provider_in_trouble_keeps_its_tokens_and_fails_the_run(
    connected: Bed, box: ServedSandbox
) -> None:
    expire(connected, 10)
    before = tokens(connected)
    first = connected.rows()[0]
    box["acme"].fail("token", Status(500, times=1))

    done = run(connected)

    assert done.exit_code == 1
    [line] = done.stderr.splitlines()
    assert line.startswith(f"acme {first.id}: unavailable: ")
    assert done.stdout == "3 refreshed, 0 to be reconnected, 1 not refreshed\n"
    changed = [new != old for new, old in zip(tokens(connected), before, strict=True)]
    assert changed == [False, True, True, True]
    assert not any(token in done.output for token in before)


@pytest.mark.parametrize(("fault", "asked"), [(Status(500), 3), (Status(429), 1)])
def test_one_that_is_down_or_asks_for_peace_is_left_alone_and_the_next_is_not(
    connected: Bed, box: ServedSandbox, fault: Status, asked: int
) -> None:
    browser = connected.browser().sign_in(U1)
    box.login_as("radia")
    assert browser.trip("/connect/acme").status_code == 303
    box.reset_counters()
    expire(connected, 10)
    box["acme"].fail("token", fault)

    done = run(connected)

    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == "acme: left alone for now"
    assert (box.count("acme", "token"), box.count("plain", "token")) == (asked, 1)


def test_two_runs_at_once_refresh_once(connected: Bed, box: ServedSandbox) -> None:
    """Each finds what the other one wrote, or waits for it."""
    expire(connected, 10)
    box["acme"].fail("token", Delay(0.2))

    def one(_: int) -> tuple[int, int, int]:
        with connected.app.app_context():
            run = Refreshing(within=60)
            for remote in connected.social.providers.values():
                run.at(remote)
            return run.refreshed, run.broken, run.failed

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(one, range(2)))

    assert sorted(each[1:] for each in ended) == [(0, 0), (0, 0)]
    assert (box.count("acme", "token"), box.count("plain", "token")) == (3, 1)
    assert not any(row.needs_reauth for row in connected.rows())


def test_a_provider_that_cannot_refresh_is_passed_over(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    keys = {"consumer_key": "twitter-key", "consumer_secret": "twitter-secret"}
    bed = make_bed(SOCIAL_SANDBOX=box.url, SOCIAL_TWITTER=keys)
    bed.add_user(U1)
    bed.connect(U1, "twitter", "1", refresh_token="r", expires_at=clock.now())
    assert run(bed, "-v").stdout == "0 refreshed, 0 to be reconnected, 0 not refreshed\n"
    assert box.count("twitter") == 0


def test_a_row_that_cannot_be_written_now_does_not_keep_the_others_waiting(
    connected: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire(connected, 10)
    first = connected.rows()[0]
    store = type(connected.app.extensions["social"].datastore)
    swap = store.swap_token

    def locked(self: Any, token: Any, **values: Any) -> Any:
        if token.key == first.id:
            raise StoreUnavailable("a lock is in the way")
        return swap(self, token, **values)

    monkeypatch.setattr(store, "swap_token", locked)
    done = run(connected)
    assert done.exit_code == 1
    assert done.stderr == f"acme {first.id}: store_unavailable: a lock is in the way\n"
    assert done.stdout == "3 refreshed, 0 to be reconnected, 1 not refreshed\n"


def test_a_database_in_trouble_is_told_in_a_line(connected: Bed) -> None:
    with connected.app.app_context():
        connected.db.session.execute(sa.text("ALTER TABLE connection RENAME TO gone"))
        connected.db.session.commit()
    done = run(connected)
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: The database: ")
    assert "SELECT" not in done.output
