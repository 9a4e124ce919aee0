"""F14 and F15: the token endpoint says no, in its own or in nobody's words."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from flask_social.sandbox import Client, Status
from flask_social.testing import ServedSandbox
from tests.bed import Bed, usual_config
from tests.faults.visits import UNEXPECTED, Visits

IS_JSON = {"Content-Type": "application/json"}
AT_AN_END = "This attempt is no longer valid at Plain. Please start again."
NO_CODE: list[Any] = [
    {},
    [],
    None,
    7,
    "a text",
    [{"access_token": "a", "token_type": "bearer"}],
    {"token_type": "bearer"},
    {"access_token": None, "token_type": "bearer"},
    {"access_token": "", "token_type": "bearer"},
    {"access_token": 7, "token_type": "bearer"},
    {"access_token": ["a"], "token_type": "bearer"},
    {"access_token": "a", "token_type": "mac"},
    {"access_token": "a", "token_type": None},
    {"access_token": "a"},
]


def test_F14_a_200_that_grants_nothing(plain: Visits) -> None:
    for answer in NO_CODE:
        plain.provider.replace("token", answer)
        plain.fails(502, UNEXPECTED, "bad_answer")
    plain.mended()


def test_F14_errors_by_kind_whatever_the_status(plain: Visits) -> None:
    for at, (error, words, code) in enumerate(
        (
            ("invalid_grant", AT_AN_END, "invalid_grant"),
            ("bad_verification_code", AT_AN_END, "invalid_grant"),
            ("unauthorized_client", "does not let this site ask", "unauthorized_client"),
            ("invalid_request", "does not understand what this site asks", "invalid_request"),
            ("unsupported_grant_type", UNEXPECTED, "unsupported_grant_type"),
            ("a word of theirs", UNEXPECTED, "unknown_error"),
            ("invalid_grant", AT_AN_END, "invalid_grant"),
            ("bad_verification_code", AT_AN_END, "invalid_grant"),
        )
    ):
        told = f'{{"error": "{error}", "error_description": "Call +1-800-EVIL <b>now</b>"}}'
        plain.provider.fail("token", Status((400, 200, 401, 403)[at % 4], told, IS_JSON))
        ended = plain.fails(502, words, code)
        assert "EVIL" not in ended.answer.text + ended.line
        plain.provider.clear()
    plain.mended()


def test_F14_a_code_that_was_spent_elsewhere(plain: Visits, box: ServedSandbox) -> None:
    box["plain"].fail("token", Status(500, late=True, times=1))
    browser = plain.bed.browser()
    first = browser.at_provider(browser.set_out("/login/plain"))
    code = first.partition("code=")[2].partition("&")[0]
    assert browser.get(first).status_code == 502
    again = browser.at_provider(browser.set_out("/login/plain"))
    fresh = again.partition("code=")[2].partition("&")[0]
    answer = browser.get(again.replace(fresh, code))
    assert (answer.status_code, AT_AN_END in answer.text) == (502, True)
    plain.works()


def not_available(visits: Visits, key: str, **how: Any) -> None:
    """The visitor is told no more than that; the operator, which setting is wrong."""
    words = "is not available at the moment."
    ended = visits.fails(503, words, "invalid_client", **how)
    assert ended.level == logging.ERROR
    assert f"consumer_key and consumer_secret of {key}" in ended.line


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_F15_a_secret_that_is_wrong_by_now(
    make_bed: Callable[..., Bed],
    box: ServedSandbox,
    caplog: pytest.LogCaptureFixture,
    method: str,
) -> None:
    plain = {**usual_config(box.url)["SOCIAL_PLAIN"], "token_endpoint_auth_method": method}
    bed = make_bed(SOCIAL_PLAIN=plain)
    visits = Visits(bed, caplog)
    visits.works()
    mine = box["plain"].clients["plain key"]
    mine.secret = "another of them"
    not_available(visits, "SOCIAL_PLAIN")
    mine.secret = "plain secret"
    visits.works()


@pytest.mark.parametrize("headers", [IS_JSON, {**IS_JSON, "WWW-Authenticate": "Basic"}])
def test_F15_told_with_and_without_a_challenge(plain: Visits, headers: dict[str, str]) -> None:
    for status in (400, 401):
        plain.provider.fail("token", Status(status, '{"error": "invalid_client"}', headers))
        not_available(plain, "SOCIAL_PLAIN")
        plain.provider.clear()
    plain.mended()


def test_F15_in_githubs_words(
    make_bed: Callable[..., Bed], box: ServedSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    home = f"{box.url}github"
    github = {
        "consumer_key": "hub",
        "consumer_secret": "hub secret",
        "authorize_url": f"{home}/authorize",
        "token_url": f"{home}/token",
        "api_url": f"{home}/api/",
    }
    visits = Visits(make_bed(SOCIAL_GITHUB=github), caplog, "github")
    box["github"].register_client(Client(id="hub", secret="another of them"))
    not_available(visits, "SOCIAL_GITHUB")
    box["github"].register_client(Client(id="hub", secret="hub secret"))
    visits.works()


def test_F15_in_oauth_1_at_the_start(
    make_bed: Callable[..., Bed], box: ServedSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    home = f"{box.url}classic"
    classic = {
        "consumer_key": "classic key",
        "consumer_secret": "another of them",
        "request_token_url": f"{home}/request_token",
        "authorize_url": f"{home}/authorize",
        "token_url": f"{home}/access_token",
        "api_url": f"{home}/api/",
        "profile_call": "me",
        "identity": {"subject": "id"},
    }
    right = {**classic, "consumer_secret": "classic secret"}
    bed = make_bed(SOCIAL_CLASSIC=right, SOCIAL_EXPIRED=classic)
    visits = Visits(bed, caplog, "classic", endpoint="access_token")
    not_available(visits.by("expired"), "SOCIAL_EXPIRED", asked=0, at_start=True)
    visits.works()
