"""The program ``flask`` itself, in a process of its own, as an operator starts it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flask_social.datastore.tokens import TOKENS

APP = """
import os
from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.models import fsqla_v3 as fsqla
from flask_sqlalchemy import SQLAlchemy
from flask_social import Social, SQLAlchemyConnectionDatastore
from flask_social.models.sqla_v1 import ConnectionMixin, FlowMixin

app = Flask(__name__)
app.config.update(
    SECRET_KEY="secret",
    SECURITY_PASSWORD_SALT="salt",
    SQLALCHEMY_DATABASE_URI="sqlite:///" + os.path.abspath("app.sqlite"),
    SOCIAL_APP_URL="https://app.example",
    SOCIAL_GITHUB={"consumer_key": "k", "consumer_secret": "s"},
)
app.config.from_prefixed_env()
db = SQLAlchemy(app)
fsqla.FsModels.set_db_info(db)

class Role(db.Model, fsqla.FsRoleMixin): pass
class User(db.Model, fsqla.FsUserMixin): pass
class WebAuthn(db.Model, fsqla.FsWebAuthnMixin): pass
class Connection(db.Model, ConnectionMixin): pass
class SpentFlow(db.Model, FlowMixin): pass

Security(app, SQLAlchemyUserDatastore(db, User, Role))
Social(app, SQLAlchemyConnectionDatastore(db, Connection, SpentFlow))

@app.cli.command("fill")
def fill():
    db.create_all()
    user = app.extensions["security"].datastore.create_user(email="a@example.org")
    for each in range(1, 6):
        db.session.add(Connection(
            user=user, provider_id="github", provider_user_id=str(each),
            access_token=f"gho_{each}", refresh_token=f"ghr_{each}",
        ))
    db.session.commit()

@app.cli.command("show")
def show():
    print(*(row.access_token for row in db.session.scalars(db.select(Connection))))
"""
Flask = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def flask(tmp_path: Path) -> Flask:
    """A function that runs ``flask`` with words, and with keys for tokens at rest."""
    (tmp_path / "app.py").write_text(APP)

    def run(*words: str, keys: list[str] | None = None) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("FLASK_")}
        if keys is not None:
            env["FLASK_SOCIAL_TOKEN_KEYS"] = json.dumps(keys)
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *words],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


def stored(folder: Path) -> list[str]:
    """Every token in the file, as it stands there."""
    with sqlite3.connect(folder / "app.sqlite") as database:
        rows = database.execute(f"SELECT {', '.join(TOKENS)} FROM connection").fetchall()
    database.close()
    return [value for row in rows for value in row if value is not None]


def test_an_operator_makes_a_key_and_seals_the_table(flask: Flask, tmp_path: Path) -> None:
    filled = flask("fill")
    assert filled.returncode == 0, filled.stderr
    assert "SOCIAL_TOKEN_KEYS is not set" in filled.stderr
    assert all(each.startswith(("gho_", "ghr_")) for each in stored(tmp_path))

    key = json.loads(flask("social", "new-key", "--id", "first").stdout)
    sealed = flask("social", "rotate-keys", keys=[key])
    assert sealed.returncode == 0, sealed.stderr
    assert sealed.stdout.splitlines()[-1] == "5 rows: 5 sealed anew, 0 left out"
    assert all(each.startswith("social:v1:first:") for each in stored(tmp_path))
    assert not any(each in sealed.stdout + sealed.stderr for each in ("gho_", "ghr_", key))

    shown = flask("show", keys=[key])
    assert (shown.stdout, shown.stderr) == ("gho_1 gho_2 gho_3 gho_4 gho_5\n", "")
    quiet = flask("social", "refresh", keys=[key])
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", ""), "cron hears nothing"


def test_everybody_sees_the_whole_catalogue(flask: Flask) -> None:
    listed = flask("social", "providers", "--json")
    assert listed.returncode == 0, listed.stderr
    entries = json.loads(listed.stdout)
    assert len(entries) >= 220
    assert [each["id"] for each in entries if each["configured_as"]] == ["github"]
