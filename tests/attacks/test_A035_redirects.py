"""A035: no back-channel call follows a redirect, whoever asks for it."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from flask_social.sandbox import Redirect
from flask_social.testing import ServedSandbox
from tests.bed import Bed

CODES = [301, 302, 303, 307, 308]


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


def test_A035_nor_to_a_scheme_relative_host(bed: Bed, box: ServedSandbox) -> None:
    box["plain"].fail("token", Redirect(f"//localhost:{box.server.port}/sink/caught", 307))

    answer = bed.browser().trip("/login/plain")

    assert answer.status_code == 502
    assert list(box.sink) == []
