"""F48: deadlocks, serialization failures and read-only databases, on servers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
import sqlalchemy as sa
from flask_login import user_logged_in
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from tests.bed import Bed, Browser
from tests.hostile.databases import Database
from tests.hostile.rivals import Rival

U1, U2 = "one@example.org", "two@example.org"
ADA = "ada@example.com"


@pytest.fixture(params=["postgresql", "mariadb"])
def database(request: pytest.FixtureRequest, open_database: Callable[[str], Database]) -> Database:
    return open_database(request.param)


@pytest.fixture
def rival(database: Database) -> Iterator[Callable[[], Rival]]:
    """A function that makes a rival."""
    with ExitStack() as stack:

        def make() -> Rival:
            made = Rival(database)
            stack.enter_context(made.stack)
            return made

        yield make


@pytest.fixture
def bed(make_bed: Callable[..., Bed], database: Database) -> Bed:
    """U1 is connected, and every login writes the connection first and then the user."""
    url = make_url(database.url)
    if database.kind == "postgresql":
        quick = f"{url.query['options']} -cdeadlock_timeout=10ms"
        url = url.update_query_dict({"options": quick})
    bed = make_bed(
        database=url.render_as_string(hide_password=False),
        SECURITY_TRACKABLE=True,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 2},
    )
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/acme")
    bed.told.clear()
    bed.sandbox.reset_counters()
    return bed


def log_in(bed: Bed, meet: Callable[[], Any]) -> tuple[Browser, Any]:
    """A visitor, and what they are answered who meet a rival once the connection is written."""

    def signed_in(sender: Any, **arguments: Any) -> None:
        meet()

    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    with user_logged_in.connected_to(signed_in, sender=bed.app):
        return browser, browser.get(callback)


def test_F48_a_deadlock_is_run_again(
    bed: Bed, database: Database, rival: Callable[[], Rival]
) -> None:
    [before] = bed.rows()
    crossings: list[Future[None]] = []

    def meet_once() -> None:
        if not crossings:
            crossings.append(rival().cross("connection"))

    with bed.app.app_context():
        engine = bed.db.engine

    @sa.event.listens_for(engine, "begin")
    def let_the_rival_end(_connection: sa.Connection) -> None:
        for each in crossings:  # or the second attempt may have the row before it, and cross again
            each.result()

    browser, answer = log_in(bed, meet_once)

    assert (answer.status_code, answer.headers.get("Location")) == (303, "/home")
    assert len(crossings) == 1
    assert browser.who() == U1
    [row] = bed.rows()
    assert (row.rank, row.version) == (7, before.version + 1)
    assert bed.calls("acme") == 1, "the provider is not asked again"
    assert [name for name, _ in bed.told] == ["login_completed"]
    database.require_quiet()


def test_F48_a_second_deadlock_is_a_page(
    bed: Bed, database: Database, rival: Callable[[], Rival]
) -> None:
    [before] = bed.rows()
    crossings: list[Future[None]] = []

    browser, answer = log_in(bed, lambda: crossings.append(rival().cross("connection")))

    assert answer.status_code == 503
    assert "nothing was changed" in answer.text
    assert len(crossings) == 2
    for each in crossings:
        each.result()
    assert browser.who() is None
    [row] = bed.rows()
    assert (row.access_token, row.version) == (before.access_token, before.version)
    assert [name for name, _ in bed.told] == ["store_failed"]
    assert browser.trip("/login/acme").headers["Location"] == "/home"
    assert browser.who() == U1
    database.require_quiet()


def test_F48_the_newcomer_s_handler_is_asked_again(
    bed: Bed, database: Database, rival: Callable[[], Rival]
) -> None:
    bed.sandbox.login_as("grace")
    crossings: list[Future[None]] = []

    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        if not crossings:
            bed.db.session.execute(sa.update(bed.Connection).values(rank=3))
            crossings.append(rival().cross("connection"))
            bed.db.session.execute(sa.update(bed.User).values(us_phone_number="1"))
        security = bed.app.extensions["security"]
        return security.datastore.create_user(
            email=grant.identity.email, confirmed_at=security.datetime_factory()
        )

    browser = bed.browser()
    answer = browser.trip("/login/acme")

    assert (answer.status_code, answer.headers.get("Location")) == (303, "/home")
    crossings[0].result()
    assert browser.who() == "grace@example.com"
    assert [row.rank for row in bed.rows()] == [7, 1]
    assert [user for user, *_ in bed.accounts()] == [U1, "grace@example.com"]
    assert [name for name, _ in bed.told] == ["connection_created", "login_completed"]
    database.require_quiet()


@pytest.mark.parametrize("level", ["SERIALIZABLE", "REPEATABLE READ"])
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_F48_two_users_for_one_identity_from_older_snapshots(
    make_bed: Callable[..., Bed], database: Database, level: str
) -> None:
    options = {"poolclass": NullPool, "isolation_level": level}
    bed = make_bed(database=database.url, SQLALCHEMY_ENGINE_OPTIONS=options)
    bed.add_user(U1)
    bed.add_user(U2)
    both = threading.Barrier(2, timeout=60)

    @bed.social.grant_checker
    def wait(grant: Any) -> None:
        both.wait()

    browsers = [bed.browser().sign_in(U1), bed.browser().sign_in(U2)]
    callbacks = [each.at_provider(each.set_out("/connect/acme")) for each in browsers]
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda pair: pair[0].get(pair[1]), zip(browsers, callbacks, strict=True))
        )

    assert [each.status_code for each in answers] == [303, 303]
    [(winner, _, _)] = bed.accounts()
    for browser, email in zip(browsers, (U1, U2), strict=True):
        page = browser.get("/connections").text
        said = "account is connected." if email == winner else "connected to another account here"
        assert said in page
    database.require_quiet()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("when", ["from the start", "meanwhile"])
def test_F48_a_read_only_replica(
    make_bed: Callable[..., Bed], database: Database, when: str
) -> None:
    options = {"poolclass": NullPool}
    bed = make_bed(database=database.url, SQLALCHEMY_ENGINE_OPTIONS=options)
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    read_only, due = when == "from the start", [when == "meanwhile"]
    with bed.app.app_context():
        engine = bed.db.engine

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        if read_only:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    @bed.social.grant_checker
    def fail_over(grant: Any) -> None:
        nonlocal read_only
        read_only = due.pop() if due else False
        bed.db.session.rollback()

    answer = browser.trip("/connect/acme")

    assert answer.status_code == 503
    assert (bed.calls("acme"), bed.rows()) == (int(when == "meanwhile"), [])
    assert [name for name, _ in bed.told] == ["store_failed"]
    assert browser.who() == U1
    read_only = False
    assert browser.trip("/connect/acme").headers["Location"] == "/connections"
    database.require_quiet()
