"""A small application whose visitors sign in with a password or with a provider.

Read it from the top: models, settings, extensions, pages. `serve.py` runs it, with providers that
are played on this machine.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import requests
from flask import Flask, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import RoleMixin, Security, SQLAlchemyUserDatastore, UserMixin, auth_required
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from tweepy import TweepyException

from flask_social import Social, SQLAlchemyConnectionDatastore
from flask_social.models.sqla_v1 import ConnectionMixin, FlowMixin


class Base(DeclarativeBase):
    """What all models share."""


db = SQLAlchemy(model_class=Base)
csrf = CSRFProtect()
security = Security()
social = Social()

# Models. The first three are as Flask-Security wants them, the last two are Flask-Social's.

roles_users = Table(
    "roles_users",
    Base.metadata,
    Column("user_id", ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Base, RoleMixin):
    """What a user may do; nothing here asks for one."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class User(Base, UserMixin):
    """Somebody who registered."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    roles: Mapped[list[Role]] = relationship(secondary=roles_users)  # type: ignore[assignment]
    connections: Mapped[list[Connection]] = relationship(
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )


class Connection(Base, ConnectionMixin):
    """A user's account at a provider, with its tokens."""

    __tablename__ = "connection"
    social_user_attribute = "connections"


class SpentFlow(Base, FlowMixin):
    """Trips to a provider that are over, so that no answer counts twice."""

    __tablename__ = "spent_flow"


# Settings. A real application has its own secrets, and the keys that providers gave it.

SETTINGS = {
    "SQLALCHEMY_DATABASE_URI": "sqlite:///demo.sqlite",
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SECURITY_REGISTERABLE": True,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_POST_LOGIN_VIEW": "profile",
    "SECURITY_POST_REGISTER_VIEW": "profile",
    # This application sends no mail, and asks no name server about addresses.
    "SECURITY_SEND_REGISTER_EMAIL": False,
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SOCIAL_CONNECT_ALLOW_REDIRECT": "profile",
    "SOCIAL_CONNECT_DENY_REDIRECT": "profile",
    "SOCIAL_TWITTER": {"consumer_key": "twitter-key", "consumer_secret": "twitter-secret"},
    "SOCIAL_FACEBOOK": {"consumer_key": "facebook-key", "consumer_secret": "facebook-secret"},
    "SOCIAL_FOURSQUARE": {"consumer_key": "foursquare-key", "consumer_secret": "foursquare-secret"},
    "SOCIAL_GOOGLE": {"consumer_key": "google-key", "consumer_secret": "google-secret"},
    "SOCIAL_GITHUB": {"consumer_key": "github-key", "consumer_secret": "github-secret"},
    "SOCIAL_LINKEDIN": {"consumer_key": "linkedin-key", "consumer_secret": "linkedin-secret"},
}

CALLS = {
    "facebook": "me?fields=id,name,email",
    "foursquare": "users/self",
    "google": "oauth2/v3/userinfo",
    "github": "user",
    "linkedin": "userinfo",
}
"""The path that the profile page asks each provider's API for. Twitter's client has methods."""

FAILURES = (requests.RequestException, TweepyException)
"""What a call of a provider's API can end with."""

POLICY = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The application, with *config* on top of its settings."""
    app = Flask(__name__)
    app.config.from_mapping(
        SETTINGS, SECRET_KEY=secrets.token_hex(), SECURITY_PASSWORD_SALT=secrets.token_hex()
    )
    app.config.update(config or {})

    db.init_app(app)
    csrf.init_app(app)  # before Security
    security.init_app(app, SQLAlchemyUserDatastore(db, User, Role))
    social.init_app(app, SQLAlchemyConnectionDatastore(db, Connection, SpentFlow))

    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/profile", view_func=profile)
    app.add_url_rule("/profile/<provider_id>", view_func=call)
    app.add_url_rule("/tweet", view_func=tweet, methods=["POST"])
    app.after_request(restrict)
    with app.app_context():
        db.create_all()
    return app


# Pages. Logging in and out, registering and connecting are pages of the extensions.


def home() -> str:
    """What this is, for everybody."""
    return render_template("home.html")


@auth_required("session")
def profile() -> str:
    """Whatever the visitor is connected to, and buttons to change that."""
    return render_template("profile.html")


@auth_required("session")
def call(provider_id: str) -> ResponseReturnValue:
    """What a provider's API says to the token that was stored when the visitor connected."""
    remote = social.providers.get(provider_id) or abort(404)
    api = remote.get_api() or abort(404)
    try:
        if provider_id == "twitter":
            asked, answer = "get_me()", api.get_me().data.data
        else:
            asked, answer = f'get("{CALLS[provider_id]}")', read(api.get(CALLS[provider_id]))
    except FAILURES as error:
        flash(f"{remote.name} does not answer as it should: {reason(error)}", "error")
        return redirect(url_for("profile"))
    return render_template("profile.html", called=remote, asked=asked, answer=answer)


@auth_required("session")
def tweet() -> ResponseReturnValue:
    """Post to Twitter in the visitor's name."""
    api, text = social.twitter.get_api(), request.form.get("text", "").strip()
    if api is None or not text:
        flash("Connect Twitter first." if api is None else "Write something first.", "error")
        return redirect(url_for("profile"))
    try:
        posted = api.PostUpdate(text)
    except FAILURES as error:
        flash(f"Twitter did not take it: {reason(error)}", "error")
    else:
        flash(f"Posted to Twitter: {posted['text']}", "success")
    return redirect(url_for("profile"))


def read(answer: requests.Response) -> Any:
    """The JSON of a good answer."""
    answer.raise_for_status()
    return answer.json()


def reason(error: Exception) -> str:
    """What Twitter's API says for itself, or else the kind of failure."""
    return " ".join(getattr(error, "api_messages", ())) or f"{type(error).__name__}."


def restrict(response: Response) -> Response:
    """Let browsers load nothing but this application's own files: no inline script, no style."""
    response.headers["Content-Security-Policy"] = POLICY
    return response
