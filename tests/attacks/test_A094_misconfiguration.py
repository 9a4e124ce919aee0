"""A094: what is configured wrongly fails while the application starts, by its name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from flask_social import ConfigurationError, Social
from flask_social.datastore.memory import MemoryConnectionDatastore
from flask_social.errors import ProviderError
from flask_social.http import Request
from flask_social.sandbox.shapes import subject_of
from flask_social.testing import ServedSandbox
from flask_social.transport import TransportOptions, Wire
from tests.bed import Bed, make_app, query_of

U1 = "one@example.org"
GITHUB = {"consumer_key": "key", "consumer_secret": "canary secret"}
OIDC = {**GITHUB, "issuer": "https://op.example"}
OAUTH2 = {
    **GITHUB,
    "authorize_url": "https://op.example/authorize",
    "token_url": "https://op.example/token",
    "api_url": "https://op.example/api/",
    "identity": {"subject": "id"},
}
MakeBed = Callable[..., Bed]


def refusal(keys: dict[str, Any], *, testing: bool = True) -> str:
    """Why an application does not start; the text holds no secret."""
    app = Flask(__name__)
    app.testing, app.debug = testing, False
    app.config.update({"SECRET_KEY": "secret", **keys})
    with pytest.raises(ConfigurationError) as caught:
        Social(app, MemoryConnectionDatastore())
    assert "Flask-Security" not in str(caught.value), "that far it must not come"
    assert "canary" not in str(caught.value)
    return str(caught.value)


def warnings(
    caplog: pytest.LogCaptureFixture, keys: dict[str, Any], *, testing: bool = False
) -> str:
    """What the start of an application warns of."""
    caplog.clear()
    with caplog.at_level(logging.WARNING, "flask_social"):
        make_app({"SOCIAL_APP_URL": "https://app.example", **keys}, testing=testing)
    assert "canary" not in caplog.text
    return caplog.text


# What is open elsewhere, and plain http.


@pytest.mark.parametrize("switch", ["AUTHLIB_INSECURE_TRANSPORT", "OAUTHLIB_INSECURE_TRANSPORT"])
def test_A094_switches_of_other_libraries_open_nothing_here(
    monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    monkeypatch.setenv(switch, "1")
    plain = {**OAUTH2, "token_url": "http://op.example/token"}
    said = refusal({"SOCIAL_ACME": plain}, testing=False)
    assert said.startswith("SOCIAL_ACME: token_url is plain http")
    wire = Wire(TransportOptions()).for_request()
    with pytest.raises(ProviderError, match="insecure"):
        wire(Request(url="http://op.example/token", purpose="testing"))


def test_A094_a_plain_http_base_url_in_earnest_is_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    plain = {"SOCIAL_APP_URL": "http://app.example"}
    assert "SOCIAL_APP_URL is plain http" in warnings(caplog, plain)
    assert "SOCIAL_APP_URL" not in warnings(caplog, plain, testing=True)
    assert "SOCIAL_APP_URL" not in warnings(caplog, {})


def test_A094_a_plain_http_origin_that_is_trusted_in_earnest_is_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = warnings(caplog, {"SOCIAL_TRUSTED_ORIGINS": ["http://spa.example"]})
    assert "SOCIAL_TRUSTED_ORIGINS has a plain http origin" in said
    assert "ORIGINS" not in warnings(caplog, {"SOCIAL_TRUSTED_ORIGINS": ["https://spa.example"]})


# Tokens at rest.

KEY = f"first:{'c' * 43}="


def test_A094_tokens_that_are_stored_plainly_in_earnest_are_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = warnings(caplog, {})
    assert said.count("SOCIAL_TOKEN_KEYS is not set") == 1
    assert "flask social new-key" in said
    assert "SOCIAL_TOKEN_KEYS" in warnings(caplog, {"SOCIAL_TOKEN_KEYS": []})
    assert "SOCIAL_TOKEN_KEYS" not in warnings(caplog, {}, testing=True)
    assert "SOCIAL_TOKEN_KEYS" not in warnings(caplog, {"SOCIAL_TOKEN_KEYS": [KEY]})
    assert "SOCIAL_TOKEN_KEYS" not in warnings(caplog, {"SOCIAL_TOKEN_KEYS": lambda: [KEY]})
    assert "SOCIAL_TOKEN_KEYS" not in warnings(caplog, {"SOCIAL_STORE_TOKENS": False})


@pytest.mark.parametrize(
    "keys",
    [
        "first:canary",
        {"first": "canary"},
        7,
        [7],
        ["canary"],
        ["first:canary"],
        ["first: " + "c" * 43],
        [KEY, KEY],
        ["first:" + "c" * 42],
        [f"{'x' * 33}:{'c' * 43}="],
        lambda: ["first:canary"],
    ],
)
def test_A094_keys_that_are_none_stop_the_start_and_are_not_shown(keys: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make_app({"SOCIAL_TOKEN_KEYS": keys})
    said = str(caught.value)
    assert said.startswith("SOCIAL_TOKEN_KEYS")
    assert "canary" not in said
    assert "c" * 42 not in said


# Two of them.


def test_A094_two_providers_with_one_issuer_and_client_are_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = warnings(caplog, {"SOCIAL_EAST": OIDC, "SOCIAL_WEST": OIDC})
    assert "SOCIAL_WEST and SOCIAL_EAST are one client at one provider" in said
    said = warnings(caplog, {"SOCIAL_EAST": OAUTH2, "SOCIAL_WEST": OAUTH2})
    assert "SOCIAL_WEST and SOCIAL_EAST are one client at one provider" in said
    other = {**OIDC, "consumer_key": "another"}
    assert "one client" not in warnings(caplog, {"SOCIAL_EAST": OIDC, "SOCIAL_WEST": other})
    assert "one client" not in warnings(caplog, {"SOCIAL_GITHUB": GITHUB, "SOCIAL_GOOGLE": GITHUB})


@dataclass(frozen=True)
class Own:
    """A provider of the application's own, which asks for no token."""

    id: str
    name: str
    token_url: str | None = None

    def begin(self, client: Any, flow: Any, send: Any) -> Any:
        raise NotImplementedError

    def complete(self, client: Any, flow: Any, params: Any, send: Any) -> Any:
        raise NotImplementedError


