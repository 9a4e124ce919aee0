"""What the page on migrating shows: the old pattern of signing up, and the way of the table."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any
from zlib import decompress

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.bed import make_app
from tests.docpages import PASSWORD, blocks, builder, reader, trip
from tests.doctables import DOCS

OLD_TABLE = """CREATE TABLE connection (
    id {key} PRIMARY KEY, user_id INTEGER REFERENCES "user" (id), provider_id VARCHAR(255),
    provider_user_id VARCHAR(255), access_token VARCHAR(255), secret VARCHAR(255),
    display_name VARCHAR(255), profile_url VARCHAR(512), image_url VARCHAR(512), rank INTEGER
)"""
"""As the documented model of 1.6.2 makes it, once it has a foreign key."""


def test_the_statements_make_the_table_of_1_6_that_of_the_mixin(postgres_database: str) -> None:
    bed = make_app({}, database=postgres_database)
    with bed.app.app_context():
        wanted = shape_of(bed.db.engine)
        with bed.db.engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE connection"))
            connection.execute(sa.text(OLD_TABLE.format(key="SERIAL")))
            assert shape_of(connection) != wanted
            for statement in statements("migrating.md"):
                connection.execute(sa.text(statement))
        assert shape_of(bed.db.engine) == wanted


def statements(page: str) -> list[str]:
    """What the ``sql`` blocks of *page* say."""
    found = "".join(block.text for block in blocks(DOCS / page) if block.kind == "sql")
    return [statement for each in found.split(";") if (statement := each.strip())]


def shape_of(bind: sa.Engine | sa.Connection) -> dict[str, Any]:
    """The table of connections, as the database has it."""
    inspector = sa.inspect(bind)
    return {
        "columns": sorted(
            (each["name"], str(each["type"]), each["nullable"], str(each["default"]))
            for each in inspector.get_columns("connection")
        ),
        "unique": [each["column_names"] for each in inspector.get_unique_constraints("connection")],
        "indexes": {each["name"] for each in inspector.get_indexes("connection")},
        "keys": [
            (each["constrained_columns"], each["referred_table"], each["options"])
            for each in inspector.get_foreign_keys("connection")
        ],
    }


def test_the_old_pattern_of_the_page_signs_a_newcomer_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with builder(DOCS / "migrating.md", tmp_path, monkeypatch) as (somebody, box):
        client = somebody.app.test_client()
        assert trip(client, "/login/twitter").location == "/sign-up"
        with client.session_transaction() as session:
            token = session["pending"]["access_token"]
        assert token in box["twitter"].access_tokens
        assert token not in readable(client)
        form = {"email": "new@example.com", "password": PASSWORD}
        assert client.post("/sign-up", data=form).location == "/connections"
        assert "@ada" in client.get("/connections").text

        stranger = somebody.app.test_client()
        assert trip(stranger, "/login/twitter").location == "/"
        assert "@ada" in stranger.get("/connections").text


def readable(client: FlaskClient) -> str:
    """What whoever has the cookie of *client*'s session can read in it."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    packed = cookie.value.lstrip(".").partition(".")[0]
    text = urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    said = (decompress(text) if cookie.value.startswith(".") else text).decode()
    assert "pending" in said
    return said


def test_a_view_of_the_readers_own_connects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with builder(DOCS / "migrating.md", tmp_path, monkeypatch) as (somebody, _):
        client = somebody.app.test_client()
        client.post("/sign-up", data={"email": "new@example.com", "password": PASSWORD})
        assert trip(client, "/twitter/link").location == "/connections"
        assert "@ada" in client.get("/connections").text


def test_the_table_of_1_6_is_tidied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left_behind = [  # user, account, token
        (1, "ada's", "first"),
        (None, "nobody's", "orphan"),
        (1, "ada's", "of a second connect"),
        (1, "shared", "ada's"),
        (2, "shared", "grace's"),
        (2, "grace's", "only"),
    ]
    with reader(DOCS / "migrating.md", tmp_path, monkeypatch) as somebody:
        somebody.build()
        db, tidy = somebody.module.__dict__["db"], somebody.module.__dict__["tidy"]
        with somebody.app.app_context():
            db.session.execute(sa.text("DROP TABLE connection"))
            db.session.execute(sa.text(OLD_TABLE.format(key="INTEGER")))
            put = sa.text(
                "INSERT INTO connection (user_id, provider_id, provider_user_id, access_token)"
                " VALUES (:user, 'twitter', :account, :token)"
            )
            for user, account, token in left_behind:
                db.session.execute(put, {"user": user, "account": account, "token": token})
            db.session.commit()
            assert tidy() == [("twitter", "shared")]
            kept = db.session.scalars(sa.text("SELECT access_token FROM connection ORDER BY id"))
            assert list(kept) == ["first", "ada's", "grace's", "only"]
