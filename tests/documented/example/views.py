"""Log in, register, profile; and what leads from the first to the second."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import LoginForm, current_user, hash_password, login_required, login_user
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SubmitField
from wtforms.validators import Email, EqualTo, InputRequired

from flask_social import login_failed
from flask_social.own_views import OAuthRemoteApp
from flask_social.utils import get_connection_values_from_oauth_response, get_provider_or_404
from flask_social.views import connect_handler

WAITING = "failed_login_connection"
"""The session key of the account that waits for its owner to register."""


class RegisterForm(FlaskForm):  # Flask: Flask-WTF calls it so, and takes validators from WTForms.
    email = EmailField("E-mail address", [InputRequired(), Email()])
    password = PasswordField("Password", [InputRequired()])
    again = PasswordField("The same again", [EqualTo("password")])
    submit = SubmitField("Register")


class SocialLoginError(Exception):
    """Somebody came back from *provider* whom nobody here is connected to."""

    def __init__(self, provider: OAuthRemoteApp) -> None:
        self.provider = provider


def add_views(app: Flask) -> None:
    """Give *app* its views and what they listen to."""
    # Flask: views went by the one application of the module; this one is made by a function.
    app.add_url_rule("/login", view_func=login)
    methods = ["GET", "POST"]
    app.add_url_rule("/register", view_func=register, methods=methods)
    app.add_url_rule("/register/<provider_id>", view_func=register, methods=methods)
    app.add_url_rule("/profile", view_func=profile)

    @app.errorhandler(SocialLoginError)
    def social_login_error(error: SocialLoginError) -> ResponseReturnValue:
        return redirect(url_for("register", provider_id=error.provider.id, login_failed=1))

    @login_failed.connect_via(app)
    def on_login_failed(sender: Flask, provider: OAuthRemoteApp, oauth_response: Any) -> None:
        values = get_connection_values_from_oauth_response(provider, oauth_response)
        session[WAITING] = values
        raise SocialLoginError(provider)


def login() -> ResponseReturnValue:
    """A form for a password, and a button for each provider."""
    # Flask: is_authenticated() became a property of Flask-Login's users.
    if current_user.is_authenticated:
        return redirect(url_for("profile"))
    return render_template("login.html", login_user_form=LoginForm())


def register(provider_id: str | None = None) -> ResponseReturnValue:
    """Make a user, and connect the account that waits to it."""
    if current_user.is_authenticated:  # Flask: as above.
        return redirect(url_for("profile"))
    provider = get_provider_or_404(provider_id) if provider_id else None
    form = RegisterForm()
    if form.validate_on_submit():
        users = current_app.security.datastore  # type: ignore[attr-defined]
        # Flask: create_user() no longer hashes, and says nothing of it.
        password = hash_password(form.password.data)
        user = users.create_user(email=form.email.data, password=password)
        users.commit()
        connection_values = session.pop(WAITING, None)
        if connection_values:
            connection_values["user_id"] = user.id
            connect_handler(connection_values, provider)
        login_user(user)
        users.commit()
        flash("Welcome! Your account is made.", "info")
        return redirect(url_for("profile"))
    return render_template(
        "register.html",
        form=form,
        provider=provider,
        account=session.get(WAITING),
        login_failed=int(request.args.get("login_failed", 0)),
    )


@login_required
def profile() -> ResponseReturnValue:
    """Who is logged in, and what they are connected to."""
    social = current_app.social  # type: ignore[attr-defined]
    return render_template(
        "profile.html",
        twitter_conn=social.twitter.get_connection(),
        facebook_conn=social.facebook.get_connection(),
        github_conn=social.github.get_connection(),
    )
