"""The datastore of 1.6, on the models that its users have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy

from flask_social.datastore.base import ConnectionDatastore
from flask_social.datastore.sqlalchemy import SQLAlchemyConnectionDatastore
from tests.bed import Bed, make_app

EMAIL, OTHER = "user@example.org", "other@example.org"
MODELS = {
    "documented": ("display_name", "profile_url", "image_url", "rank"),
    "without rank": ("display_name", "profile_url", "image_url"),
    "of the 1.6.2 code": ("display_name", "full_name", "profile_url", "image_url", "rank"),
    "with all": ("display_name", "full_name", "email", "profile_url", "image_url", "rank"),
    "with tokens alone": (),
}
"""The columns of each beside those that no model is without."""
ALWAYS = {"user_id", "provider_id", "provider_user_id", "access_token", "secret"}
LONG = ("profile_url", "image_url")
PICTURED = {
    "profile": "https://acme.example.org/ada",
    "picture": "https://acme.example.org/ada.png",
}
"""What the provider tells of Ada besides her name and address."""
ADA = {
    "display_name": "ada",
    "full_name": "Ada Lovelace",
    "email": "ada@example.com",
    "profile_url": PICTURED["profile"],
    "image_url": PICTURED["picture"],
    "rank": 1,
}


def declaring(columns: tuple[str, ...]) -> Callable[[SQLAlchemy], Any]:
    """What declares the documented model, with *columns* beside the ones it must have."""

    def declare(db: SQLAlchemy) -> Any:
        more = {
            name: db.Column(
                db.Integer if name == "rank" else db.String(512 if name in LONG else 255)
            )
            for name in columns
        }
        members = {
            "id": db.Column(db.Integer, primary_key=True),
            "user_id": db.Column(db.Integer, db.ForeignKey("user.id")),
            "user": db.relationship("User"),
            "provider_id": db.Column(db.String(255)),
            "provider_user_id": db.Column(db.String(255)),
            "access_token": db.Column(db.String(255)),
            "secret": db.Column(db.String(255)),
            **more,
        }
        model: Any = db.Model
        return type(model)("Connection", (model,), members)

    return declare


@pytest.fixture(params=MODELS)
def columns(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return MODELS[request.param]


# Over HTTP.


def test_each_model_connects_logs_in_and_is_removed(
    make_bed: Callable[..., Bed], columns: tuple[str, ...]
) -> None:
    bed = make_bed(declare=declaring(columns))
    bed.add_user(EMAIL)
    bed.sandbox["acme"].set("claims", **PICTURED)
    browser = bed.browser().sign_in(EMAIL)

    assert browser.trip("/connect/acme").headers["Location"] == "/connections"
    [row] = bed.rows()
    assert (row.user_id, row.provider_id) == (bed.user_id(EMAIL), "acme")
    assert row.access_token
    assert {name: getattr(row, name) for name in columns} == {name: ADA[name] for name in columns}

    stranger = bed.browser()
    stranger.trip("/login/acme")
    assert stranger.who() == EMAIL
    [again] = bed.rows()
    assert (again.id, again.access_token == row.access_token) == (row.id, False)

    assert browser.get("/connections").status_code == 200
    browser.delete(f"/connect/acme/{row.provider_user_id}")
    assert bed.rows() == []


# The methods.


@pytest.fixture
def bed(columns: tuple[str, ...]) -> Bed:
    """An application of the model, with two users, not served."""
    bed = make_app({}, declare=declaring(columns))
    for email in (EMAIL, OTHER):
        bed.add_user(email)
    return bed


@pytest.fixture
def ids(bed: Bed) -> dict[str, int]:
    """The users' keys."""
    return {email: bed.user_id(email) for email in (EMAIL, OTHER)}


@pytest.fixture
def store(bed: Bed, ids: dict[str, int]) -> Iterator[Any]:
    """The store, in a context of the application."""
    with bed.app.app_context():
        yield bed.app.extensions["social"].datastore


