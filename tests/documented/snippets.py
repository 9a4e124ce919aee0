"""The old documentation's code, read as it is printed, and the application that it makes.

The files in the folder ``printed`` are the code of the documentation of 1.6.2, letter for letter.
Two things in them are the printer's and not the author's, and the loader undoes these and nothing
else: an arrow at the start of a line says that it belongs to the line above, and a form feed stands
where the page ended in the midst of the profile view.

What the documentation leaves to the reader ("... create the app ...") is filled in by
:data:`LEFT_TO_THE_READER`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

from flask import Flask, render_template
from flask_security import hash_password
from flask_security.forms import LoginForm

from flask_social import Social
from tests.bed import PASSWORD, UNSERVED, Bed
from tests.documented.excepted import EXCEPTED, Excepted

PRINTED = Path(__file__).parent / "printed"
CONFIGURATION = tuple(
    f"configuration_{name}" for name in ("twitter", "facebook", "foursquare", "google")
)
TEMPLATES = {"profile.html": "profile_template", "login.html": "login_template"}
USER, EMAIL = "lovelace", "ada@example.org"

LEFT_TO_THE_READER = {
    "# ... other required imports ...": """
from flask import Flask, render_template
from flask_security import (
    RoleMixin, Security, SQLAlchemyUserDatastore, UserMixin, login_required
)
from flask_sqlalchemy import SQLAlchemy
""",
    "# ... create the app ...": """
app = Flask(__name__, root_path=folder)
app.config.update(keys)
""",
    "# ... define user and role models ...": """
roles_users = db.Table(
    'roles_users',
    db.Column('user_id', db.ForeignKey('user.id')),
    db.Column('role_id', db.ForeignKey('role.id')),
)

class Role(db.Model, RoleMixin):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), unique=True)

class User(db.Model, UserMixin):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(255), unique=True)
    username = db.Column(db.String(255), unique=True)
    password = db.Column(db.String(255))
    active = db.Column(db.Boolean)
    fs_uniquifier = db.Column(db.String(64), unique=True, nullable=False)
    roles = db.relationship('Role', secondary=roles_users)
""",
}
KEYS: dict[str, Any] = {
    "SECRET_KEY": "a secret of this test",
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_PASSWORD_HASH": "plaintext",
    "SECURITY_PASSWORD_SALT": "salt",
    "SECURITY_PASSWORD_SCHEMES": ["plaintext"],
    "SECURITY_USERNAME_ENABLE": True,  # the documented login form asks for a user name
    "SQLALCHEMY_DATABASE_URI": "sqlite://",
    "TESTING": True,
}


def names() -> list[str]:
    """Every snippet."""
    return sorted(path.stem for path in PRINTED.iterdir())


def as_printed(name: str) -> str:
    """The snippet *name*, the printer's marks undone."""
    return (PRINTED / f"{name}.txt").read_text().replace("\n→ ", "").replace("\f\n", "")


def as_of_today(name: str, keep: Excepted | None = None) -> str:
    """The snippet *name* with the excepted lines replaced, all but *keep*."""
    text = as_printed(name)
    for each in EXCEPTED:
        if each.snippet == name and each is not keep:
            text, count = re.subn(
                rf"^( *){re.escape(each.printed)}\n", _replacement(each), text, flags=re.MULTILINE
            )
            assert count == 1, each
    return text


def _replacement(excepted: Excepted) -> Any:
    """What :func:`re.sub` calls for each line found: as many lines, indented as the old one."""
    return lambda found: "".join(f"{found[1]}{line}\n" for line in excepted.today)


def set_up(folder: Path, sandbox_url: str, keep: Excepted | None = None) -> dict[str, Any]:
    """The names of a module that consists of the configuration and the set-up.

    :param folder: where the application is, with the documented templates.
    :param keep: the excepted line to leave as printed.
    """
    (folder / "templates").mkdir(exist_ok=True)
    for template, name in TEMPLATES.items():
        (folder / "templates" / template).write_text(as_of_today(name, keep))
    text = as_of_today("setup", keep)
    configuration = "".join(as_of_today(name, keep) for name in CONFIGURATION)
    for place, filling in LEFT_TO_THE_READER.items():
        more = configuration if place.endswith("create the app ...") else ""
        text = text.replace(place, filling + more)
    keys = {**KEYS, "SOCIAL_SANDBOX": sandbox_url}
    module: dict[str, Any] = {"__name__": "documented", "folder": str(folder), "keys": keys}
    execute(text, module)
    return module


def execute(text: str, module: dict[str, Any]) -> None:
    exec(compile(text, module["__name__"], "exec"), module)


def finish(module: dict[str, Any], sandbox: Any = None) -> Bed:
    """What else it takes to run: the tables, a user, a page for the login form."""
    app: Flask = module["app"]
    bed = Bed(
        app,
        social=cast(Social, module.get("social")),  # as printed, nothing is called so
        db=module["db"],
        User=module["User"],
        Connection=module["Connection"],
        SpentFlow=None,
        sandbox=sandbox,
    )
    UNSERVED.append(bed)
    app.add_url_rule("/sign-in", "sign_in", lambda: render_template("login.html", form=LoginForm()))
    with app.app_context():
        module["db"].create_all()
        users = app.extensions["security"].datastore
        users.create_user(username=USER, email=EMAIL, password=hash_password(PASSWORD))
        users.commit()
    return bed


def with_profile(folder: Path, sandbox: Any, keep: Excepted | None = None) -> Bed:
    """The application of the chapters on connecting and logging in."""
    module = set_up(folder, sandbox.url, keep)
    execute(as_of_today("profile_view", keep), module)
    return finish(module, sandbox)


def with_api(folder: Path, sandbox: Any, keep: Excepted | None = None) -> Bed:
    """The application of the chapter on providers' APIs, whose profile page posts to Twitter."""
    module = set_up(folder, sandbox.url, keep)
    execute(as_of_today("api", keep), module)
    return finish(module, sandbox)
