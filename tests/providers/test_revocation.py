"""Each stock provider takes its tokens back in its own way, at the sandbox that plays it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from flask_social.sandbox import Client
from flask_social.testing import ServedSandbox
from tests.bed import Bed
from tests.revocable import JSON, connected, is_dead, of_stock

WAYS = {
    "google": ("POST", "/google/revoke"),
    "linkedin": ("POST", "/linkedin/revoke"),
    "facebook": ("DELETE", "/facebook/api/me/permissions"),
    "github": ("DELETE", "/github/api/applications/github key/grant"),
    "twitter": ("POST", "/twitter/api/1.1/oauth/invalidate_token"),
}
"""Verb and address, for those that have a way."""


@pytest.fixture
def bed(make_bed: Callable[..., Bed], box: ServedSandbox) -> Bed:
    return of_stock(make_bed, box)


@pytest.mark.parametrize("provider_id", WAYS)
def test_a_token_is_given_back_in_the_provider_s_own_way(
    bed: Bed, box: ServedSandbox, provider_id: str
) -> None:
    browser = connected(bed, provider_id)
    [row] = bed.rows()

    answer = browser.post(f"/disconnect/{provider_id}", headers=JSON)

    assert answer.json()["response"]["code"] == "removed_all"
    assert bed.rows() == []
    asked = [(each.method, each.path) for each in box.requests]
    assert [each for each in asked if "well-known" not in each[1]] == [WAYS[provider_id]]
    assert is_dead(bed, provider_id, row.access_token)


@pytest.mark.parametrize("provider_id", ["foursquare", "vk"])
def test_who_has_no_way_is_not_asked(bed: Bed, box: ServedSandbox, provider_id: str) -> None:
    browser = connected(bed, provider_id)
    answer = browser.post(f"/disconnect/{provider_id}", headers=JSON)
    assert answer.json()["response"]["code"] == "removed_all"
    assert (bed.rows(), box.count(provider_id)) == ([], 0)


def test_google_is_given_its_refresh_token(bed: Bed, box: ServedSandbox) -> None:
    """It is asked for one when an account is connected; the whole consent ends with it."""
    browser = connected(bed, "google")
    [row] = bed.rows()
    browser.delete("/connect/google", headers=JSON)
    [request] = [each for each in box.requests if each.endpoint == "revoke"]
    assert request.body.startswith(f"token={row.refresh_token}&")
    assert "client" not in request.body


@pytest.mark.parametrize("provider_id", WAYS)
def test_a_token_that_is_dead_already_is_no_worry_where_the_answer_can_tell(
    bed: Bed, box: ServedSandbox, provider_id: str
) -> None:
    """Where the token itself authorises the call, a refusal might as well be of the call."""
    browser = connected(bed, provider_id)
    [row] = bed.rows()
    box[provider_id].access_tokens[row.access_token].grant.revoked = True
    answer = browser.post(f"/disconnect/{provider_id}", headers=JSON)
    tells = provider_id not in ("facebook", "twitter")
    assert answer.json()["response"]["code"] == (
        "removed_all" if tells else "removed_all_not_revoked"
    )
    assert bed.rows() == []


@pytest.mark.parametrize("provider_id", ["linkedin", "github", "facebook", "twitter"])
def test_an_application_that_has_the_wrong_secret_by_now_gives_nothing_back(
    bed: Bed, box: ServedSandbox, provider_id: str
) -> None:
    browser = connected(bed, provider_id)
    [row] = bed.rows()
    box[provider_id].register_client(Client(id=f"{provider_id} key", secret="another of them"))
    answer = browser.post(f"/disconnect/{provider_id}", headers=JSON)
    assert answer.json()["response"]["code"] == "removed_all_not_revoked"
    assert bed.rows() == []
    assert not is_dead(bed, provider_id, row.access_token)


def test_github_is_told_the_token_in_json(bed: Bed, box: ServedSandbox) -> None:
    browser = connected(bed, "github")
    [row] = bed.rows()
    browser.delete("/connect/github", headers=JSON)
    [request] = [each for each in box.requests if each.method == "DELETE"]
    assert json.loads(request.body) == {"access_token": row.access_token}
