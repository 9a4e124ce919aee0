"""The application: settings, extensions, views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

# Flask: extensions are imported by their own names; "flask.ext" is no more.
from flask_security import Security, SQLAlchemyUserDatastore

from flask_social import Social
from flask_social.datastore import SQLAlchemyConnectionDatastore
from tests.documented.example.models import Connection, Role, User, db
from tests.documented.example.views import add_views

SETTINGS = {
    "SECRET_KEY": "a secret of the example",
    # Flask: Flask-Security has no default salt any more, and hashes every password.
    "SECURITY_PASSWORD_SALT": "a salt of the example",
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_POST_LOGIN_VIEW": "/profile",
    "SECURITY_POST_LOGOUT_VIEW": "/login",
    # Flask: Flask-Security's own page has the address /login, which is this application's here.
    "SECURITY_LOGIN_URL": "/authenticate",
    "SECURITY_LOGIN_USER_TEMPLATE": "login.html",
    "SOCIAL_CONNECT_ALLOW_VIEW": "/profile",
    "SOCIAL_TWITTER": {"consumer_key": "twitter key", "consumer_secret": "twitter secret"},
    "SOCIAL_FACEBOOK": {"consumer_key": "facebook key", "consumer_secret": "facebook secret"},
    "SOCIAL_GITHUB": {"consumer_key": "github key", "consumer_secret": "github secret"},
}


def create_app(config: Mapping[str, Any]) -> Flask:
    """The application, with *config* on top of its settings."""
    app: Any = Flask(__name__)
    app.config.from_mapping(SETTINGS)
    app.config.update(config)
    db.init_app(app)
    app.security = Security(app, SQLAlchemyUserDatastore(db, User, Role))
    app.social = Social(app, SQLAlchemyConnectionDatastore(db, Connection))
    add_views(app)
    with app.app_context():
        db.create_all()
    made: Flask = app
    return made
