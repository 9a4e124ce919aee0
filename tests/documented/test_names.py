"""The names of 1.6 are where applications import them from, and what they name is as it was."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import NotFound

from flask_social import Social, utils
from flask_social.datastore import SQLAlchemyConnectionDatastore
from flask_social.state import SocialState
from tests.bed import Bed, make_app

EMAIL = "user@example.org"
NAMES = {
    "flask_social": (
        "Social",
        "MongoEngineConnectionDatastore",
        "PeeweeConnectionDatastore",
        "SQLAlchemyConnectionDatastore",
        "connection_created",
        "connection_failed",
        "connection_removed",
        "login_completed",
        "login_failed",
    ),
    "flask_social.core": ("Social",),
    "flask_social.datastore": (
        "ConnectionDatastore",
        "MongoEngineConnectionDatastore",
        "PeeweeConnectionDatastore",
        "SQLAlchemyConnectionDatastore",
    ),
    "flask_social.signals": (
        "connection_created",
        "connection_failed",
        "connection_removed",
        "login_completed",
        "login_failed",
    ),
    "flask_social.utils": (
        "config_value",
        "get_authorize_callback",
        "get_connection_values_from_oauth_response",
        "get_provider_or_404",
        "get_token_pair_from_oauth_response",
    ),
    "flask_social.views": (
        "connect",
        "connect_callback",
        "connect_handler",
        "login",
        "login_callback",
        "reconnect",
        "remove_all_connections",
        "remove_connection",
    ),
    "flask_social.providers.facebook": ("provider",),
    "flask_social.providers.foursquare": ("provider",),
    "flask_social.providers.google": ("provider",),
    "flask_social.providers.twitter": ("provider",),
}
GITHUB = {"consumer_key": "github key", "consumer_secret": "github secret"}


@pytest.fixture
def bed() -> Bed:
    """An application that has GitHub, not served."""
    return make_app({"SOCIAL_GITHUB": GITHUB, "SOCIAL_APP_URL": "https://shop.example.com"})


def test_a_name_is_imported_from_where_it_was() -> None:
    missing = [
        f"{module}.{name}"
        for module, names in NAMES.items()
        for name in names
        if not hasattr(import_module(module), name)
    ]
    assert missing == []


def test_the_package_and_its_modules_name_the_same_things() -> None:
    package, signals = import_module("flask_social"), import_module("flask_social.signals")
    assert package.SQLAlchemyConnectionDatastore is SQLAlchemyConnectionDatastore
    assert package.Social is import_module("flask_social.core").Social
    for name in NAMES["flask_social.signals"]:
        assert getattr(package, name) is getattr(signals, name)


# The extension.


def test_init_app_returns_the_state_and_keeps_it_in_the_application() -> None:
    class Listening(Social):
        def init_app(self, app: Flask, datastore: Any = None) -> SocialState:
            returned.append(super().init_app(app, datastore))
            return returned[-1]

    returned: list[SocialState] = []
    bed = make_app({"SOCIAL_GITHUB": GITHUB}, social=Listening())
    [state] = returned
    assert bed.app.extensions["social"] is state
    assert isinstance(state.datastore, SQLAlchemyConnectionDatastore)


def test_the_constructor_takes_application_and_datastore_and_so_does_init_app(bed: Bed) -> None:
    store = bed.app.extensions["social"].datastore
    for build in (
        lambda app: Social(app, store),
        lambda app: Social(app=app, datastore=store),
        lambda app: Social(datastore=store).init_app(app),
        lambda app: Social().init_app(app, store),
        lambda app: Social().init_app(app, datastore=store),
    ):
        app = Flask("bare")
        app.testing = True
        app.config.update(SECRET_KEY="a secret of this test", SOCIAL_GITHUB=GITHUB)
        app.extensions["security"] = bed.app.extensions["security"]
        build(app)
        assert app.extensions["social"].datastore is store


def test_attributes_are_providers_and_what_else_the_state_has(bed: Bed) -> None:
    state, social = bed.app.extensions["social"], bed.social
    with bed.app.app_context():
        assert social.github is state.github is state.providers["github"]
        assert list(social.providers) == ["github"]
        assert social.datastore is state.datastore
        assert social.app is state.app is bed.app
        assert social.app_url == state.app_url == "https://shop.example.com"
        assert social.post_oauth_login_session_key == "post_oauth_login_url"
    with pytest.raises(AttributeError, match="configured: github"):
        state.twitter  # noqa: B018


def test_an_extension_without_an_application_does_not_look_for_ever(bed: Bed) -> None:
    with pytest.raises(RuntimeError) as caught:
        Social().github  # noqa: B018
    assert not isinstance(caught.value, RecursionError)


# A provider.


def test_a_provider_has_the_attributes_of_1_6(bed: Bed) -> None:
    bed.add_user(EMAIL)
    with bed.app.test_request_context():
        github = bed.social.github
        assert (github.id, github.name) == ("github", "GitHub")
        assert (github.consumer_key, github.consumer_secret) == ("github key", "github secret")
        assert github.module == "flask_social.providers.github"
        assert github.get_connection() is None
        assert github.get_api() is None
        assert callable(github.authorize)
        assert callable(github.authorized_handler)


# The functions.


def test_get_provider_or_404_gives_the_provider_or_stops_the_request(bed: Bed) -> None:
    with bed.app.app_context():
        assert utils.get_provider_or_404("github") is bed.social.github
        with pytest.raises(NotFound):
            utils.get_provider_or_404("twitter")


def test_config_value_reads_a_key_without_its_prefix(bed: Bed) -> None:
    bed.app.config["SOCIAL_OF_OUR_OWN"] = "ours"
    with bed.app.app_context():
        assert utils.config_value("APP_URL") == "https://shop.example.com"
        assert utils.config_value("of_our_own") == "ours"
        assert utils.config_value("POST_OAUTH_LOGIN_SESSION_KEY") == "post_oauth_login_url"
        assert utils.config_value("NOT_THERE", default="default") == "default"
    assert utils.config_value("APP_URL", app=bed.app) == "https://shop.example.com"


def test_get_authorize_callback_is_the_redirect_uri(bed: Bed) -> None:
    with bed.app.test_request_context():
        assert utils.get_authorize_callback("login_callback", "github") == (
            "https://shop.example.com/login/github"
        )
        assert utils.get_authorize_callback("connect_callback", "github") == (
            "https://shop.example.com/connect/github"
        )


def test_get_token_pair_from_oauth_response_reads_both_versions_of_oauth(bed: Bed) -> None:
    with bed.app.app_context():
        assert utils.get_token_pair_from_oauth_response(
            bed.social.github, {"access_token": "token"}
        ) == {"access_token": "token", "secret": None}
        assert utils.get_token_pair_from_oauth_response(
            bed.social.github, {"oauth_token": "token", "oauth_token_secret": "secret"}
        ) == {"access_token": "token", "secret": "secret"}
