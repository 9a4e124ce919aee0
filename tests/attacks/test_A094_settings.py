"""A094: no setting takes nonsense silently, nor a name that nearly is one."""

from __future__ import annotations

import ast
import logging
from typing import Any

import pytest
from flask import Flask

from flask_social import ConfigurationError, config, core, limits
from flask_social.datastore.sealing import TokenSealing
from flask_social.messages import MESSAGES
from tests.bed import PATIENT, make_app
from tests.doctables import names, rows
from tests.faulty import TRIES

HEADINGS = ("## Routes and addresses", "## Behaviour", "## The network")
TABLE = {
    names(row[0])[0]: (row[1], ast.literal_eval(names(row[2])[0]))
    for heading in HEADINGS
    for row in rows("configuration.md", heading)
}
"""Every documented setting: its type, in the words of the table, and its default."""

OF_ANOTHER_TYPE: dict[str, list[Any]] = {
    "text": [7, 1.5, True, [], ["a"], {"a": "b"}, b"a", object()],
    "true or false": [0, 1, "true", "no", "", [], object()],
    "list": ["a", 7, True, [1], [None], [b"a"], object()],
    "whole number": ["600", "", 1.5, True, [600], object()],
    "number": ["8", "", True, [8], object()],
    "true, false or text": [0, 1, 1.5, [], b"a", object()],
    "list or function": ["a", 7, True, [1], [None], [b"a"], {"a": "b"}, object(), lambda: "a"],
    "function": [True, 7, "myapp.source", [], ["a"], {}, {"a": "b"}, b"a", object()],
    "object": [True, False, 7, "redis://localhost", [], {}, object(), object],
}
BAD_URLS = [
    "app.example",
    "/relative",
    "//app.example",
    "ftp://app.example",
    "https://",
    "https://user:secret@app.example",
    "https://app.example#top",
    "https://app.example/?a=b",
    "https://app .example",
    "https://app.example/a b",
    "https://app.example\n",
    "http://[::1",
    "https://app.example:port",
    "javascript:alert(1)",
]
BAD_VIEWS = ["javascript:alert(1)", "ftp://app.example", "two words", "/a\nb", "/a\0", "a\\b"]
BAD_KEYS = ["", " ", "two words", "_user_id", "_fresh", "fs_paa", "tf_user_id"]
BAD_SECONDS = [0, -1, -0.5, float("inf"), float("nan"), 61, 3_600]
NONSENSE: dict[str, list[Any]] = {
    "SOCIAL_URL_PREFIX": [
        "social",
        "//social",
        "/a b",
        "/<>",
        "/<x",
        "/x>",
        "/<a/b>",
        "/a?b",
        "/a#b",
        "/a\n",
        "http://a",
    ],
    "SOCIAL_BLUEPRINT_NAME": ["", " ", "a.b", "a b", "a/b"],
    "SOCIAL_APP_URL": BAD_URLS,
    "SOCIAL_TOKEN_KEYS": [["first:secret@"], [f"first:{'c' * 43}="] * 2, lambda: ["secret@"]],
    "SOCIAL_STORE_TOKENS": [],
    "SOCIAL_REVOKE_ON_DISCONNECT": [],
    "SOCIAL_SINGLE_CALLBACK": [],
    "SOCIAL_CONNECT_ALLOW_REDIRECT": BAD_VIEWS,
    "SOCIAL_CONNECT_DENY_REDIRECT": BAD_VIEWS,
    "SOCIAL_CONNECT_ALLOW_VIEW": BAD_VIEWS,
    "SOCIAL_CONNECT_DENY_VIEW": BAD_VIEWS,
    "SOCIAL_POST_OAUTH_CONNECT_SESSION_KEY": BAD_KEYS,
    "SOCIAL_POST_OAUTH_LOGIN_SESSION_KEY": BAD_KEYS,
    "SOCIAL_TRUSTED_ORIGINS": [[each] for each in [*BAD_URLS, "*", "null", "https://*.a.example"]],
    "SOCIAL_FLASH_MESSAGES": [],
    "SOCIAL_ALLOW_LAST_DISCONNECT": [],
    "SOCIAL_SESSION_KEEP": [[""]],
    "SOCIAL_FLOW_LIFETIME": [0, -1, 3_601],
    "SOCIAL_CONNECTION_DATASTORE": ["", "a-b", "a.b", "a b", "7a", "config", "route"],
    "SOCIAL_LEDGER": [],
    "SOCIAL_SANDBOX": ["", *BAD_URLS],
    "SOCIAL_CONNECT_TIMEOUT": BAD_SECONDS,
    "SOCIAL_READ_TIMEOUT": BAD_SECONDS,
    "SOCIAL_CALL_TIMEOUT": BAD_SECONDS,
    "SOCIAL_REQUEST_TIMEOUT": BAD_SECONDS,
    "SOCIAL_PROXY": [
        " ",
        "ftp://proxy.example",
        "socks5://proxy.example",
        "http://",
        "http://[",
    ],
    "SOCIAL_CA_BUNDLE": [" ", "/no/such/file.pem", "/dev/null", "/"],
    "SOCIAL_ALLOW_INSECURE_PROVIDERS": [],
    "SOCIAL_PRIVATE_HOSTS": [[each] for each in ["", " ", "a b", "a/b", "a:80", *BAD_URLS[2:]]],
    "SOCIAL_PROVIDER_SOURCE": [],
    "SOCIAL_PROVIDER_SOURCE_MAX_AGE": [0, -1, 86_401],
}
"""For every setting what is of the right type and cannot work."""


