"""F61 and F62: the clock jumps, and the ledger's table grows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_social import clock
from flask_social.datastore.sqlalchemy.ledger import BATCH, BATCHES
from flask_social.testing import ServedSandbox
from tests.bed import Bed, Browser

U1 = "one@example.org"
HOUR = 3_600
MakeBed = Callable[..., Bed]


@pytest.fixture
def linked(bed: Bed) -> Bed:
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    bed.sandbox.reset_counters()
    return bed


def callback_of(browser: Browser) -> str:
    return browser.at_provider(browser.set_out("/login/acme"))


def test_F61_a_flow_does_not_outlive_its_time_by_a_jump_and_the_next_one_works(
    linked: Bed,
) -> None:
    for jump in (-HOUR, HOUR, -24 * HOUR, 24 * HOUR):
        browser, there = linked.browser(), clock.now() + jump
        callback = callback_of(browser)
        linked.sandbox.reset_counters()
        linked.told.clear()
        with clock.replaced(lambda at=there: at):  # type: ignore[misc]
            answer = browser.get(callback)

            assert answer.status_code == 400
            assert "too long" in answer.text
            assert [told["reason"] for told in linked.signals("flow_rejected")] == ["expired"]
            assert linked.calls("acme") == 0
            assert browser.trip("/login/acme").headers["Location"] == "/home"
            assert browser.who() == U1


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_F61_where_the_provider_s_clock_did_not_jump_nothing_worse_than_a_page_comes_of_it(
    bed: Bed, box: ServedSandbox, jump: int
) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    browser.trip("/connect/acme")
    browser.trip("/connect/plain")
    there = clock.now() + jump
    box.skew = -jump  # the two share a clock here
    with clock.replaced(lambda: there):
        assert bed.browser().trip("/login/plain").headers["Location"] == "/home"
        answer = bed.browser().trip("/login/acme")
        assert answer.status_code == 502, "its ID tokens are of another hour"
        assert "Nothing was changed" in answer.text
    box.skew = 0
    assert bed.browser().trip("/login/acme").headers["Location"] == "/home"


def test_F61_a_flow_is_as_old_as_it_may_be_and_no_younger_than_clocks_differ(
    linked: Bed,
) -> None:
    began, statuses = clock.now(), {}
    for age in (-HOUR, -61, -60, 0, 600, 601):
        browser = linked.browser()
        with clock.replaced(lambda: began):
            url = browser.set_out("/login/acme")
        with clock.replaced(lambda at=began + age: at):  # type: ignore[misc]
            statuses[age] = browser.get(browser.at_provider(url)).status_code
    assert statuses == {-HOUR: 400, -61: 400, -60: 303, 0: 303, 600: 303, 601: 400}
    assert linked.calls("acme") == 3


def test_F61_back_at_the_time_where_it_began_the_flow_is_good_still_and_once(
    linked: Bed,
) -> None:
    browser = linked.browser()
    callback = callback_of(browser)
    saved = browser.http.cookies.copy()
    before = clock.now() - HOUR
    with clock.replaced(lambda: before):
        assert browser.get(callback).status_code == 400
    assert browser.get(callback).headers["Location"] == "/home"
    browser.sign_out()
    browser.http.cookies.update(saved)
    for moment in (before, clock.now()):
        with clock.replaced(lambda now=moment: now):  # type: ignore[misc]
            assert browser.get(callback).status_code == 400
    assert linked.calls("acme") == 1


def test_F61_connection_values_from_the_future_are_refused(bed: Bed) -> None:
    from flask_social.views import connect_handler

    bed.add_user(U1)

    @bed.app.post("/keep/<int(signed=True):age>")
    def keep(age: int):  # type: ignore[no-untyped-def]
        account = {"provider_id": "plain", "provider_user_id": f"age {age}", "access_token": "t"}
        values = {**account, "user_id": bed.user_id(U1), "granted_at": clock.now() - age}
        return connect_handler(values)

    browser = bed.browser().sign_in(U1)
    for age in (-HOUR, -61, -60, 0, 1_800, 1_801):
        browser.post(f"/keep/{age}")
    assert [row[2] for row in bed.accounts()] == ["age -60", "age 0", "age 1800"]


def test_F61_rows_and_pages_have_no_negative_ages(linked: Bed) -> None:
    before = clock.now() - HOUR
    [row] = linked.rows()
    created = row.created_at
    with clock.replaced(lambda: before):
        browser = linked.browser()
        assert browser.trip("/login/acme").headers["Location"] == "/home"
        [row] = linked.rows()
        assert row.updated_at == before < created == row.created_at
        assert row.expires_at is not None
        assert row.expires_at > before
        assert "Connected on" in browser.get("/connections").text


# F62: the ledger's table.


@pytest.fixture
def table(make_bed: MakeBed, tmp_path: Path) -> Bed:
    """An application whose ledger is a table with many expired rows, which a bot left behind."""
    bed = make_bed(database=f"sqlite:///{tmp_path}/app.db?timeout=60")
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    return bed


def fill(bed: Bed, number: int) -> None:
    expired = [{"key_hash": f"{each:064}", "expires_at": 1} for each in range(number)]
    with bed.app.app_context(), bed.db.engine.begin() as connection:
        connection.execute(sa.insert(bed.SpentFlow.__table__), expired)


def left(bed: Bed) -> int:
    with bed.app.app_context():
        return int(
            bed.db.session.scalar(sa.select(sa.func.count()).select_from(bed.SpentFlow)) or 0
        )


def of_ledger(bed: Bed) -> list[str]:
    return [each for each in bed.statements if "spent_flow" in each]


def test_F62_setting_out_and_false_answers_write_nothing_and_look_once(table: Bed) -> None:
    fill(table, 2_000)
    before, bot = left(table), table.browser()
    table.statements.clear()
    for _ in range(20):
        bot.set_out("/login/acme")
    assert table.statements == []

    bot.http.cookies.clear()
    for number in range(20):
        assert bot.get(f"/login/acme?state=made-up-{number}&code=x").status_code == 400

    assert len(of_ledger(table)) == 20
    assert all(each.startswith("SELECT") for each in of_ledger(table))
    assert left(table) == before


def test_F62_a_purge_is_of_small_batches_and_soon_done(table: Bed) -> None:
    fill(table, BATCH * BATCHES + 100)
    moment = clock.now()
    counts = []
    for minute in (2, 4):
        with clock.replaced(lambda at=moment + 60 * minute: at):  # type: ignore[misc]
            table.statements.clear()
            assert table.browser().trip("/login/acme").headers["Location"] == "/home"
            counts.append(sum(each.startswith("DELETE") for each in of_ledger(table)))
    assert counts == [BATCHES, 1]
    assert left(table) <= 3, "what is there of these very logins"
    assert 100 <= BATCH <= 1_000
