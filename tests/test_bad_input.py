"""What an operator can get wrong: a clear error at the start, which says what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.models import fsqla_v3
from flask_security.models.fsqla import FsModels
from flask_sqlalchemy import SQLAlchemy

from flask_social import ConfigurationError, Social, SQLAlchemyConnectionDatastore
from flask_social.datastore.memory import MemoryConnectionDatastore
from flask_social.models.sqla_v1 import ConnectionMixin
from tests.bed import make_app

GITHUB = {"consumer_key": "key", "consumer_secret": "secret"}
DOCUMENTED = {
    # As the documentation of 1.6 lists them.
    "SOCIAL_URL_PREFIX": "/social",
    "SOCIAL_APP_URL": "http://localhost",
    "SOCIAL_CONNECT_ALLOW_REDIRECT": "/profile",
    "SOCIAL_CONNECT_DENY_REDIRECT": "/profile",
    "SOCIAL_FLASH_MESSAGES": True,
    "SOCIAL_POST_OAUTH_CONNECT_SESSION_KEY": "post_oauth_connect_url",
    "SOCIAL_POST_OAUTH_LOGIN_SESSION_KEY": "post_oauth_login_url",
    # As its code read them.
    "SOCIAL_CONNECT_ALLOW_VIEW": "/",
    "SOCIAL_CONNECT_DENY_VIEW": "/",
    "SOCIAL_BLUEPRINT_NAME": "social",
    "SOCIAL_FACEBOOK": {"consumer_key": "facebook app id", "consumer_secret": "secret"},
    "SOCIAL_FOURSQUARE": {"consumer_key": "client id", "consumer_secret": "secret"},
    "SOCIAL_GOOGLE": {"consumer_key": "app id", "consumer_secret": "secret"},
    "SOCIAL_LINKEDIN": {"consumer_key": "id", "consumer_secret": "secret"},
    "SOCIAL_GITHUB": {
        "consumer_key": "id",
        "consumer_secret": "secret",
        "request_token_params": {"scope": "user:email"},
    },
}


def secured(name: str = "app", before: Callable[[Flask], object] | None = None) -> Flask:
    """An application with Flask-Security, whose users nobody looks at.

    :param before: sets up what has to come before Flask-Security.
    """
    app = Flask(name)
    app.testing = True
    app.config.update(SECRET_KEY="s", SECURITY_PASSWORD_SALT="salt")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db = SQLAlchemy(app)
    FsModels.set_db_info(db)

    class Role(db.Model, fsqla_v3.FsRoleMixin):  # type: ignore[name-defined]
        pass

    class User(db.Model, fsqla_v3.FsUserMixin):  # type: ignore[name-defined]
        pass

    if before is not None:
        before(app)
    Security(app, SQLAlchemyUserDatastore(db, User, Role))
    return app


def refusal(start: Callable[[], object]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        start()
    return str(caught.value)


def configured(**config: Any) -> Callable[[], object]:
    return lambda: make_app(config)


# The keys.


def test_an_application_starts_with_every_documented_key() -> None:
    bed = make_app(DOCUMENTED)
    assert sorted(bed.app.extensions["social"].providers) == [
        "facebook",
        "foursquare",
        "github",
        "google",
        "linkedin",
    ]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        # An unknown provider.
        ({"SOCIAL_GITHBU": GITHUB}, ["SOCIAL_GITHBU", "Did you mean SOCIAL_GITHUB?"]),
        ({"SOCIAL_ACME": GITHUB}, ["SOCIAL_ACME", "issuer", "authorize_url and token_url"]),
        # A missing key.
        ({"SOCIAL_GITHUB": {}}, ["SOCIAL_GITHUB", "consumer_key", "when you registered"]),
        (
            {"SOCIAL_GITHUB": {"consumer_key": "key"}},
            ["SOCIAL_GITHUB", "consumer_secret", "when you registered"],
        ),
        # A misspelt one.
        (
            {"SOCIAL_GITHUB": {**GITHUB, "scoeps": []}},
            ["SOCIAL_GITHUB", "'scoeps'", "Did you mean scopes?"],
        ),
        (
            {"SOCIAL_GITHUB": {"consumer_key": "key", "consumer_secrte": "s"}},
            ["SOCIAL_GITHUB", "consumer_secret", "Is 'consumer_secrte' misspelt?"],
        ),
        # An unknown scalar.
        (
            {"SOCIAL_CONNECT_ALOW_REDIRECT": "/"},
            ["SOCIAL_CONNECT_ALOW_REDIRECT", "Did you mean SOCIAL_CONNECT_ALLOW_REDIRECT?"],
        ),
        ({"SOCIAL_GITHUB": "key:secret"}, ["SOCIAL_GITHUB", "A provider takes a mapping"]),
        # Wrong types.
        ({"SOCIAL_GITHUB": {**GITHUB, "pkce": "yes"}}, ["SOCIAL_GITHUB", "pkce", "True or False"]),
        ({"SOCIAL_FLASH_MESSAGES": "no"}, ["SOCIAL_FLASH_MESSAGES", "True or False", "str"]),
        ({"SOCIAL_FLOW_LIFETIME": "10"}, ["SOCIAL_FLOW_LIFETIME", "a whole number", "str"]),
        ({"SOCIAL_LEDGER": object()}, ["SOCIAL_LEDGER", "spend() and is_spent()"]),
        ({"SOCIAL_URL_PREFIX": "social"}, ["SOCIAL_URL_PREFIX", "begin with a slash"]),
        ({"SOCIAL_BLUEPRINT_NAME": "a.b"}, ["SOCIAL_BLUEPRINT_NAME", "without a dot"]),
        ({"SOCIAL_APP_URL": "app.test"}, ["SOCIAL_APP_URL", "https://app.example"]),
        ({"SOCIAL_MSG_DENIED": "No."}, ["SOCIAL_MSG_DENIED", "(text, flash category)"]),
    ],
)
def test_a_mistake_stops_the_start_and_the_error_says_what_to_do(
    config: dict[str, Any], said: list[str]
) -> None:
    told = refusal(configured(**config))
    assert [each for each in said if each not in told] == []


@pytest.mark.filterwarnings("ignore:The passwordless feature:DeprecationWarning")
@pytest.mark.parametrize("prefix", [None, "", "/"])
def test_passwordless_logins_would_shadow_ours_without_a_prefix(prefix: str | None) -> None:
    told = refusal(configured(SECURITY_PASSWORDLESS=True, SOCIAL_URL_PREFIX=prefix))
    assert "SECURITY_PASSWORDLESS" in told
    assert "Set SOCIAL_URL_PREFIX" in told


@pytest.mark.filterwarnings("ignore:The passwordless feature:DeprecationWarning")
def test_passwordless_logins_work_beside_ours_under_a_prefix() -> None:
    bed = make_app({"SECURITY_PASSWORDLESS": True, "SOCIAL_URL_PREFIX": "/social"})
    rules = {rule.endpoint: rule.rule for rule in bed.app.url_map.iter_rules()}
    assert rules["social.login_callback"] == "/social/login/<provider_id>"


def test_the_sandbox_is_refused_where_real_visitors_come() -> None:
    app = secured()
    app.testing = False
    app.config["SOCIAL_SANDBOX"] = True
    told = refusal(lambda: Social(app, MemoryConnectionDatastore()))
    assert "SOCIAL_SANDBOX" in told
    assert "debug or testing" in told


def test_a_plain_http_provider_is_refused_where_real_visitors_come() -> None:
    app = secured()
    app.testing = False
    app.config["SOCIAL_ACME"] = {**GITHUB, "issuer": "http://op.test"}
    told = refusal(lambda: Social(app, MemoryConnectionDatastore()))
    assert "SOCIAL_ACME: issuer is plain http" in told
    assert "SOCIAL_ALLOW_INSECURE_PROVIDERS" in told


# What is missing beside the keys.


def test_an_application_without_flask_security_is_told_to_set_it_up_first() -> None:
    told = refusal(lambda: Social(bare_app(), MemoryConnectionDatastore()))
    assert "Flask-Security" in told
    assert "Security(app, ...) before Social" in told


@pytest.mark.parametrize("datastore", [None, object(), SQLAlchemy(), MemoryConnectionDatastore])
def test_an_application_without_a_connection_datastore_is_told_how_to_make_one(
    datastore: Any,
) -> None:
    told = refusal(lambda: Social(secured(), datastore))
    assert "Social(app, SQLAlchemyConnectionDatastore(db, Connection))" in told


@pytest.mark.parametrize("lacking", ["provider_id", "provider_user_id", "access_token", "user"])
def test_a_model_without_a_required_column_is_named_with_it(lacking: str) -> None:
    columns = {"user", "provider_id", "provider_user_id", "access_token"} - {lacking}
    model = type("Account", (), dict.fromkeys(columns))
    told = refusal(lambda: Social(secured(), SQLAlchemyConnectionDatastore(SQLAlchemy(), model)))
    assert f"Account has no {lacking}." in told
    assert "flask_social.models" in told


def test_a_second_start_of_one_application_is_refused() -> None:
    app = secured()
    social = Social(app, MemoryConnectionDatastore())
    assert "already" in refusal(lambda: social.init_app(app))


def test_a_refused_start_leaves_nothing_behind() -> None:
    app = secured()
    app.config["SOCIAL_GITHUB"] = {}
    refusal(lambda: Social(app, MemoryConnectionDatastore()))
    app.config["SOCIAL_GITHUB"] = GITHUB
    Social(app, MemoryConnectionDatastore())
    assert list(app.extensions["social"].providers) == ["github"]


# Warnings, where it would work and yet is doubtful.


def warnings_of(caplog: pytest.LogCaptureFixture, **config: Any) -> str:
    app = secured()
    app.testing = config.pop("testing", False)
    app.config.update(config)
    caplog.clear()
    with caplog.at_level(logging.WARNING, "flask_social"):
        Social(app, MemoryConnectionDatastore())
    return caplog.text


def test_a_production_start_that_forgets_something_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = warnings_of(caplog)
    assert "SOCIAL_LEDGER" in told
    assert "SOCIAL_APP_URL, SERVER_NAME or TRUSTED_HOSTS" in told


def test_a_start_in_testing_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    assert warnings_of(caplog, testing=True) == ""


@pytest.mark.parametrize(
    "config",
    [
        {"SOCIAL_APP_URL": "https://app.test"},
        {"SERVER_NAME": "app.test"},
        {"TRUSTED_HOSTS": ["app.test"]},
    ],
)
def test_a_fixed_host_is_no_doubt(config: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    assert "Host header" not in warnings_of(caplog, **config)


def test_plain_http_to_providers_is_told_at_every_start(caplog: pytest.LogCaptureFixture) -> None:
    told = warnings_of(caplog, SOCIAL_ALLOW_INSECURE_PROVIDERS=True)
    assert "SOCIAL_ALLOW_INSECURE_PROVIDERS" in told


# Several applications.


def test_two_applications_in_one_process_share_nothing() -> None:
    mapping: dict[str, Any] = {**GITHUB, "authorize_params": {"prompt": "one"}}
    one = make_app({"SOCIAL_GITHUB": mapping, "SOCIAL_URL_PREFIX": "/one"})
    mapping["authorize_params"]["prompt"] = "two"
    mapping["consumer_key"] = "other"
    two = make_app({"SOCIAL_GITHUB": mapping, "SOCIAL_GOOGLE": GITHUB})
    first, second = one.app.extensions["social"], two.app.extensions["social"]
    assert (list(first.providers), list(second.providers)) == (["github"], ["github", "google"])
    assert (first.github.consumer_key, second.github.consumer_key) == ("key", "other")
    assert first.github.provider.authorize_params == {"prompt": "one"}
    assert second.github.provider.authorize_params == {"prompt": "two"}
    assert first.settings.url_prefix == "/one"
    assert second.settings.url_prefix is None
    for name in ("datastore", "ledger", "wire", "hooks", "settings", "providers"):
        assert getattr(first, name) is not getattr(second, name)


def test_a_provider_of_one_application_is_unknown_to_the_other() -> None:
    one, two = make_app({"SOCIAL_GITHUB": GITHUB}), make_app({"SOCIAL_GOOGLE": GITHUB})
    with two.app.app_context():
        with pytest.raises(AttributeError, match="configured: google"):
            _ = two.social.github
        assert one.app.extensions["social"].github.id == "github"
    assert two.app.test_client().get("/login/github").status_code == 404
    assert one.app.test_client().get("/login/github").status_code == 200


def test_the_application_may_come_later_than_the_extension() -> None:
    social = Social()
    app = secured()
    app.config["SOCIAL_GITHUB"] = GITHUB
    state = social.init_app(app, MemoryConnectionDatastore())
    assert state is app.extensions["social"]
    with app.app_context():
        assert social.github.name == "GitHub"
        assert list(social.providers) == ["github"]


def test_the_datastore_may_come_with_the_extension() -> None:
    store = MemoryConnectionDatastore()
    social = Social(datastore=store)
    assert social.init_app(secured()).datastore is store


def test_one_extension_serves_two_applications() -> None:
    social = Social()
    one, two = secured("one"), secured("two")
    one.config["SOCIAL_GITHUB"] = GITHUB
    two.config["SOCIAL_GITHUB"] = {**GITHUB, "consumer_key": "of the second"}
    stores = [MemoryConnectionDatastore(), MemoryConnectionDatastore()]
    for app, store in zip((one, two), stores, strict=True):
        social.init_app(app, store)
    for app, key, store in ((one, "key", stores[0]), (two, "of the second", stores[1])):
        with app.app_context():
            assert social.github.consumer_key == key
            assert social.github.datastore is store


def test_a_name_with_an_underscore_before_it_is_never_taken_for_a_provider() -> None:
    with pytest.raises(AttributeError):
        _ = Social()._ipython_display_


def test_what_an_application_has_not_is_told_with_what_it_has() -> None:
    bed = make_app({"SOCIAL_GITHUB": GITHUB})
    with bed.app.app_context(), pytest.raises(AttributeError) as caught:
        _ = bed.social.twiter
    assert str(caught.value) == "No provider 'twiter' is configured; configured: github."


def test_a_secret_is_in_no_representation() -> None:
    bed = make_app({"SOCIAL_GITHUB": {**GITHUB, "consumer_secret": "canary"}})
    state = bed.app.extensions["social"]
    for shown in (state, state.github, state.settings, state.github.client, bed.social):
        assert "canary" not in repr(shown)


def test_the_mixin_alone_is_a_model_that_works() -> None:
    app = secured()
    db = app.extensions["sqlalchemy"]

    class Connection(db.Model, ConnectionMixin):  # type: ignore[name-defined]
        pass

    store = SQLAlchemyConnectionDatastore(db, Connection)
    Social(app, store)
    with app.app_context():
        db.create_all()
        assert store.find_connections(provider_id="github") == []
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("name", ["datastore", "connections", "providers", "init_app"])
def test_a_provider_cannot_be_called_like_something_of_social(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"SOCIAL_{name.upper()}.*social.{name}"):
        Social(bare_app(**{f"SOCIAL_{name.upper()}": GITHUB}), MemoryConnectionDatastore())


def test_a_missing_secret_key_is_named() -> None:
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        Social(bare_app(SECRET_KEY=None), MemoryConnectionDatastore())


def test_an_application_that_social_does_not_know_is_told_so() -> None:
    social = Social()
    with Flask(__name__).app_context(), pytest.raises(ConfigurationError, match="init_app"):
        _ = social.github


def bare_app(**settings: object) -> Flask:
    app = Flask(__name__)
    app.config.update({"SECRET_KEY": "secret", **settings})
    return app
