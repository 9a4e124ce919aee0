"""A column that is too short for what a provider gave: 503, nothing written, the column named."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from peewee import CharField, ForeignKeyField, SqliteDatabase, TextField
from sqlalchemy import orm
from sqlalchemy.exc import DataError, DBAPIError, PendingRollbackError

from flask_social import StoreUnavailable, clock
from flask_social.datastore.drivers import wide_enough
from flask_social.datastore.sealing import TokenSealing
from flask_social.datastore.sqlalchemy.columns import ModelColumns
from flask_social.datastore.sqlalchemy.trouble import wrote_to
from flask_social.errors import ColumnTooShort, ConfigurationError
from flask_social.testing import ServedSandbox
from tests import peeweebed
from tests.bed import Bed
from tests.datastore import peewee_beds
from tests.freshness import Connected, MakeConnected
from tests.peeweebed import PeeweeBed
from tests.test_outage import told

U1, ADA = "one@example.org", "ada@example.com"
JSON = {"Accept": "application/json"}
KEY = "a:" + base64.b64encode(b"k" * 32).decode()
NARROW = {"plain": 30, "sealed": 100}
"""Too short for a token of the sandbox, and too short for it as soon as it is sealed."""
DETAIL = "widen Connection.access_token for "


def narrowing(length: int, name: str = "access_token") -> str:
    """The table as a migration that never ran left it."""
    return (
        f"ALTER TABLE connection ALTER COLUMN {name} TYPE varchar({length}) USING left({name}, 8)"
    )


def narrow(bed: Bed, length: int, name: str = "access_token") -> None:
    with bed.app.app_context(), bed.db.engine.begin() as connection:
        connection.execute(sa.text(narrowing(length, name)))


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]


@pytest.fixture(params=["plain", "sealed"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def keys(kind: str) -> dict[str, Any]:
    return {"SOCIAL_TOKEN_KEYS": [KEY]} if kind == "sealed" else {}


@pytest.fixture
def bed(
    make_bed: Callable[..., Bed], postgres_database: str, keys: dict[str, Any], kind: str
) -> Bed:
    bed = make_bed(database=postgres_database, **keys)
    bed.add_user(U1)
    narrow(bed, NARROW[kind])
    return bed


def test_a_connect_is_a_page_and_nothing_is_written(
    bed: Bed, caplog: pytest.LogCaptureFixture
) -> None:
    browser = bed.browser().sign_in(U1)
    bed.told.clear()
    answer = browser.trip("/connect/acme")
    assert answer.status_code == 503
    assert "could not be stored" in answer.text
    assert bed.rows() == []
    [(name, arguments)] = bed.told
    assert name == "store_failed"
    assert isinstance(arguments["error"], StoreUnavailable)
    assert arguments["error"].code == "not_stored"
    [line] = errors(caplog)
    assert DETAIL in line
    assert "sbx_" not in line
    assert bed.raised == []


def test_a_client_of_json_is_told_a_code_of_its_own(bed: Bed) -> None:
    browser = bed.browser().sign_in(U1)
    url = browser.at_provider(browser.set_out("/connect/acme"))
    answer = browser.get(url, headers=JSON)
    assert (answer.status_code, answer.json()["response"]["code"]) == (503, "not_stored")


def test_a_newcomer_is_not_left_without_a_connection(bed: Bed) -> None:
    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        security = bed.app.extensions["security"]
        return security.datastore.create_user(
            email=grant.identity.email, confirmed_at=security.datetime_factory()
        )

    browser = bed.browser()
    assert browser.trip("/login/acme").status_code == 503
    assert (browser.who(), bed.users(), bed.rows()) == (None, [U1], [])


def test_a_login_is_a_page_and_the_row_stays_as_it_was(
    make_connected: MakeConnected,
    postgres_database: str,
    keys: dict[str, Any],
    kind: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ada = make_connected(database=postgres_database, **keys)
    narrow(ada.bed, NARROW[kind])
    before = ada.row()
    browser = ada.bed.browser()
    assert browser.trip("/login/acme").status_code == 503
    after = ada.row()
    assert browser.who() is None
    assert (after.version, after.access_token) == (before.version, before.access_token)
    assert told(ada.bed) == ["store_failed"]
    assert DETAIL in errors(caplog)[0]


def test_a_mistake_of_the_applications_own_is_not_taken_for_it(bed: Bed) -> None:
    narrow(bed, 255)  # wide enough again

    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        return bed.User(email="a" * 300, fs_uniquifier="a", active=True)

    bed.app.register_error_handler(DataError, lambda error: ("a mistake", 409))
    assert bed.browser().trip("/login/acme").text == "a mistake"
    assert told(bed) == []


def test_another_column_is_named_as_well(
    make_bed: Callable[..., Bed], postgres_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    bed = make_bed(database=postgres_database)
    bed.add_user(U1)
    narrow(bed, 10, "provider_user_id")
    assert bed.browser().sign_in(U1).trip("/connect/acme").status_code == 503
    assert "Connection.provider_user_id for " in errors(caplog)[0]


@pytest.fixture
def narrowed(
    make_connected: MakeConnected, postgres_database: str, keys: dict[str, Any], kind: str
) -> Connected:
    """Ada, whose next token has no room."""
    ada = make_connected(database=postgres_database, **keys)
    narrow(ada.bed, NARROW[kind])
    return ada


def test_a_refresh_is_told_once_and_gives_its_lease_back(narrowed: Connected) -> None:
    ada = narrowed
    expire(ada, 1)
    with pytest.raises(StoreUnavailable) as caught, ada.api():
        pass
    assert (caught.value.code, caught.value.status) == ("not_stored", 503)
    assert DETAIL in caught.value.detail
    assert ada.row().lease_until is None
    assert ada.asked() == (1, 0), "and not asked again and again"


def expire(ada: Connected, expires_at: int) -> None:
    with ada.bed.app.app_context(), ada.bed.db.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE connection SET expires_at = {expires_at}"))


def test_the_lease_is_given_back_also_if_somebody_wrote_to_the_row_meanwhile(
    narrowed: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = narrowed
    expire(ada, 1)
    kind: Any = type(ada.remote.provider)
    refresh = kind.refresh

    def slowly(*arguments: Any) -> Any:
        ada.write(display_name="Countess", version=ada.row().version + 1)
        return refresh(*arguments)

    monkeypatch.setattr(kind, "refresh", slowly)
    with pytest.raises(ColumnTooShort), ada.api():
        pass
    assert (ada.row().display_name, ada.row().lease_until) == ("Countess", None)


def test_the_log_has_it_also_while_the_old_token_lasts(
    narrowed: Connected, caplog: pytest.LogCaptureFixture
) -> None:
    expire(narrowed, clock.now() + 30)
    with narrowed.api():
        pass
    [line] = errors(caplog)
    assert line.startswith("acme: not_stored")
    assert DETAIL in line
    assert "sbx_" not in line


def test_no_value_of_the_row_is_in_what_led_to_it(narrowed: Connected) -> None:
    store = narrowed.remote.datastore
    values = {"access_token": "hush" * 100, "display_name": "Countess"}
    with narrowed.bed.app.app_context():
        row = store.find_connection(provider_id="acme")
        token = store.read_token(row)
        assert token is not None
        with pytest.raises(ColumnTooShort) as swapped:
            store.swap_token(token, **values)
        with pytest.raises(ColumnTooShort) as updated:
            store.update_connection(row, **values)
        with pytest.raises(PendingRollbackError) as pending:
            store.find_connection(provider_id="acme")
        store.rollback()
        assert store.find_connection(provider_id="acme") is row
    for error in (swapped.value.__context__, updated.value.__context__, pending.value):
        assert "UPDATE connection" in str(error)
        assert "Countess" not in str(error)
        assert "hush" not in str(error)


def test_a_token_that_is_sealed_along_with_another_is_named_as_well(
    make_connected: MakeConnected, postgres_database: str
) -> None:
    ada = make_connected(database=postgres_database)
    narrow(ada.bed, 50, "refresh_token")
    store = ada.remote.datastore
    store.sealing._used = None  # as after a restart
    store.sealing.use([KEY])
    with ada.bed.app.app_context():
        row = store.find_connection(provider_id="acme")
        with pytest.raises(ColumnTooShort, match=r"or Connection\.refresh_token for "):
            store.update_connection(row, access_token="new")
        store.rollback()


@pytest.mark.parametrize(
    ("table", "statement", "is_it"),
    [
        ("connection", "INSERT INTO connection (id) VALUES (1)", True),
        ("connection", "UPDATE `social`.`connection` SET rank=1", True),
        ("my rows", 'UPDATE "My Schema"."my rows" SET rank=1', True),
        ('a."b', 'INSERT INTO s."a.""b" (id) VALUES (1)', True),
        ("b", 'UPDATE "a.b" SET rank=1', False),
        ("connection", "UPDATE connection.audit SET rank=1", False),
        ("connection", "UPDATE connections SET rank=1", False),
        ("connection", "SELECT 1", False),
    ],
)
def test_which_table_a_statement_writes_to(table: str, statement: str, is_it: bool) -> None:
    assert wrote_to(table, DBAPIError(statement, None, Exception())) is is_it


# What the start makes of it.


def short(db: Any) -> Any:
    """Tokens as 1.6 documented them."""

    class Connection(db.Model):
        __table_args__ = (db.UniqueConstraint("provider_id", "provider_user_id"),)
        id = db.Column(db.Integer, primary_key=True)
        user_id = db.Column(db.Integer, db.ForeignKey("user.id"))
        user = db.relationship("User")
        provider_id = db.Column(db.String(255))
        provider_user_id = db.Column(db.String(255))
        access_token = db.Column(db.String(255))
        secret = db.Column(db.String(255))

    return Connection


NO_ROOM = (
    "SOCIAL_TOKEN_KEYS: .*Connection.access_token holds 255 and Connection.secret holds 255.*text"
)


@pytest.mark.parametrize("given", [[KEY], lambda: [KEY]], ids=["list", "function"])
def test_short_columns_for_sealed_tokens_stop_the_start(
    make_bed: Callable[..., Bed], given: Any
) -> None:
    with pytest.raises(ConfigurationError, match=NO_ROOM):
        make_bed(declare=short, SOCIAL_TOKEN_KEYS=given)


@pytest.mark.parametrize(
    "given", [{}, {"SOCIAL_TOKEN_KEYS": [KEY], "SOCIAL_STORE_TOKENS": False}], ids=["plain", "none"]
)
def test_short_columns_for_plain_tokens_or_none_do_not(
    make_bed: Callable[..., Bed], given: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    bed = make_bed(declare=short, **given)
    assert "Connection.access_token holds 255 characters, tokens may be longer" in caplog.text
    bed.add_user(U1)
    assert bed.browser().sign_in(U1).trip("/connect/acme").status_code == 303


def test_what_a_column_has_to_hold_is_a_sealed_token_of_255_characters() -> None:
    sealing = TokenSealing(lambda: "connection")
    sealing.use(["k" * 32 + KEY[1:]])
    row = {"provider_id": "acme", "provider_user_id": "7"}
    sealed = sealing.write(row, "access_token", "t" * 255)
    assert sealed is not None
    sealing.require_room("Connection", {"access_token": len(sealed)})
    with pytest.raises(ConfigurationError, match=f"takes {len(sealed)} characters"):
        sealing.require_room("Connection", {"access_token": len(sealed) - 1})


class Long(sa.types.TypeDecorator[str]):
    """Text, whatever it is made of."""

    impl = sa.String(255)
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sa.Text())


def test_a_length_that_is_none_on_some_database_stops_nothing() -> None:
    base = orm.declarative_base()

    class Connection(base):  # type: ignore[misc, valid-type]
        __tablename__ = "connection"
        id = sa.Column(sa.Integer, primary_key=True)
        access_token = sa.Column(sa.String(255).with_variant(sa.Text(), "postgresql"))
        refresh_token = sa.Column(Long)
        kept = sa.Column("secret", sa.String(255))
        secret = orm.synonym("kept")

    assert ModelColumns(Connection).lengths == {"secret": 255}


def test_with_peewee_the_start_stops_as_well(box: ServedSandbox) -> None:
    def declare(db: Any, owner: Any) -> Any:
        class Connection(db.Model):
            user = ForeignKeyField(owner)
            provider_id = TextField()
            provider_user_id = TextField()
            access_token = CharField()
            secret = CharField()

        return Connection

    database = SqliteDatabase(":memory:")
    with (
        pytest.raises(ConfigurationError, match=NO_ROOM),
        peeweebed.served(box, database, declare, SOCIAL_TOKEN_KEYS=[KEY]),
    ):
        pass


# Peewee.


@pytest.fixture
def peewee_bed(box: ServedSandbox, postgres_database: str, keys: dict[str, Any]) -> Any:
    database = peewee_beds.postgresql(postgres_database)
    with peeweebed.served(box, database, **keys) as bed:
        bed.add_user(U1)
        yield bed


def test_with_peewee_it_is_the_same(
    peewee_bed: PeeweeBed, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    bed = peewee_bed
    browser = bed.browser().sign_in(U1)

    def alter(length: int) -> None:
        with bed.db.database.connection_context():
            bed.db.database.execute_sql(narrowing(length))

    alter(NARROW[kind])
    answer = browser.trip("/connect/acme")
    assert answer.status_code == 503
    assert "could not be stored" in answer.text
    assert bed.accounts() == []
    [line] = errors(caplog)
    assert DETAIL in line
    assert "sbx_" not in line

    alter(2000)
    assert browser.trip("/connect/acme").status_code == 303
    alter(NARROW[kind])
    before = bed.raw()
    visitor = bed.browser()
    assert visitor.trip("/login/acme").status_code == 503
    assert (visitor.who(), bed.raw()) == (None, before)
    with bed.db.database.connection_context():
        bed.db.database.execute_sql("UPDATE connection SET expires_at = 1")
    with (
        bed.app.app_context(),
        bed.db.database.connection_context(),
        pytest.raises(StoreUnavailable, match=DETAIL),
    ):
        bed.social.acme.get_api(bed.User.get(email=U1))
    with bed.db.database.connection_context():
        assert bed.Connection.get().lease_until is None
    assert bed.raised == []


# What drivers tell.


class DriverError(Exception):
    """As an ORM raises it, made of the driver's."""

    def __init__(self, *args: Any) -> None:
        super().__init__("it says", "hush-hush")
        self.orig = Exception(*args)


TWO = {"access_token": "hush-hush", "refresh_token": "hush-hush-hush", "expires_at": 7}


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((1406, "Data too long for column 'access_token' at row 1"), "access_token for 9 char"),
        ((1406, "Data too long for column 'of another name'"), "a column of Connection"),
        ((1406, "it says (12)"), "refresh_token for 14 char"),
        ((1406, "it says"), "access_token for 9 characters, or Connection.refresh_token for 14"),
    ],
)
def test_the_column_is_told_as_well_as_the_driver_tells_it(args: Any, told: str) -> None:
    with (
        pytest.raises(ColumnTooShort, match=told) as caught,
        wide_enough((DriverError,), "Connection", lambda: TWO),
    ):
        raise DriverError(*args)
    assert "hush" not in f"{caught.value!r} {caught.value.detail}"
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "args",
    [(1062, "Duplicate entry"), ("22001",), (), (1406, "it holds (14), which is enough")],
    ids=str,
)
def test_another_error_stays_what_it_is(args: Any) -> None:
    with pytest.raises(DriverError), wide_enough((DriverError,), "Connection", lambda: TWO):
        raise DriverError(*args)
