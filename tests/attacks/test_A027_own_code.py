"""A027: the application's own code handles secrets, raises them, and breaks with them in hand."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, cast

import pytest
from flask import redirect, session
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy

from flask_social.utils import get_connection_values_from_oauth_response
from flask_social.views import connect_handler
from tests.attacks.leaks import U1, Watched, opened
from tests.bed import Bed


def test_A027_hooks_and_receivers_that_raise_what_they_were_given(watched: Watched) -> None:
    from flask_social import login_failed

    bed = watched.bed

    @bed.social.newcomer_handler
    def sign_up(grant: Any) -> Any:
        raise KeyError(grant, grant.token.access_token, grant.token.raw)

    @login_failed.connect_via(bed.app)
    def receiver(sender: Any, provider: Any, oauth_response: Any) -> None:
        raise ValueError(provider, provider.client, oauth_response)

    watched.log_in("acme")

    @bed.social.grant_checker
    def check(grant: Any) -> None:
        raise RuntimeError({"token": grant.token, "refresh": grant.token.refresh_token})

    for provider_id in ("acme", "plain", "classic", "twitter"):
        watched.log_in(provider_id)
    for each in ("KeyError", "ValueError", "RuntimeError", "<secret>"):
        assert each in watched.written.text
    watched.knows("access token", "token secret", "code")


def with_own_views(bed: Bed) -> None:
    """Views as 1.6's applications have them, which keep the tokens of somebody in the session."""
    plain = bed.app.extensions["social"].plain

    @bed.app.post("/out")
    def out() -> ResponseReturnValue:
        return cast(ResponseReturnValue, plain.authorize(callback="/back"))

    @bed.app.get("/back")
    @plain.authorized_handler
    def back(oauth_response: Any) -> ResponseReturnValue:
        session["values"] = get_connection_values_from_oauth_response(plain, oauth_response)
        session["answer"] = oauth_response
        return redirect("/home")

    @bed.app.post("/register")
    def register() -> ResponseReturnValue:
        return connect_handler({**session["values"], "user_id": bed.user_id(U1)})

    @bed.app.post("/mistake/<name>")
    def mistake(name: str) -> ResponseReturnValue:
        return connect_handler({**session["values"], name: session["answer"], "user_id": 1})


MISTAKES = ("access_token", "scopes", "granted_at", "provider_user_id", "provider_id")


@pytest.mark.answers_500("the application's own mistakes are its own exceptions")
def test_A027_own_views_that_keep_tokens_in_the_session(watch: Callable[..., Watched]) -> None:
    watched = watch(PROPAGATE_EXCEPTIONS=False)
    bed = watched.bed
    with_own_views(bed)
    browser = watched.browser()
    assert browser.get(browser.at_provider(browser.set_out("/out"))).status_code == 302
    cookie = browser.http.cookies["session"]
    for name in MISTAKES:
        assert browser.http.post(f"{bed.url}/mistake/{name}").status_code == 500
    assert browser.post("/register").status_code == 303
    assert [row[1] for row in bed.accounts()] == ["plain"]
    watched.knows("access token", "refresh token", "code")
    assert watched.written.text.count("among the values") >= len(MISTAKES) - 1
    assert watched.secrets.shown_in(opened(cookie)) == []


def documented(db: SQLAlchemy) -> Any:
    """The connection model of 1.6.2's documentation: its tokens are ordinary texts."""

    class Connection(db.Model):  # type: ignore[name-defined]
        id = db.Column(db.Integer, primary_key=True)
        user_id = db.Column(db.Integer, db.ForeignKey("user.id"))
        provider_id = db.Column(db.String(255))
        provider_user_id = db.Column(db.String(255))
        access_token = db.Column(db.String(255))
        secret = db.Column(db.String(255))
        display_name = db.Column(db.String(255))
        profile_url = db.Column(db.String(512))
        image_url = db.Column(db.String(512))
        rank = db.Column(db.Integer)
        user = db.relationship("User")
        __table_args__ = (db.UniqueConstraint("provider_id", "provider_user_id"),)

    return Connection


@pytest.mark.answers_500("the database lacks a table that one of its triggers writes to")
@pytest.mark.parametrize("model", ["shipped", "documented"])
def test_A027_a_database_that_breaks_on_the_row(watch: Callable[..., Watched], model: str) -> None:
    declared = {"declare": documented} if model == "documented" else {}
    watched = watch(PROPAGATE_EXCEPTIONS=False, **declared)
    bed, browser = watched.bed, watched.browser()
    browser.sign_in(U1)
    callback = browser.at_provider(browser.set_out("/connect/acme"))
    with bed.app.app_context():
        broken = "CREATE TRIGGER t BEFORE INSERT ON connection BEGIN DELETE FROM nowhere; END"
        bed.db.session.execute(bed.db.text(broken))
        bed.db.session.commit()
    assert browser.http.get(bed.url + callback.removeprefix(bed.url)).status_code == 500
    assert bed.rows() == []
    [error] = bed.raised
    assert "INSERT INTO connection" in str(error)
    watched.knows("access token", "code")
    assert watched.secrets.shown_in(f"{error} {error!r} {vars(error)!r}") == []


@pytest.mark.parametrize("model", ["shipped", "documented"])
def test_A027_sql_echo_shows_no_token(
    watch: Callable[..., Watched], model: str, caplog: pytest.LogCaptureFixture
) -> None:
    watched = watch(**({"declare": documented} if model == "documented" else {}))
    with caplog.at_level(logging.INFO, "sqlalchemy.engine"):
        watched.connected("acme")
        watched.log_in("acme")
    assert "INSERT INTO connection" in watched.written.text
    assert "<secret>" in watched.written.text
    watched.knows("access token", "code")
