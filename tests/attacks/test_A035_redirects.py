"""A035: no back-channel call follows a redirect, whoever asks for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from flask_social.sandbox import Redirect
from flask_social.testing import ServedSandbox
from tests.bed import Bed
from tests.revocable import connected, with_revocation

CODES = [301, 302, 303, 307, 308]
U1 = "one@example.org"


def classic(box: ServedSandbox) -> dict[str, Any]:
    """The keys of a provider of OAuth 1.0a."""
    home = f"{box.url}classic"
    return {
        "consumer_key": "classic key",
        "consumer_secret": "classic secret",
        "request_token_url": f"{home}/request_token",
        "authorize_url": f"{home}/authorize",
        "token_url": f"{home}/access_token",
        "api_url": f"{home}/api/",
        "profile_call": "me",
        "identity": {"subject": "id"},
    }


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("endpoint", ["token", "jwks", "userinfo", "discovery"])
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_A035_redirects_are_not_followed(
    make_bed: Callable[..., Bed],
    box: ServedSandbox,
    caplog: pytest.LogCaptureFixture,
    code: int,
    endpoint: str,
    method: str,
) -> None:
    acme = {
        "consumer_key": "key",
        "consumer_secret": "secret",
        "issuer": f"{box.url}acme",
        "token_endpoint_auth_method": method,
        "userinfo": True,
    }
    bed = make_bed(SOCIAL_ACME=acme)
    box["acme"].fail(endpoint, Redirect(f"{box.url}sink/caught", code))
    browser = bed.browser()

    with caplog.at_level(logging.WARNING, "flask_social"):
        answer = browser.post("/login/acme")
        if endpoint != "discovery":
            answer = browser.get(browser.at_provider(answer.headers["Location"]))

    assert answer.status_code in (502, 503)
    assert list(box.sink) == []
    assert "redirected" in caplog.text
    assert "caught" not in caplog.text, "the host is named, not the address"
    assert browser.who() is None


@pytest.mark.parametrize("endpoint", ["request_token", "access_token", "api"])
def test_A035_nor_are_they_in_oauth_1(
    make_bed: Callable[..., Bed],
    box: ServedSandbox,
    caplog: pytest.LogCaptureFixture,
    endpoint: str,
) -> None:
    bed = make_bed(SOCIAL_CLASSIC=classic(box))
    bed.add_user(U1)
    bed.browser().sign_in(U1).trip("/connect/classic")
    [before] = [row.access_token for row in bed.rows()]
    browser = bed.browser()

    for code in CODES:
        box["classic"].fail(endpoint, Redirect(f"{box.url}sink/caught", code, times=1))
        with caplog.at_level(logging.WARNING, "flask_social"):
            answer = browser.post("/login/classic")
            if endpoint != "request_token":
                answer = browser.get(browser.at_provider(answer.headers["Location"]))
        assert (answer.status_code, "did not answer as expected" in answer.text) == (502, True)

    assert list(box.sink) == []
    assert caplog.text.count("to localhost") == len(CODES)
    assert "caught" not in caplog.text
    assert (browser.who(), [row.access_token for row in bed.rows()]) == (None, [before])
    browser.trip("/login/classic")
    assert browser.who() == U1


def test_A035_a_profile_call_is_not_followed_with_its_token(bed: Bed, box: ServedSandbox) -> None:
    box["plain"].fail("api", Redirect(f"{box.url}sink/caught", 307))
    assert bed.browser().trip("/login/plain").status_code == 502
    assert list(box.sink) == []


@pytest.mark.parametrize("code", CODES)
def test_A035_a_token_that_is_given_back_goes_to_nobody_else(
    make_bed: Callable[..., Bed], box: ServedSandbox, code: int
) -> None:
    bed = with_revocation(make_bed, box)
    browser = connected(bed, "plain")
    box["plain"].fail("revoke", Redirect(f"{box.url}sink/caught", code))
    assert browser.post("/disconnect/plain").status_code == 303
    assert bed.rows() == []
    assert list(box.sink) == []
    assert box.count("plain") == box.count("plain", "revoke") == 1


def test_A035_nor_to_a_scheme_relative_host(bed: Bed, box: ServedSandbox) -> None:
    box["plain"].fail("token", Redirect(f"//localhost:{box.server.port}/sink/caught", 307))

    answer = bed.browser().trip("/login/plain")

    assert answer.status_code == 502
    assert list(box.sink) == []
