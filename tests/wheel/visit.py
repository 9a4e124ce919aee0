"""Run in an environment that has the wheel alone: connect an account and log in with it.

It prints, as JSON, what the installed package holds and what became of the visit.
"""

from __future__ import annotations

import json
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from flask_security import Security, SQLAlchemyUserDatastore, hash_password
from flask_security.models import fsqla_v3
from flask_sqlalchemy import SQLAlchemy

import flask_social
from flask_social import Social, SQLAlchemyConnectionDatastore, providers
from flask_social.models.sqla_v1 import ConnectionMixin
from flask_social.testing import sandbox

EMAIL, PASSWORD = "user@example.org", "correct horse battery"


def make_app(sandbox_url: str, provider_id: str) -> Flask:
    app = Flask(__name__)
    app.config.update(TESTING=True, SECRET_KEY="secret", SECURITY_PASSWORD_SALT="salt")
    app.config.update(WTF_CSRF_ENABLED=False)  # the browser here has no page with a form
    app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", SOCIAL_SANDBOX=sandbox_url)
    app.config.update(SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False})
    key = f"SOCIAL_{provider_id.upper()}"
    app.config[key] = {"consumer_key": "a-key", "consumer_secret": "a-secret"}
    db = SQLAlchemy(app)
    fsqla_v3.FsModels.set_db_info(db)  # type: ignore[attr-defined]

    class Role(db.Model, fsqla_v3.FsRoleMixin):  # type: ignore[name-defined]
        pass

    class User(db.Model, fsqla_v3.FsUserMixin):  # type: ignore[name-defined]
        pass

    class Connection(db.Model, ConnectionMixin):  # type: ignore[name-defined]
        pass

    store = SQLAlchemyUserDatastore(db, User, Role)
    Security(app, store)
    Social(app, SQLAlchemyConnectionDatastore(db, Connection))
    with app.app_context():
        db.create_all()
        store.create_user(email=EMAIL, password=hash_password(PASSWORD))
        db.session.commit()
    return app


def trip(client: FlaskClient, path: str) -> str:
    """The path that the visitor ends at, having set out from *path* and said yes."""
    away = client.post(path, headers={"Sec-Fetch-Site": "same-origin"}).headers["Location"]
    there = urlsplit(away)
    connection = HTTPConnection(there.netloc)
    connection.request("GET", f"{there.path}?{there.query}")
    back = urlsplit(str(connection.getresponse().headers["Location"]))
    connection.close()
    return client.get(f"{back.path}?{back.query}").headers["Location"]


def visit(provider_id: str) -> dict[str, object]:
    with sandbox() as box:
        box.login_as("ada")
        app = make_app(box.url, provider_id)
        client = app.test_client()
        client.post("/login", data={"email": EMAIL, "password": PASSWORD})
        connected = trip(client, f"/connect/{provider_id}")
        page = client.get("/connections").get_data(as_text=True)
        client.get("/logout")
        stranger = app.test_client()
        trip(stranger, f"/login/{provider_id}")
        mine = stranger.get("/connections")
        return {
            "connected": connected,
            "page": page,
            "status": mine.status_code,
            "listed": app.test_cli_runner().invoke(args=["social", "providers", "--json"]).output,
        }


if __name__ == "__main__":
    told = {
        "where": flask_social.__file__,
        "names": providers.names(),
        "imported": all(providers.find(each) for each in providers.names()),
        "spotify": visit("spotify"),
        "google": visit("google"),
    }
    sys.stdout.write(json.dumps(told))
