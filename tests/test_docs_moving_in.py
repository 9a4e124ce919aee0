"""What the page on moving in shows comes to what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_social.moving.command import import_command
from flask_social.moving.entries import Note, Outcome
from flask_social.moving.sources import SOURCES
from tests.docpages import reader
from tests.doctables import DOCS

PAGE = DOCS / "moving-in.md"


def test_whoever_follows_the_page_has_the_connections_of_three_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reader(PAGE, tmp_path, monkeypatch) as somebody:
        somebody.read()
        db, model = (somebody.module.__dict__[name] for name in ("db", "Connection"))
        with somebody.app.app_context():
            columns = (model.user_id, model.provider_id, model.provider_user_id, model.secret)
            found = db.session.execute(sa.select(*columns).order_by(model.id)).all()
    assert [tuple(row) for row in found] == [
        (1, "twitter", "7", "secret"),
        (2, "github", "583231", None),
        (1, "google", "108", None),
    ]
    report = (tmp_path / "rows.jsonl").read_text()
    assert re.findall(r'"outcome": "(\w+)"', report) == ["imported", "address"]
    assert "token" not in report.replace("no_token", "")


def test_the_page_names_every_source_outcome_and_note() -> None:
    listed = re.findall(r"^\| `([a-z][\w.-]+)` \|", PAGE.read_text(), re.MULTILINE)
    assert sorted(listed) == sorted([*SOURCES, *Outcome, *Note])


def test_the_page_names_every_option_and_no_other() -> None:
    known = {option for param in import_command.params for option in param.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*", PAGE.read_text())) - {"--app"}
    assert named == known