def test_A094_two_of_the_applications_own_without_a_token_address_are_two(
    caplog: pytest.LogCaptureFixture,
) -> None:
    keys = {
        f"SOCIAL_{name.upper()}": {**GITHUB, "module": SimpleNamespace(provider=Own(name, name))}
        for name in ("east", "west")
    }
    assert "one client" not in warnings(caplog, keys)


def test_A094_two_keys_that_are_one_provider() -> None:
    said = refusal({"SOCIAL_ACME": OIDC, "SOCIAL_Acme": OIDC})
    assert said.startswith("SOCIAL_Acme is there twice")
    assert refusal({"SOCIAL_APP_URL": "https://a.example", "SOCIAL_app_url": "https://b.example"})


@pytest.mark.parametrize("name", ["", "A/B", "A B", "A.B", "A?B", "A%2FB", "X" * 65])
def test_A094_a_name_that_no_address_and_no_row_could_have(name: str) -> None:
    assert "cannot be a provider" in refusal({f"SOCIAL_{name}": OIDC})


def test_A094_two_providers_that_share_a_callback_url_do_not_share_answers(bed: Bed) -> None:
    @bed.app.post("/out/<provider_id>")
    def out(provider_id: str) -> Any:
        return getattr(bed.social, provider_id).authorize(callback="/back")

    seen: list[Any] = []

    def keep(answer: Any) -> str:
        seen.append(answer)
        return "kept"

    with bed.app.app_context():
        back = bed.social.plain.authorized_handler(keep)
    bed.app.add_url_rule("/back", "back", back)
    browser = bed.browser()
    callbacks = {
        name: browser.at_provider(browser.set_out(f"/out/{name}")) for name in ("acme", "plain")
    }
    assert {url.partition("?")[0] for url in callbacks.values()} == {f"{bed.url}/back"}

    foreign = browser.get(callbacks["acme"])

    assert foreign.status_code == 400
    assert [told["reason"] for told in bed.signals("flow_rejected")] == ["foreign"]
    assert (seen, bed.calls("acme"), bed.calls("plain")) == ([], 0, 0)
    assert browser.get(callbacks["plain"]).text == "kept"


# Cookies, sandbox, secrets.


def test_A094_a_strict_session_cookie_works_by_way_of_a_page(make_bed: MakeBed) -> None:
    bed = make_bed(SESSION_COOKIE_SAMESITE="Strict")
    bed.add_user(U1)
    bed.connect(U1, "plain", str(ada_at(bed.sandbox)))
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/plain", next="/there"))

    page = browser.get(callback, headers={"Sec-Fetch-Site": "cross-site"})

    assert page.status_code == 200
    assert query_of(callback)["code"] not in page.text
    assert bed.calls("plain") == 0
    state = query_of(callback)["state"]
    assert f'content="0; url=?state={state}"' in page.text
    answer = browser.get(f"/login/plain?state={state}", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.headers["Location"] == "/there"
    assert browser.who() == U1


def ada_at(box: ServedSandbox) -> Any:
    return subject_of(box["plain"].script, box.people["ada"])


@pytest.mark.parametrize("value", [True, "http://localhost:9000"])
def test_A094_the_sandbox_in_earnest(value: Any) -> None:
    said = refusal({"SOCIAL_SANDBOX": value, "SOCIAL_GITHUB": GITHUB}, testing=False)
    assert said.startswith("SOCIAL_SANDBOX lets anybody be anybody")


def test_A094_insecure_providers_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    said = warnings(caplog, {"SOCIAL_ALLOW_INSECURE_PROVIDERS": True, "SOCIAL_GITHUB": GITHUB})
    assert "SOCIAL_ALLOW_INSECURE_PROVIDERS lets tokens travel over plain http" in said
    assert "INSECURE" not in warnings(caplog, {"SOCIAL_GITHUB": GITHUB})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SECRET_KEY", None),
        ("SECRET_KEY", ""),
        ("SECRET_KEY_FALLBACKS", "canary"),
        ("SECRET_KEY_FALLBACKS", b"canary"),
        ("SECRET_KEY_FALLBACKS", [""]),
        ("SECRET_KEY_FALLBACKS", ["canary", None]),
        ("SECRET_KEY_FALLBACKS", {"canary": 1}),
    ],
)
def test_A094_a_key_that_anybody_could_guess(key: str, value: Any) -> None:
    assert key in refusal({key: value})


def test_A094_no_mistake_leaves_half_an_extension_behind() -> None:
    app = Flask(__name__)
    before = set(app.view_functions), set(app.extensions)
    app.config.update(SECRET_KEY="s", SOCIAL_ACME={**OIDC, "issuer": "nonsense"})
    with pytest.raises(ConfigurationError):
        Social(app, MemoryConnectionDatastore())
    assert (set(app.view_functions), set(app.extensions)) == before
