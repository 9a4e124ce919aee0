"""The lines of the old documentation that cannot be typed today, each with what takes its place.

The page on migrating lists the same lines; a test compares the two, another shows that each of
these lines fails. Everything else in the folder ``printed`` works as it stands there.
"""

from __future__ import annotations

from dataclasses import dataclass

from packaging.requirements import InvalidRequirement
from sqlalchemy.exc import ArgumentError
from werkzeug.routing import BuildError

from tests.doccommands import UnknownCommand


@dataclass(frozen=True, slots=True)
class Excepted:
    """One line of one snippet."""

    snippet: str
    """The file in the folder ``printed``, without its suffix."""
    printed: str
    """The line, without its indentation."""
    today: tuple[str, ...]
    """The lines to write in its place; none where nothing is needed."""
    fails: type[Exception]
    """What comes of it as printed."""


EXCEPTED = (
    Excepted(
        "install",
        "$ mkvirtualenv app-name",
        ("$ python -m venv .venv", "$ . .venv/bin/activate"),
        UnknownCommand,
    ),
    Excepted(
        "install", "$ pip install Flask-Social", ('$ pip install ".[sqlalchemy]"',), AssertionError
    ),
    Excepted(
        "install",
        "$ pip install https://github.com/sbook/flask-mongoengine/tarball/master",
        ('$ pip install ".[mongoengine]"',),
        InvalidRequirement,
    ),
    Excepted(
        "install",
        "$ pip install http://github.com/pythonforfacebook/facebook-sdk/tarball/master",
        (),
        InvalidRequirement,
    ),
    Excepted(
        "install", "$ pip install python-twitter", ('$ pip install ".[twitter]"',), AssertionError
    ),
    Excepted("install", "$ pip install foursquare", (), AssertionError),
    Excepted("install", "$ pip install oauth2client google-api-python-client", (), AssertionError),
    Excepted(
        "setup",
        "from flask.ext.social import Social",
        ("from flask_social import Social",),
        ModuleNotFoundError,
    ),
    Excepted(
        "setup",
        "from flask.ext.social.datastore import SQLAlchemyConnectionDatastore",
        ("from flask_social.datastore import SQLAlchemyConnectionDatastore",),
        ModuleNotFoundError,
    ),
    Excepted(
        "setup",
        "user = db.relationship('user')",
        (
            "user_id = db.Column(db.Integer, db.ForeignKey('user.id'))",
            "user = db.relationship('User')",
        ),
        ArgumentError,
    ),
    Excepted(
        "setup",
        "Social(app, SQLAlchemyConnectionDatastore(db, Connection))",
        ("social = Social(app, SQLAlchemyConnectionDatastore(db, Connection))",),
        NameError,
    ),
    Excepted(
        "login_template",
        '<form action="{{ url_for(\'security.authenticate\') }}" method="POST" name="login_form">',
        ('<form action="{{ url_for(\'security.login\') }}" method="POST" name="login_form">',),
        BuildError,
    ),
    Excepted("api", "social = Social(...)", (), AttributeError),
    Excepted(
        "api",
        "twitter_api.PostUpdate('hello from my Flask app!')",
        ("twitter_api.PostUpdate('hello from my Flask app!')", "return 'Posted.'"),
        TypeError,
    ),
)
