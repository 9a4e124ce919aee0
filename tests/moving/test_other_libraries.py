"""The tables of Flask-Dance and of social-app-flask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flask_social.datastore.registrations import MemoryRegistrations
from tests.moving.old import (
    FLASK_DANCE,
    FLASK_SOCIAL,
    GOOGLE,
    SOCIAL_APP,
    left,
    moved_to,
    outcomes,
    rows,
    run,
)

BEYOND = "x" * 255
"""As long as a column of 1.6.2 was; inside JSON nothing cuts a token."""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/app.sqlite?timeout=60"
    return str(request.getfixturevalue("postgres_database"))


def test_the_tokens_of_flask_dance_are_taken_apart(database: str, tmp_path: Path) -> None:
    bed = moved_to(database)
    granted = {
        "access_token": BEYOND,
        "refresh_token": "to refresh",
        "id_token": "signed",
        "token_type": "Bearer",
        "expires_in": 3599.5,
        "expires_at": 1700003599.5,
        "scope": ["openid", "email"],
    }
    signed = {"oauth_token": "signing", "oauth_token_secret": "secret", "screen_name": "ann"}
    hub = {"access_token": "gho", "scope": "repo,user:email", "token_type": "bearer"}
    found: list[dict[str, Any]] = [
        {"provider": "google", "token": granted, "provider_user_id": "108", "user_id": 1},
        {"provider": "twitter", "token": signed, "provider_user_id": "7", "user_id": 1},
        {"provider": "github", "token": hub, "provider_user_id": "5", "user_id": 2},
        {"provider": "github", "token": hub, "provider_user_id": None, "user_id": 2},
        {"provider": "github", "token": hub, "provider_user_id": "6", "user_id": None},
        {"provider": "azure", "token": hub, "provider_user_id": "6", "user_id": 1},
        {"provider": "plain", "token": [1, 2], "provider_user_id": "6", "user_id": 1},
    ]
    left(database, FLASK_DANCE, found)
    wanted = {
        "1": ("imported",),
        "2": ("imported",),
        "3": ("imported",),
        "4": ("no_id",),
        "5": ("no_user",),
        "6": ("no_provider",),
        "7": ("imported", "unreadable"),
    }
    assert outcomes(bed, tmp_path, "--from", "flask-dance", "--write", "--yes") == wanted
    google, twitter, github, plain = rows(bed)
    assert {name: google[name] for name in granted if name in google} == {
        **{name: granted[name] for name in ("access_token", "refresh_token", "id_token")},
        "token_type": "Bearer",
        "expires_at": 1700003599,
    }
    assert (google["scopes"], google["issuer"]) == ("openid email", GOOGLE)
    assert (twitter["access_token"], twitter["secret"]) == ("signing", "secret")
    assert twitter["display_name"] == "ann"
    assert (github["scopes"], github["expires_at"]) == ("repo user:email", None)
    assert (plain["access_token"], plain["needs_reauth"]) == (None, True)


def test_what_no_database_stores_of_a_token_s_answer_stops_nothing(
    database: str, tmp_path: Path
) -> None:
    bed = moved_to(database)
    answers = [
        {"access_token": "gho", "scope": "repo \ud800"},
        {"access_token": "gho", "scope": ["a\ud800b"], "token_type": "bearer"},
        {"access_token": "gho", "scope": "repo", "token_type": "\udfff"},
    ]
    found = [
        {"provider": "github", "token": token, "provider_user_id": str(number), "user_id": 1}
        for number, token in enumerate(answers, start=1)
    ]
    left(database, FLASK_DANCE, found)
    wanted = {str(number): ("imported",) for number in range(1, 4)}
    assert outcomes(bed, tmp_path, "--from", "flask-dance", "--write", "--yes") == wanted
    kept = [(row["access_token"], row["scopes"], row["token_type"]) for row in rows(bed)]
    assert kept == [("gho", None, None), ("gho", None, "bearer"), ("gho", "repo", None)]


def test_a_table_of_flask_dance_without_ids_is_told_what_it_lacks(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/app.sqlite"
    bed = moved_to(database, users=1)
    left(database, FLASK_DANCE, [{"provider": "github", "token": {}, "user_id": 1}])
    done = run(bed, "--from", "flask-dance", "--id-column", "google_id")
    assert done.exit_code == 2
    assert "no column google_id" in done.output
    assert "provider_user_id" in done.output


def test_what_social_core_keeps_is_taken_apart(database: str, tmp_path: Path) -> None:
    bed = moved_to(database)
    signed = {"oauth_token": "signing", "oauth_token_secret": "secret", "user_id": "7"}
    kept: list[tuple[str, str | None, int, str | None]] = [
        (
            "google-oauth2",
            "108",
            1,
            json.dumps(
                {
                    "access_token": BEYOND,
                    "refresh_token": "to refresh",
                    "token_type": "Bearer",
                    "expires": 3600,
                    "auth_time": 1700000000,
                }
            ),
        ),
        ("twitter", "7", 1, json.dumps({"access_token": signed, "screen_name": "ann"})),
        ("github-org", "5", 2, json.dumps({"access_token": "gho", "expires": None, "login": "b"})),
        ("google-oauth2", "bob@example.com", 2, json.dumps({"access_token": "t"})),
        ("linkedin-oauth2", "Xy", 2, json.dumps({"access_token": "t"})),
        ("github", "9", 2, '{"access_token": "gho'),
        ("github", "10", 2, None),
        ("google-openidconnect", "108", 1, json.dumps({"access_token": "t", "expires_on": 2e9})),
        ("acme", "11", 3, json.dumps({"access_token": "t", "expires": 1700000000})),
        ("plain", "12", 3, json.dumps(json.dumps({"access_token": "t", "expires_on": 1.7e9}))),
    ]
    columns = ("provider", "uid", "user_id", "extra_data")
    left(database, SOCIAL_APP, [dict(zip(columns, row, strict=True)) for row in kept])
    words = ("--from", "social-app-flask", "--write", "--yes")
    wanted = {
        "1": ("repeated",),
        "2": ("imported",),
        "3": ("imported",),
        "4": ("address",),
        "5": ("no_provider",),
        "6": ("imported", "unreadable"),
        "7": ("imported", "no_token"),
        "8": ("repeated",),
        "9": ("imported",),
        "10": ("imported",),
    }
    assert outcomes(bed, tmp_path, *words) == wanted
    again = outcomes(bed, tmp_path, *words, "--keep", "oldest")
    assert (again["1"], again["8"], again["2"]) == (("imported",), ("repeated",), ("present",))
    found = {(row["provider_id"], row["provider_user_id"]): row for row in rows(bed)}
    google = found["google", "108"]
    assert (google["access_token"], google["refresh_token"]) == (BEYOND, "to refresh")
    assert (google["expires_at"], google["issuer"]) == (1700003600, GOOGLE)
    twitter = found["twitter", "7"]
    assert (twitter["access_token"], twitter["secret"]) == ("signing", "secret")
    assert found["github", "5"]["display_name"] == "b"
    assert found["acme", "11"]["expires_at"] == found["plain", "12"]["expires_at"] == 1700000000
    assert [found["github", subject]["needs_reauth"] for subject in ("5", "9", "10")] == [
        False,
        True,
        True,
    ]


def test_the_operator_names_providers_anew_and_says_which_ids_are_addresses(
    tmp_path: Path,
) -> None:
    database = f"sqlite:///{tmp_path}/app.sqlite"
    bed = moved_to(database)
    rows_there = [
        {"provider": "keycloak", "uid": "ann@example.com", "user_id": 1},
        {"provider": "google-oauth2", "uid": "ann@example.com", "user_id": 1},
    ]
    left(database, SOCIAL_APP, rows_there)
    words = ("--from", "social-app-flask", "--map", "keycloak=acme")
    assert outcomes(bed, tmp_path, *words) == {"1": ("address",), "2": ("address",)}
    done = outcomes(bed, tmp_path, *words, "--addresses", "acme", "--write", "--yes")
    assert done == {"1": ("imported", "no_token"), "2": ("address",)}
    assert bed.accounts() == [("user1@example.com", "acme", "ann@example.com")]


@pytest.mark.parametrize(("keep", "kept"), [("newest", "second"), ("oldest", "first")])
def test_of_the_rows_of_one_user_the_operator_keeps_one(
    tmp_path: Path, keep: str, kept: str
) -> None:
    database = f"sqlite:///{tmp_path}/app.sqlite"
    bed = moved_to(database)
    account = {"provider_id": "github", "provider_user_id": "5"}
    shared = {"provider_id": "github", "provider_user_id": "6", "access_token": "t"}
    left(
        database,
        FLASK_SOCIAL,
        [
            {**account, "user_id": 1, "access_token": "first"},
            {**account, "user_id": None, "access_token": "nobody's"},
            {**account, "user_id": 1, "access_token": "second"},
            {**shared, "user_id": 1},
            {**shared, "user_id": 2},
        ],
    )
    words = ("--from", "flask-social-1.6", "--table", "old_connection", "--keep", keep)
    done = outcomes(bed, tmp_path, *words, "--write", "--yes")
    assert sorted(done.values()) == sorted(
        [("imported",), ("no_user",), ("repeated",), ("shared",), ("shared",)]
    )
    assert [row["access_token"] for row in rows(bed)] == [kept]


TENANT = "11111111-2222-3333-4444-555555555555"
OTHER = TENANT.replace("1", "9")


@pytest.mark.parametrize(("tenant", "lets_other_in"), [("common", True), (TENANT, False)])
def test_an_id_that_does_not_say_of_which_tenant_or_instance_it_is_stays_out(
    tmp_path: Path, tenant: str, lets_other_in: bool
) -> None:
    database = f"sqlite:///{tmp_path}/app.sqlite?timeout=60"
    client = {"consumer_key": "k", "consumer_secret": "s"}
    bed = moved_to(
        database,
        registrations=MemoryRegistrations(),
        SOCIAL_MICROSOFT={**client, "tenant": tenant},
        SOCIAL_MASTODON={"per_visitor": True},
    )
    ids = {
        "microsoft-graph": ("7", f"{TENANT}.7", f"{OTHER}.7", f"{TENANT}.", TENANT, ".7"),
        "mastodon": ("7", "7@social.example", "7@", "7@127.0.0.1", "ada@Social.example"),
    }
    found = [
        {"provider": name, "uid": uid, "extra_data": "{}", "user_id": 1}
        for name, uids in ids.items()
        for uid in uids
    ]
    left(database, SOCIAL_APP, found)
    done = outcomes(bed, tmp_path, "--from", "social-app-flask", "--write", "--yes")
    came = {each for each, (outcome, *_) in done.items() if outcome == "imported"}
    assert came == {"2", "8", *({"3"} if lets_other_in else ())}
    assert {outcome for outcome, *_ in done.values()} == {"imported", "partial"}
    issuers = {row["provider_user_id"]: row["issuer"] for row in rows(bed)}
    assert issuers[f"{TENANT}.7"] == f"https://login.microsoftonline.com/{TENANT}/v2.0"
    assert issuers["7@social.example"] == "https://social.example"
    assert not [each for each in issuers.values() if "common" in each or "invalid" in each]
