"""A028: PKCE S256 on every flow, its challenge fresh and its verifier matching."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs

import pytest

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
    digests = [hashlib.sha256(each.encode()).digest() for each in verifiers]
    assert [base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in digests] == challenges
    assert all(43 <= len(each) <= 128 for each in verifiers)
