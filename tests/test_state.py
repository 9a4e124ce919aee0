"""What one application has of the library, as attributes of ``social`` and of its state."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from typing import Any

import pytest
from flask import Flask
from flask_security import Security

from flask_social import ConfigurationError, Social
from flask_social.config import Settings
from flask_social.datastore.memory import MemoryConnectionDatastore
from flask_social.own_views import OAuthRemoteApp
from tests.bed import Bed, make_app

GITHUB = {"consumer_key": "key", "consumer_secret": "secret"}


@pytest.fixture
def made() -> Bed:
    return make_app(
        {
            "SOCIAL_GITHUB": GITHUB,
            "SOCIAL_APP_URL": "https://app.example",
            "SOCIAL_POST_OAUTH_LOGIN_SESSION_KEY": "back_to",
        }
    )


def test_social_and_its_state_have_providers_datastore_and_app(made: Bed) -> None:
    state = made.app.extensions["social"]
    with made.app.app_context():
        for found in (state, made.social):
            assert found.app is made.app
            assert found.datastore is state.datastore
            assert list(found.providers) == ["github"]
            assert found.github is state.providers["github"]
    assert isinstance(state.github, OAuthRemoteApp)


def test_every_setting_is_an_attribute_in_lower_case(made: Bed) -> None:
    state = made.app.extensions["social"]
    assert state.app_url == "https://app.example"
    assert state.post_oauth_login_session_key == "back_to"
    assert state.url_prefix is None
    with made.app.app_context():
        for each in fields(Settings):
            if each.name == "ledger":  # the one in use, whoever brought it
                continue
            value = getattr(state.settings, each.name)
            assert getattr(state, each.name) == value == getattr(made.social, each.name)


def test_a_name_that_is_neither_is_an_error_that_lists_the_providers(made: Bed) -> None:
    state = made.app.extensions["social"]
    with pytest.raises(AttributeError, match=r"No provider 'gitlab' .* configured: github\."):
        _ = state.gitlab
    with pytest.raises(AttributeError, match="configured: none"):
        _ = make_app({}).app.extensions["social"].github
    with made.app.app_context(), pytest.raises(AttributeError, match="__wrapped__"):
        _ = made.social.__wrapped__


def test_nothing_of_an_application_is_printed_with_its_state(made: Bed) -> None:
    said = repr(made.app.extensions["social"])
    assert "secret" not in said.replace("SECRET_KEY", "")
    assert "github" in said


def test_a_provider_is_printed_by_its_name_alone(made: Bed) -> None:
    assert repr(made.app.extensions["social"].github) == "<OAuthRemoteApp github>"


def test_a_provider_names_the_module_that_defines_it(made: Bed) -> None:
    assert made.app.extensions["social"].github.module == "flask_social.providers.github"
    plain: dict[str, Any] = {
        **GITHUB,
        "authorize_url": "https://p.example/a",
        "token_url": "https://p.example/t",
        "api_url": "https://p.example/",
        "identity": {"subject": "id"},
    }
    assert make_app({"SOCIAL_OWN": plain}).app.extensions["social"].own.module is None


def test_the_datastore_is_an_attribute_of_the_application_where_it_is_named() -> None:
    app: Any = make_app({"SOCIAL_CONNECTION_DATASTORE": "connection_datastore"}).app
    assert app.connection_datastore is app.extensions["social"].datastore
    assert not hasattr(make_app({}).app, "connection_datastore")


def test_outside_any_application_social_is_that_of_its_constructor(made: Bed) -> None:
    bed = make_app({})
    app = Flask("second")
    app.config.update(
        SECRET_KEY="s", SECURITY_PASSWORD_SALT="s", SOCIAL_GOOGLE=GITHUB, TESTING=True
    )
    Security(app, bed.app.extensions["security"].datastore)
    social = Social(app, MemoryConnectionDatastore())
    assert social.google is app.extensions["social"].google
    with made.app.app_context():
        assert social.github is made.app.extensions["social"].github
    with pytest.raises(RuntimeError, match="application context"):
        _ = made.social.github
    with Flask("bare").app_context(), pytest.raises(ConfigurationError, match="not set up"):
        _ = social.google


def test_the_datastore_of_sqlalchemy_is_imported_when_it_is_asked_for() -> None:
    script = """
import sys
import flask_social.datastore
assert "flask_social.datastore.sqlalchemy" not in sys.modules
from flask_social.datastore import SQLAlchemyConnectionDatastore
import flask_social
assert SQLAlchemyConnectionDatastore is flask_social.SQLAlchemyConnectionDatastore
try:
    flask_social.datastore.OtherDatastore
except AttributeError as error:
    assert "OtherDatastore" in str(error)
else:
    raise AssertionError("it has what it has not")
"""
    subprocess.run([sys.executable, "-c", script], check=True)
