"""``SOCIAL_*`` keys: what is documented is read, and what is wrong stops the start by its name."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from flask import Flask

from flask_social import Social, config
from flask_social.config import SCALARS, Settings
from flask_social.datastore.memory_ledger import MemoryLedger
from flask_social.errors import ConfigurationError
from flask_social.kinds import declared, misfit
from flask_social.registration import Registration
from flask_social.state import SocialState

GITHUB = {"consumer_key": "key", "consumer_secret": "secret"}


def read(**keys: Any) -> tuple[Settings, dict[str, Registration]]:
    app = Flask(__name__)
    app.testing = keys.pop("testing", True)
    app.debug = False  # whatever FLASK_DEBUG says
    app.config.update({f"SOCIAL_{name.upper()}": value for name, value in keys.items()})
    return config.read(app)


def refusal(**keys: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(**keys)
    return str(caught.value)


# What is read.


def test_without_any_key_everything_has_its_default() -> None:
    settings, providers = read()
    assert settings == Settings()
    assert providers == {}


def test_defaults_are_those_of_the_documentation() -> None:
    settings, _ = read()
    assert settings.url_prefix is None
    assert settings.blueprint_name == "social"
    assert settings.flash_messages is True
    assert settings.post_oauth_connect_session_key == "post_oauth_connect_url"
    assert settings.post_oauth_login_session_key == "post_oauth_login_url"
    assert settings.flow_lifetime == 600


READ = [
    ("url_prefix", "/social"),
    ("app_url", "http://localhost"),
    ("connect_allow_redirect", "/profile"),
    ("connect_deny_redirect", "profile"),
    ("connect_allow_view", "profile"),
    ("connect_deny_view", "/"),
    ("flash_messages", False),
    ("post_oauth_connect_session_key", "after_connect"),
    ("post_oauth_login_session_key", "after_login"),
    ("blueprint_name", "flask_social"),
    ("single_callback", True),
    ("allow_last_disconnect", True),
    ("sandbox", "http://localhost:9000"),
    ("allow_insecure_providers", True),
    ("proxy", "http://proxy.test:3128"),
    ("ca_bundle", "/etc/ssl/ca.pem"),
    ("flow_lifetime", 60),
    ("connect_timeout", 1),
    ("read_timeout", 2.5),
    ("call_timeout", 3),
    ("request_timeout", 4.0),
    ("token_keys", ("first:key", "second:key")),
    ("store_tokens", False),
    ("revoke_on_disconnect", False),
    ("connection_datastore", "connections_of_the_app"),
    ("private_hosts", ("sso.internal", "10.0.0.7", "::1")),
    ("provider_source", {}.get),
    ("provider_source_max_age", 60),
]


@pytest.mark.parametrize(("name", "value"), READ)
def test_a_key_is_read(name: str, value: Any) -> None:
    settings, _ = read(**{name: value})
    assert getattr(settings, name) == value


def test_every_key_is_read_by_a_test_here() -> None:
    of_their_own = {"trusted_origins", "session_keep", "ledger"}
    assert {name for name, _ in READ} | of_their_own == SCALARS
    assert {each.name for each in fields(Settings)} == SCALARS | {"messages"}


@pytest.mark.parametrize("value", [["https://a.test"], ("https://a.test",), {"https://a.test"}])
def test_a_list_of_any_kind_is_a_list(value: Any) -> None:
    settings, _ = read(trusted_origins=value, session_keep=[])
    assert settings.trusted_origins == ("https://a.test",)
    assert settings.session_keep == ()


def test_none_is_as_if_the_key_were_not_there() -> None:
    settings, providers = read(flash_messages=None, github=None, unheard_of=None)
    assert settings.flash_messages is True
    assert providers == {}


def test_a_ledger_of_the_application_s_own_is_taken_as_it_is() -> None:
    ledger = MemoryLedger()
    settings, _ = read(ledger=ledger)
    assert settings.ledger is ledger


def test_every_mapping_is_a_provider_by_its_lower_case_name() -> None:
    settings, providers = read(github=GITHUB, url_prefix="/social")
    assert list(providers) == ["github"]
    assert (providers["github"].client.id, providers["github"].client.secret) == ("key", "secret")
    assert settings.url_prefix == "/social"


def test_other_extensions_keys_are_none_of_ours() -> None:
    app = Flask(__name__)
    app.config["SOCIALITE"] = 1
    app.config["ANTI_SOCIAL_X"] = 1
    assert config.read(app) == (Settings(), {})


def test_two_applications_that_share_a_mapping_keep_their_own_of_it() -> None:
    shared: dict[str, Any] = {**GITHUB, "authorize_params": {"allow_signup": "false"}}
    _, first = read(github=shared)
    shared["authorize_params"]["allow_signup"] = "true"
    shared["consumer_key"] = "another"
    _, second = read(github=shared)
    params = [dict(each["github"].provider.authorize_params) for each in (first, second)]  # type: ignore[attr-defined]
    assert params == [{"allow_signup": "false"}, {"allow_signup": "true"}]
    assert [each["github"].client.id for each in (first, second)] == ["key", "another"]


def test_what_one_application_adds_to_a_provider_s_parameters_stays_its_own() -> None:
    added = {**GITHUB, "offline_params": {"login_hint": "ada@example.org", "prompt": None}}
    _, first = read(google=added)
    _, second = read(google=GITHUB)
    params = [dict(each["google"].provider.offline_params) for each in (first, second)]  # type: ignore[attr-defined]
    assert params == [
        {"access_type": "offline", "login_hint": "ada@example.org"},
        {"access_type": "offline", "prompt": "consent"},
    ]


def test_settings_do_not_show_the_credentials_of_a_proxy() -> None:
    settings, _ = read(proxy="http://user:canary@proxy.test")
    assert "canary" not in repr(settings)


# Sentences of the application's own.


@pytest.mark.parametrize("value", [("Hello {provider}", "info"), ["Hello {provider}", "info"]])
def test_a_sentence_is_replaced_by_its_code(value: Any) -> None:
    settings, _ = read(msg_connected=value)
    assert settings.messages == {"connected": ("Hello {provider}", "info")}


@pytest.mark.parametrize("value", ["Hello", ("Hello",), ("a", "b", "c"), ("a", 1), 7, {"a": "b"}])
def test_a_sentence_without_its_category_is_refused(value: Any) -> None:
    assert "SOCIAL_MSG_CONNECTED" in refusal(msg_connected=value)


@pytest.mark.parametrize("text", ["{user}", "{0}", "{", "{provider.x}", "{provider[x]}", "{}"])
def test_a_sentence_with_a_place_that_nothing_fills_is_refused(text: str) -> None:
    assert "{provider}" in refusal(msg_connected=(text, "info"))


# What is refused.


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("url_prefix", 7, "a text"),
        ("blueprint_name", None.__class__, "a text"),
        ("flash_messages", "yes", "True or False"),
        ("flash_messages", 1, "True or False"),
        ("flow_lifetime", "600", "a whole number"),
        ("flow_lifetime", 1.5, "a whole number"),
        ("flow_lifetime", True, "a whole number"),
        ("read_timeout", "8", "a number"),
        ("read_timeout", True, "a number"),
        ("trusted_origins", "https://a.test", "a list"),
        ("trusted_origins", [1], "a list of texts"),
        ("session_keep", "cart", "a list"),
        ("session_keep", [b"cart"], "a list of texts"),
        ("private_hosts", "sso.internal", "a list"),
        ("provider_source_max_age", "300", "a whole number"),
        ("sandbox", 1, "True or False or a text"),
        ("connection_datastore", {"consumer_key": "k"}, "a text"),
    ],
)
def test_a_value_of_another_type_is_refused(name: str, value: Any, wanted: str) -> None:
    said = refusal(**{name: value})
    assert f"SOCIAL_{name.upper()} must be {wanted}" in said
    assert type(value).__name__ in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url_prefix", "social"),
        ("blueprint_name", ""),
        ("blueprint_name", "my.social"),
        ("app_url", "app.test"),
        ("app_url", "//app.test"),
        ("app_url", "ftp://app.test"),
        ("app_url", "http://[::1"),
        ("trusted_origins", ["https://a.test/"]),
        ("trusted_origins", ["https://a.test/path"]),
        ("trusted_origins", ["a.test"]),
        ("trusted_origins", ["null"]),
        ("trusted_origins", ["*"]),
        ("connection_datastore", ""),
        ("connection_datastore", "connection-datastore"),
        ("connection_datastore", "a.b"),
        ("ledger", True),
        ("ledger", {}),
        ("ledger", "redis://localhost"),
        ("ledger", MemoryLedger),
        ("private_hosts", ["https://sso.internal"]),
        ("private_hosts", ["sso.internal/x"]),
        ("private_hosts", ["sso.internal:8443"]),
        ("private_hosts", [""]),
        ("provider_source", "myapp.provider_source"),
        ("provider_source", {}),
        ("provider_source_max_age", 0),
        ("provider_source_max_age", 86_401),
        ("flow_lifetime", 0),
        ("flow_lifetime", -1),
        ("flow_lifetime", 3_601),
        ("connect_timeout", 0),
        ("read_timeout", -0.5),
        ("call_timeout", float("inf")),
        ("request_timeout", float("nan")),
    ],
)
def test_a_value_that_cannot_work_is_refused(name: str, value: Any) -> None:
    assert refusal(**{name: value}).startswith(f"SOCIAL_{name.upper()} must ")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("connect_allow_redirct", "SOCIAL_CONNECT_ALLOW_REDIRECT"),
        ("ap_url", "SOCIAL_APP_URL"),
        ("flash_message", "SOCIAL_FLASH_MESSAGES"),
        ("trusted_origin", "SOCIAL_TRUSTED_ORIGINS"),
    ],
)
def test_a_misspelt_key_is_refused_with_the_nearest_known_one(name: str, near: str) -> None:
    said = refusal(**{name: "x"})
    assert f"SOCIAL_{name.upper()} is no setting" in said
    assert f"Did you mean {near}?" in said


@pytest.mark.parametrize("value", ["secret", 7, True, ["key", "secret"]])
def test_an_unknown_key_that_is_no_mapping_is_no_provider(value: Any) -> None:
    said = refusal(zzz=value)
    assert "SOCIAL_ZZZ is no setting" in said
    assert "'consumer_key'" in said
    assert "Did you mean" not in said


def test_the_text_of_a_refusal_never_holds_a_value_that_could_be_a_secret() -> None:
    assert "canary" not in refusal(github="canary")
    assert "canary" not in refusal(github={"consumer_key": "canary"})
    assert "canary" not in refusal(github={**GITHUB, "consumer_secret": ["canary"]})


@pytest.mark.parametrize("name", ["config", "route", "extensions"])
def test_the_datastore_takes_the_place_of_nothing_that_the_application_has(name: str) -> None:
    said = refusal(connection_datastore=name)
    assert said.startswith("SOCIAL_CONNECTION_DATASTORE: the application has another")
    assert repr(name) in said


@pytest.mark.parametrize("name", sorted(config.RESERVED))
def test_a_provider_may_not_have_the_name_of_something_else(name: str) -> None:
    assert f"SOCIAL_{name.upper()} cannot be a provider" in refusal(**{name: GITHUB})


def test_what_social_and_its_state_are_made_of_is_reserved() -> None:
    taken = {*vars(Social), *SocialState.__slots__, *vars(SocialState)}
    assert {each for each in taken if not each.startswith("_")} <= config.RESERVED | SCALARS


# The sandbox, and plain http.


@pytest.mark.parametrize("value", [True, "http://localhost:9000"])
def test_the_sandbox_never_serves_real_visitors(value: Any) -> None:
    said = refusal(sandbox=value, testing=False)
    assert said.startswith("SOCIAL_SANDBOX ")
    assert "debug or testing" in said
    assert "flask --debug run" in said


def test_the_sandbox_serves_in_debug_as_in_testing() -> None:
    app = Flask(__name__)
    app.debug = True
    app.config.update(SOCIAL_SANDBOX=True, SOCIAL_GITHUB=GITHUB)
    _, providers = config.read(app)
    assert providers["github"].provider.token_url == "http://localhost:5001/github/token"  # type: ignore[attr-defined]


@pytest.mark.parametrize("address", ["http://localhost:9000", "http://localhost:9000/"])
def test_the_sandbox_may_be_elsewhere(address: str) -> None:
    _, providers = read(sandbox=address, github=GITHUB)
    assert providers["github"].provider.token_url == "http://localhost:9000/github/token"  # type: ignore[attr-defined]


def test_a_sandbox_at_no_address_is_refused() -> None:
    assert "SOCIAL_SANDBOX" in refusal(sandbox="localhost:9000", github=GITHUB)


PLAIN = {
    **GITHUB,
    "authorize_url": "http://op.test/authorize",
    "token_url": "https://op.test/token",
    "api_url": "https://op.test/",
    "identity": {"subject": "id"},
}


def test_a_plain_http_provider_is_refused_outside_debug_and_testing() -> None:
    said = refusal(acme=PLAIN, testing=False)
    assert "SOCIAL_ACME: authorize_url is plain http" in said
    assert "SOCIAL_ALLOW_INSECURE_PROVIDERS" in said


def test_a_plain_http_provider_is_taken_where_the_operator_says_so() -> None:
    _, testing = read(acme=PLAIN)
    _, allowed = read(acme=PLAIN, allow_insecure_providers=True, testing=False)
    assert list(testing) == list(allowed) == ["acme"]


# Types.


def test_a_class_whose_annotations_cannot_be_read_is_not_checked() -> None:
    class Odd:
        member: "Nowhere"  # type: ignore[name-defined]  # noqa: F821, UP037

    assert declared(Odd) == {}


@pytest.mark.parametrize(
    ("hint", "value", "said"),
    [
        (Any, object(), None),
        (str | None, None, None),
        (str, None, "a text"),
        (str | None, 1, "a text"),
        (dict, [], "dict"),
        (tuple[str, ...] | None, ("a",), None),
        (tuple[str, ...] | None, ("a", None), "a list of texts"),
    ],
)
def test_a_misfit_is_told_in_words(hint: Any, value: Any, said: str | None) -> None:
    assert misfit(hint, value) == said