def as_of_1_6(user_id: int, provider_id: str, subject: str) -> dict[str, Any]:
    """What 1.6 passed to create a connection, whatever columns there are."""
    return {
        "user_id": user_id,
        "provider_id": provider_id,
        "provider_user_id": subject,
        "access_token": f"token of {subject}",
        "secret": None,
        "display_name": "ada",
        "full_name": "Ada Lovelace",
        "email": "ada@example.com",
        "profile_url": None,
        "image_url": None,
    }


@pytest.fixture
def four(store: Any, ids: dict[str, int]) -> list[Any]:
    """Three connections of the one user and one of the other."""
    accounts = [
        (ids[EMAIL], "acme", "1"),
        (ids[EMAIL], "acme", "2"),
        (ids[EMAIL], "plain", "1"),
        (ids[OTHER], "acme", "3"),
    ]
    rows = [store.create_connection(**as_of_1_6(*account)) for account in accounts]
    store.commit()
    return rows


def test_the_store_is_made_of_the_database_and_the_model(bed: Bed) -> None:
    store = SQLAlchemyConnectionDatastore(bed.db, bed.Connection)
    assert isinstance(store, ConnectionDatastore)
    assert store.connection_model is bed.Connection


def test_create_connection_takes_what_1_6_passed_and_keeps_what_has_a_column(
    bed: Bed, store: Any, ids: dict[str, int], columns: tuple[str, ...]
) -> None:
    passed = as_of_1_6(ids[EMAIL], "acme", "1")
    row = store.create_connection(**passed)
    store.commit()
    assert isinstance(row, bed.Connection)
    assert row.user.email == EMAIL
    kept = {name: getattr(row, name) for name in passed if name in columns or name in ALWAYS}
    assert kept == {name: passed[name] for name in kept}
    assert kept.keys() >= ALWAYS


def test_connections_are_found_by_the_three_filters(
    store: Any, four: list[Any], ids: dict[str, int]
) -> None:
    searches: list[tuple[dict[str, Any], list[int]]] = [
        ({"provider_id": "acme", "provider_user_id": "2"}, [1]),
        ({"provider_id": "acme"}, [0, 1, 3]),
        ({"provider_user_id": "1"}, [0, 2]),
        ({"user_id": ids[EMAIL]}, [0, 1, 2]),
        ({"user_id": ids[EMAIL], "provider_id": "acme"}, [0, 1]),
        ({"user_id": ids[OTHER], "provider_id": "acme", "provider_user_id": "3"}, [3]),
        ({"user_id": ids[OTHER], "provider_id": "plain"}, []),
        ({}, [0, 1, 2, 3]),
    ]
    for filters, places in searches:
        expected = [four[place] for place in places]
        assert store.find_connections(**filters) == expected, filters
        first = expected[0] if expected else None
        assert store.find_connection(**filters) is first, filters


def test_deleting_tells_whether_there_was_anything(
    store: Any, four: list[Any], ids: dict[str, int]
) -> None:
    one = {"user_id": ids[EMAIL], "provider_id": "acme", "provider_user_id": "2"}
    assert store.delete_connection(**one) is True
    assert store.delete_connection(**one) is False
    store.commit()
    assert store.find_connections() == [four[0], four[2], four[3]]

    assert store.delete_connections(user_id=ids[EMAIL]) is True
    assert store.delete_connections(user_id=ids[EMAIL]) is False
    store.commit()
    assert store.find_connections() == [four[3]]


def test_put_delete_and_commit_are_as_in_flask_security_s_store(
    bed: Bed, store: Any, ids: dict[str, int]
) -> None:
    row = bed.Connection(
        user_id=ids[EMAIL], provider_id="acme", provider_user_id="1", access_token="by the app"
    )
    assert store.put(row) is row
    store.commit()
    store.session.expunge_all()
    [found] = store.find_connections()
    assert (found.user.email, found.access_token) == (EMAIL, "by the app")
    store.delete(found)
    store.commit()
    assert store.find_connections() == []
