"""A028: PKCE S256 on every flow, its challenge fresh and its verifier matching."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest

from flask_social.sandbox import ProviderScript
from flask_social.sandbox.scripts import STOCK
from flask_social.testing import ServedSandbox
from tests.bed import Bed, query_of


@pytest.mark.parametrize("provider_id", ["acme", "plain"])
def test_A028_pkce_is_always_on(bed: Bed, provider_id: str) -> None:
    challenges = []
    for _ in range(50):
        browser = bed.browser()
        url = browser.set_out(f"/login/{provider_id}")
        query = query_of(url)
        assert query["code_challenge_method"] == "S256"
        challenges.append(query["code_challenge"])
        browser.get(browser.at_provider(url))
    bodies = [each.body for each in bed.sandbox.requests if each.endpoint == "token"]
    verifiers = [parse_qs(body)["code_verifier"][0] for body in bodies]

    assert len(set(challenges)) == len(challenges) == 50
    assert [challenge_of(each) for each in verifiers] == challenges
    assert all(43 <= len(each) <= 128 for each in verifiers)


def test_A028_every_stock_provider_of_oauth_2_is_asked_with_pkce(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    stock = [each for each in STOCK if each.kind != "oauth1"]
    keys = {
        f"SOCIAL_{each.id.upper()}": {"consumer_key": each.id, "consumer_secret": "s"}
        for each in stock
    }
    bed = make_bed(SOCIAL_SANDBOX=box.url, **keys)

    for script in stock:
        browser = bed.browser()
        url = browser.set_out(f"/login/{script.id}")
        assert browser.get(browser.at_provider(url)).status_code == 303

        query = query_of(url)
        assert query["code_challenge_method"] == "S256"
        assert challenge_of(verifier_sent(box, script)) == query["code_challenge"]


def verifier_sent(box: ServedSandbox, script: ProviderScript) -> str:
    """Whichever way the provider takes its token requests."""
    [sent] = [
        each for each in box.requests if (each.provider, each.endpoint) == (script.id, "token")
    ]
    return parse_qs(sent.body or sent.query)["code_verifier"][0]


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
