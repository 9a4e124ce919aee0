"""The routes, frozen since people register them at providers, and what all of them share."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Flask, request

from . import messages, pages, reading, stops, token_errors, views
from .config import Settings
from .errors import ConfigurationError, CrossSite, FlowStopped
from .state import state

ONE = "/connect/<provider_id>/<path:provider_user_id>"
ROUTES = (
    ("/login/<provider_id>", "POST", views.login),
    ("/login/<provider_id>", "GET", views.login_callback),
    ("/connect/<provider_id>", "POST", views.connect),
    ("/connect/<provider_id>", "GET", views.connect_callback),
    ("/connect/<provider_id>", "DELETE", views.remove_all_connections),
    (ONE, "GET", views.confirm_removal),
    (ONE, "DELETE", views.remove_connection),
    (ONE, "POST", views.remove_connection),
    ("/disconnect/<provider_id>", "POST", views.disconnect),
    ("/disconnect/<provider_id>", "GET", views.back_from_verifying),
    ("/reconnect/<provider_id>", "POST", views.reconnect),
    ("/reconnect/<provider_id>", "GET", views.reconnect),
    ("/verify/<provider_id>", "POST", views.verify),
    ("/verify/<provider_id>", "GET", views.verify),
    ("/callback/<provider_id>", "POST", views.callback),
    ("/callback/<provider_id>", "GET", views.callback),
    ("/connections", "GET", views.connections),
    ("/client-metadata/<provider_id>.json", "GET", views.client_metadata),
)
"""Rule, verb and view; the endpoint is the view's name."""


def require_security(app: Flask, url_prefix: str | None) -> None:
    """:raises ConfigurationError: when *app* has no Flask-Security, or one that shadows our routes.

    :param url_prefix: what our routes begin with.
    """
    if "security" not in app.extensions:
        raise ConfigurationError(
            "Flask-Social needs Flask-Security: call Security(app, ...) before Social."
        )
    theirs, ours = app.config.get("SECURITY_URL_PREFIX") or "", url_prefix or ""
    if app.config.get("SECURITY_PASSWORDLESS") and theirs.strip("/") == ours.strip("/"):
        raise ConfigurationError(
            "SECURITY_PASSWORDLESS takes GET /login/<token>, our GET /login/<provider_id>. "
            "Set SOCIAL_URL_PREFIX, for instance to '/social'."
        )
    if app.config.get("SECURITY_POST_LOGIN_VIEW") == "/":  # 1.6.2 documented it without _VIEW
        app.config["SECURITY_POST_LOGIN_VIEW"] = app.config.get("SECURITY_POST_LOGIN") or "/"


def add_to(app: Flask, settings: Settings, faults: Iterable[type[Exception]]) -> None:
    """Give *app* the routes, and its templates ``social_url_for`` and the like.

    What its own views may meet when they ask for a token is answered too.

    :param faults: what a database that broke may raise.
    """
    stoppers: list[type[Exception]] = [FlowStopped, *faults]
    app.register_blueprint(blueprint(settings, stoppers), url_prefix=settings.url_prefix)
    token_errors.install(app)
    app.url_value_preprocessor(reading.leave_out_odd_cookie)  # Flask-Principal asks who is there
    app.jinja_env.globals["social_url_for"] = pages.url
    app.jinja_env.globals["social_providers"] = lambda: list(state().providers.values())
    app.jinja_env.globals["social_mark"] = pages.mark
    app.jinja_env.globals["social_instances"] = pages.instances

    def take_form_posts() -> None:
        """Let a provider's form post through ``CSRFProtect``; its state is what protects it."""
        if protection := app.extensions.get("csrf"):
            protection.exempt(f"{views.__name__}.{views.callback.__name__}")

    take_form_posts()
    app.before_request(take_form_posts)  # where CSRFProtect is set up after us


def blueprint(settings: Settings, stoppers: Iterable[type[Exception]]) -> Blueprint:
    """A fresh blueprint: one that is registered can never be changed for another application.

    :param stoppers: the exceptions that :func:`stops.answer_ours` answers. They may come from what
        runs before our views: Flask-Login asks the database who the visitor is.
    """
    blueprint = Blueprint(
        settings.blueprint_name,
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/social-static",  # an application has /static itself
    )
    for rule, method, view in ROUTES:
        # Merging "//" takes a redirect, whose address would hold the code and be kept in caches.
        blueprint.add_url_rule(rule, view.__name__, view, methods=[method], merge_slashes=False)
    blueprint.add_app_template_filter(messages.date, "social_date")
    blueprint.url_value_preprocessor(reading.take_in)  # before any extension's before_request
    blueprint.before_request(refuse_cross_site)
    for kind in stoppers:
        blueprint.register_error_handler(kind, stops.answer_ours)
    blueprint.after_request(pages.finish)
    return blueprint


def refuse_cross_site() -> None:
    """Let no other site act in a visitor's name; a form post answer is another site's by nature."""
    looking = request.method in ("GET", "HEAD", "OPTIONS")
    answering = str(request.endpoint).endswith(f".{views.callback.__name__}")
    if not (looking or answering) and reading.is_cross_site():
        raise CrossSite("cross_site")