def start(keys: dict[str, Any]) -> None:
    """What the start of an application does with its settings."""
    app = Flask(__name__)
    app.testing = True
    app.config.update(keys)
    settings, _ = config.read(app)
    core._transport(app, settings)
    TokenSealing(lambda: "connection").use(settings.token_keys, keeps=settings.store_tokens)


def refusal(keys: dict[str, Any]) -> str:
    """Why the start fails; empty when it does not."""
    try:
        start(keys)
    except ConfigurationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("key", ["SOCIAL_APP_URL", "SOCIAL_PROXY", "SOCIAL_CA_BUNDLE"])
def test_A094_an_empty_text_of_the_environment_means_that_nothing_is_set(key: str) -> None:
    app = Flask(__name__)
    app.config[key] = ""
    assert config.read(app)[0] == config.Settings()


def test_A094_a_scheme_may_be_in_large_letters() -> None:
    start({"SOCIAL_PROXY": "HTTP://proxy.example:3128", "SOCIAL_APP_URL": "HTTPS://app.example"})


def test_A094_every_documented_setting_is_tried_here() -> None:
    assert NONSENSE.keys() == TABLE.keys()
    assert {kind for kind, _ in TABLE.values()} == OF_ANOTHER_TYPE.keys()


@pytest.mark.parametrize("key", TABLE)
def test_A094_no_setting_takes_nonsense(key: str) -> None:
    kind, _ = TABLE[key]
    for value in OF_ANOTHER_TYPE[kind] + NONSENSE[key]:
        said = refusal({key: value})
        assert key in said, value
        assert "secret@" not in said, value


@pytest.mark.parametrize("key", TABLE)
def test_A094_every_setting_takes_its_default_and_none(key: str) -> None:
    _, default = TABLE[key]
    for value in (default, None):
        start({key: value})


@pytest.mark.parametrize("key", TABLE)
def test_A094_a_letter_too_few_is_no_setting_and_the_nearest_is_named(key: str) -> None:
    for wrong in (key[:-1], f"{key}X", key.replace("_", "", 2)[:6] + key[7:]):
        if not wrong.startswith("SOCIAL_") or wrong == key:
            continue
        assert f"Did you mean {key}?" in refusal({wrong: TABLE[key][1] or "x"})


@pytest.mark.parametrize("code", ["not_linkd", "conected", "provider_eror"])
def test_A094_a_message_that_nearly_is_one_is_warned_of(
    code: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "flask_social"):
        make_app({f"SOCIAL_MSG_{code.upper()}": ("text", "info")})
    assert f"SOCIAL_MSG_{code.upper()}: did you mean SOCIAL_MSG_" in caplog.text


def test_A094_a_message_for_a_code_of_the_application_s_own_is_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, "flask_social"):
        make_app({"SOCIAL_MSG_NOT_A_COLLEAGUE": ("text", "info")})
        make_app({f"SOCIAL_MSG_{code.upper()}": ("text", "info") for code in MESSAGES})
    assert "SOCIAL_MSG" not in caplog.text


# The caps.


def test_A094_the_caps_are_those_that_are_promised(caplog: pytest.LogCaptureFixture) -> None:
    assert limits.FLOW_LIFETIME == 600
    start({"SOCIAL_FLOW_LIFETIME": limits.LONGEST_FLOW})
    assert limits.LONGEST_FLOW == 60 * 60
    assert limits.REQUEST_TIMEOUT == 15
    assert limits.LONGEST_WAIT == 60


def test_A094_a_request_that_may_take_longer_than_fifteen_seconds_is_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # No error: a slow provider may be the only one, and gunicorn's own limit is twice as long.
    url = {"SOCIAL_APP_URL": "https://app.example"}
    with caplog.at_level(logging.WARNING, "flask_social"):
        make_app({**url, "SOCIAL_REQUEST_TIMEOUT": 15.0}, testing=False)
        assert "SOCIAL_REQUEST_TIMEOUT" not in caplog.text
        make_app({**url, "SOCIAL_REQUEST_TIMEOUT": 15.5}, testing=False)
    assert "SOCIAL_REQUEST_TIMEOUT lets a provider hold a worker for 15.5 seconds" in caplog.text


def test_A094_what_the_tests_wait_is_within_the_caps() -> None:
    assert max(*PATIENT.values(), *TRIES) <= limits.LONGEST_WAIT
