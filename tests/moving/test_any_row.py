"""Whatever an old table holds, each row gets an outcome, and no token gets into the report."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_social.datastore.filters import is_storable
from flask_social.datastore.tokens import TOKENS
from flask_social.moving.entries import Entry, Note, Outcome
from flask_social.moving.judge import Here, judge
from flask_social.moving.report import Report, line
from flask_social.moving.sources import SOURCES, Source, text_of
from flask_social.moving.survey import Survey, fold
from flask_social.moving.tables import OldTable, TableTrouble

HERE = Here(
    issuers={"google": "https://accounts.google.com", "github": None},
    has_user=lambda user: user in (1, "1"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
KEYS = (
    *("access_token", "refresh_token", "oauth_token", "oauth_token_secret", "scope", "expires"),
    *("expires_at", "expires_in", "expires_on", "auth_time", "token_type", "login"),
)
TOKEN = st.dictionaries(st.sampled_from(KEYS), JSON) | JSON
VALUES = st.one_of(
    st.none(),
    st.text(st.characters(), max_size=300),
    st.binary(max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.uuids(),
    st.sampled_from(["google", "github", "google-oauth2", "1", 1, "x" * 255, "{", "ann@a.example"]),
    TOKEN,
    TOKEN.map(json.dumps),
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Source, list[dict[str, Any]]]:
    """A source, and rows that have any of its columns."""
    source = SOURCES[draw(st.sampled_from(sorted(SOURCES)))]
    fixed = {
        source.provider: st.sampled_from(["google", "github", "google-oauth2"]) | VALUES,
        source.subject: st.sampled_from(["7", "abC", "abc", "abc "]) | VALUES,
        source.user: st.sampled_from([1, "1"]) | VALUES,
    }
    others = dict.fromkeys(source.others, VALUES)
    row = st.fixed_dictionaries({}, optional={**fixed, **others})
    likely = st.fixed_dictionaries(fixed, optional=others)
    return source, draw(st.lists(likely | row, max_size=6))


@settings(max_examples=40)
@given(tables())
def test_every_row_gets_an_outcome_and_what_is_imported_can_be_stored(
    table: tuple[Source, list[dict[str, Any]]],
) -> None:
    source, found = table
    survey, report = Survey(), Report()
    entries = [judge(key, raw, source, {}, HERE) for key, raw in enumerate(found)]
    survey.add(entries)
    entries = [survey.seen(entry) for entry in entries]
    report.add(entries)
    assert report.seen == len(found)
    "\n".join(report.told()).encode("ascii")
    accounts = [entry.account for entry in entries if entry.outcome is Outcome.IMPORTED]
    assert len(accounts) == len(set(accounts))
    for entry in entries:
        require_sound(entry)


def require_sound(entry: Entry) -> None:
    """What is to be written has one account and whole tokens, or none; none of them is told."""
    assert json.loads(line(entry))["outcome"] == entry.outcome
    if entry.outcome is not Outcome.IMPORTED:
        return
    values = entry.values
    assert values["provider_user_id"] == entry.subject
    assert entry.subject
    assert all(is_storable(value) for value in values.values() if isinstance(value, str))
    tokens = [values[name] for name in TOKENS if values[name] is not None]
    assert values["needs_reauth"] is (values["access_token"] is None)
    assert bool(tokens) is (values["access_token"] is not None)
    assert all(repr(token) == "<secret>" for token in tokens)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("abC", "abc"),
        ("abc", "abc "),
        ("caf\u00e9", "cafe\u0301"),
        ("caf\u00e9", "cafe"),
        ("\uff11\uff12", "12"),
        ("stra\u00dfe", "STRASSE"),
    ],
)
def test_ids_that_a_careless_database_takes_for_one_look_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_ids_that_only_look_alike_are_noted_both_and_others_are_not() -> None:
    survey = Survey()
    subjects = ["abC", "7", "abc", "8"]
    found = [
        Entry(row=row, name="a", provider_id="a", subject=subject, user=1)
        for row, subject in enumerate(subjects)
    ]
    survey.add(found)
    noted = [survey.seen(entry).notes for entry in found]
    assert noted == [(Note.ALIKE,), (), (Note.ALIKE,), ()]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("7", "7"),
        (7, "7"),
        (Decimal("7.0"), "7"),
        (Decimal("7.5"), None),
        (7.0, None),
        (True, None),
        (b"abC ", "abC "),
        (None, None),
    ],
)
def test_an_id_of_any_type_is_the_text_that_a_login_brings(value: Any, text: str | None) -> None:
    assert text_of(value) == text


def test_a_key_of_nothing_hides_no_other_row_and_two_keys_are_refused() -> None:
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE one (key VARCHAR PRIMARY KEY, provider)",
            "INSERT INTO one VALUES (NULL, 'a'), (NULL, 'b'), ('x', 'c')",
            "INSERT INTO one VALUES ('y', CAST(x'80' AS TEXT))",
            "CREATE TABLE two (a, b, PRIMARY KEY (a, b))",
        ):
            connection.exec_driver_sql(statement)
    pages = list(OldTable(engine, "one").pages(["provider", "missing"], 1))
    assert pages == [[("x", {"provider": "c"})], [("y", {"provider": "\udc80"})]]
    with pytest.raises(TableTrouble, match="primary key"):
        OldTable(engine, "two")
    engine.dispose()
