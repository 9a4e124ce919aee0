"""The names of ``flask_social.utils``, and what they give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, session
from werkzeug.exceptions import NotFound

from flask_social import clock, login_failed
from flask_social.utils import (
    config_value,
    get_authorize_callback,
    get_connection_values_from_oauth_response,
    get_provider_or_404,
    get_token_pair_from_oauth_response,
)
from flask_social.values import Secret
from tests.bed import Bed, make_app


def test_a_provider_by_its_id_or_404(bed: Bed) -> None:
    with bed.app.test_request_context("/"):
        assert get_provider_or_404("plain") is bed.social.plain
        with pytest.raises(NotFound):
            get_provider_or_404("nobody")


def test_a_setting_is_what_the_application_set_or_else_the_default() -> None:
    one = make_app({"SOCIAL_APP_URL": "https://one.example"}).app
    two = make_app({"SOCIAL_BLUEPRINT_NAME": "accounts"}).app
    with one.app_context():
        assert config_value("APP_URL") == config_value("app_url") == "https://one.example"
        assert config_value("APP_URL", app=two) is None
        assert config_value("BLUEPRINT_NAME") == "social"
        assert config_value("BLUEPRINT_NAME", app=two, default="other") == "accounts"
        assert config_value("BLUEPRINT_NAME", default="other") == "other"
        assert config_value("POST_OAUTH_LOGIN_SESSION_KEY") == "post_oauth_login_url"
        assert config_value("OF_NO_SETTING") is None
        assert config_value("OF_NO_SETTING", default=1) == 1


@pytest.mark.parametrize(
    ("config", "root", "address"),
    [
        ({}, "http://site.test", "http://site.test/login/plain"),
        ({}, "http://site.test/m", "http://site.test/m/login/plain"),
        ({"SOCIAL_URL_PREFIX": "/s"}, "http://site.test/m", "http://site.test/m/s/login/plain"),
        ({"SOCIAL_APP_URL": "https://a.test/m"}, "http://x/m", "https://a.test/m/login/plain"),
        ({"SOCIAL_BLUEPRINT_NAME": "accounts"}, "http://site.test", "http://site.test/login/plain"),
    ],
)
def test_the_callback_of_an_endpoint_is_its_address_for_the_provider(
    make_bed: Callable[..., Bed], config: dict[str, Any], root: str, address: str
) -> None:
    bed = make_bed(**config)
    with bed.app.test_request_context("/", base_url=root):
        assert get_authorize_callback("login_callback", "plain") == address
        connect = get_authorize_callback("connect_callback", provider_id="plain")
        assert connect == address.replace("/login/", "/connect/")
        path = address.removeprefix(root) if "a.test" not in address else "/m/login/plain"
        assert get_authorize_callback(path) == address
        with pytest.raises(ValueError, match="needs a provider_id"):
            get_authorize_callback("login_callback")


def test_the_values_of_a_connection_are_those_of_the_trip_that_ends_here(bed: Bed) -> None:
    heard: list[Any] = []

    @login_failed.connect_via(bed.app)
    def receiver(sender: Flask, provider: Any, oauth_response: Any) -> None:
        values = get_connection_values_from_oauth_response(provider, oauth_response)
        pair = get_token_pair_from_oauth_response(provider, oauth_response)
        heard.append((provider.id, oauth_response, values, pair))

    moment = clock.now()
    with clock.replaced(lambda: moment):
        bed.browser().trip("/login/acme")
    [(provider_id, answer, values, pair)] = heard
    assert provider_id == "acme"
    assert values == {
        "provider_id": "acme",
        "provider_user_id": values["provider_user_id"],
        "access_token": answer["access_token"],
        "secret": None,
        "display_name": values["display_name"],
        "full_name": "Ada Lovelace",
        "email": "ada@example.com",
        "profile_url": values["profile_url"],
        "image_url": values["image_url"],
        "issuer": f"{bed.sandbox.url}acme",
        "email_verified": True,
        "token_type": "Bearer",
        "granted_at": values["granted_at"],
        **{
            name: values[name] for name in ("refresh_token", "expires_at", "scopes") & values.keys()
        },
    }
    assert values["provider_user_id"]
    assert values["granted_at"] == moment
    assert answer["access_token"]
    assert isinstance(values["access_token"], Secret)
    assert pair == {"access_token": answer["access_token"], "secret": None}


def test_no_answer_has_no_values(bed: Bed) -> None:
    with bed.app.test_request_context("/"):
        assert get_connection_values_from_oauth_response(bed.social.plain, None) is None
        assert get_token_pair_from_oauth_response(bed.social.plain, None) is None


def test_an_answer_that_this_request_did_not_bring_has_no_values_and_the_error_says_where(
    bed: Bed,
) -> None:
    said: list[str] = []

    def ask(provider: Any, answer: Any) -> None:
        with pytest.raises(RuntimeError) as caught:
            get_connection_values_from_oauth_response(provider, answer)
        said.append(str(caught.value))

    @login_failed.connect_via(bed.app)
    def receiver(sender: Flask, provider: Any, oauth_response: Any) -> None:
        ask(bed.social.acme, oauth_response)
        ask(provider, {**oauth_response, "access_token": "canary"})

    bed.browser().trip("/login/plain")
    with bed.app.test_request_context("/"):
        ask(bed.social.plain, {"access_token": "canary"})
    assert len(said) == 3
    assert all("receiver of login_failed" in each and "canary" not in each for each in said)


@pytest.mark.parametrize(
    ("answer", "pair"),
    [
        ({"access_token": "a", "token_type": "Bearer"}, {"access_token": "a", "secret": None}),
        (
            {"oauth_token": "t", "oauth_token_secret": "s"},
            {"access_token": "t", "secret": "s"},
        ),
        ({}, {"access_token": None, "secret": None}),
    ],
)
def test_the_token_of_any_answer_is_found_and_hidden(
    bed: Bed, answer: dict[str, str], pair: dict[str, Any]
) -> None:
    with bed.app.test_request_context("/"):
        found = get_token_pair_from_oauth_response(bed.social.plain, answer)
    assert found == pair
    assert all(value is None or isinstance(value, Secret) for value in pair_of(found))


def pair_of(found: dict[str, Any] | None) -> list[Any]:
    assert found is not None
    return list(found.values())


def test_values_that_wait_in_the_session_can_be_read_by_nobody(bed: Bed) -> None:
    tokens: list[str] = []

    @login_failed.connect_via(bed.app)
    def receiver(sender: Flask, provider: Any, oauth_response: Any) -> None:
        tokens.append(str(oauth_response["access_token"]))
        session["waiting"] = get_connection_values_from_oauth_response(provider, oauth_response)
        session["raw"] = oauth_response

    @bed.app.get("/waiting")
    def waiting() -> dict[str, Any]:
        same = session["raw"]["access_token"] == session["waiting"]["access_token"]
        return {"token": session["waiting"]["access_token"], "same": same}

    browser = bed.browser()
    browser.trip("/login/plain")
    interface: Any = Flask("reader").session_interface
    reader = Flask("reader")
    reader.secret_key = bed.app.secret_key
    cookie = browser.http.cookies["session"]
    readable = interface.get_signing_serializer(reader).loads(cookie)
    assert readable["waiting"]["full_name"] == "Ada Lovelace"
    assert tokens[0] not in repr(readable)
    assert browser.get("/waiting").json() == {"token": tokens[0], "same": True}
