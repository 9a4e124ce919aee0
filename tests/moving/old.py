"""Old tables as their libraries make them, and an application that moves in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from click.testing import Result

from flask_social.moving.command import import_command
from tests.bed import Bed, make_app, usual_config

PROVIDERS: dict[str, Any] = {
    **usual_config("http://localhost:1/"),
    "SOCIAL_GOOGLE": {"consumer_key": "google key", "consumer_secret": "google secret"},
    "SOCIAL_TWITTER": {"consumer_key": "twitter key", "consumer_secret": "twitter secret"},
    "SOCIAL_GITHUB": {"consumer_key": "github key", "consumer_secret": "github secret"},
}
GOOGLE = "https://accounts.google.com"
MADE = sa.MetaData()
FLASK_SOCIAL = sa.Table(
    "old_connection",
    MADE,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Integer),
    *(
        sa.Column(name, sa.String(length))
        for name, length in {
            "provider_id": 255,
            "provider_user_id": 255,
            "access_token": 255,
            "secret": 255,
            "display_name": 255,
            "profile_url": 512,
            "image_url": 512,
        }.items()
    ),
    sa.Column("rank", sa.Integer),
)
"""The model that the documentation of 1.6.2 prints."""
FLASK_DANCE = sa.Table(
    "flask_dance_oauth",
    MADE,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("provider", sa.String(50), nullable=False),
    sa.Column("created_at", sa.DateTime, server_default=sa.func.now(), nullable=False),
    sa.Column("token", sa.JSON, nullable=False),
    sa.Column("provider_user_id", sa.String(256)),
    sa.Column("user_id", sa.Integer),
)
"""The mixin's columns, and the two that its documentation adds for logins."""
SOCIAL_APP = sa.Table(
    "social_auth_usersocialauth",
    MADE,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("provider", sa.String(32)),
    sa.Column("extra_data", sa.Text),
    sa.Column("uid", sa.String(255)),
    sa.Column("user_id", sa.Integer, nullable=False, index=True),
    sa.UniqueConstraint("provider", "uid"),
)


def moved_to(database: str, users: int = 3, **given: Any) -> Bed:
    """An application of today with *users* users, whose keys are 1, 2, 3, ...

    Capital arguments are added to its keys.
    """
    keys = {name: value for name, value in given.items() if name.isupper()}
    others = {name: value for name, value in given.items() if not name.isupper()}
    bed = make_app({**PROVIDERS, **keys}, database=database, **others)
    for number in range(1, users + 1):
        bed.add_user(f"user{number}@example.com")
    assert bed.user_id(f"user{users}@example.com") == users
    return bed


def left(url: str, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """*table* in the database at *url*, with *rows*, numbered from 1."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        MADE.create_all(connection, [table])
        for number, row in enumerate(rows, start=1):
            connection.execute(table.insert().values(id=number, **row))
    engine.dispose()


def run(bed: Bed, *words: str, **options: Any) -> Result:
    """What ``flask social import`` with *words* comes to, which may be no breakdown."""
    done = bed.app.test_cli_runner().invoke(import_command, words, **options)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done


def outcomes(bed: Bed, folder: Path, *words: str) -> dict[str, tuple[str, ...]]:
    """What became of each row by its key: the outcome, then the notes."""
    report = folder / "report.jsonl"
    done = run(bed, *words, "--report", str(report))
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    return {line["row"]: (line["outcome"], *line["notes"]) for line in lines}


def rows(bed: Bed) -> list[dict[str, Any]]:
    """Every connection with all its columns, as the database has them, oldest first."""
    with bed.app.app_context():
        table = bed.Connection.__table__
        query = sa.select(table).order_by(table.c.id)
        return [dict(row._mapping) for row in bed.db.session.execute(query)]
