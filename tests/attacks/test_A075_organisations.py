"""A075: only an organisation's people may come, and what was asked for proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flask_social.errors import ReconnectNeeded
from flask_social.sandbox import Status
from flask_social.testing import ServedSandbox
from tests.attacks.logins import U1, accepted, linked
from tests.bed import Bed, query_of
from tests.freshness import Connected, config

JSON = {"Accept": "application/json"}


@pytest.fixture
def restricted(make_bed: Callable[..., Bed], box: ServedSandbox) -> Bed:
    """An application for one Workspace, which ``acme`` is told; Ada, who is of it, is connected."""
    box["acme"].set("claims", hd="acme.example")
    hint = {"authorize_params": {"hd": "acme.example"}}
    return linked(make_bed(**config(box, required_claims=["hd=acme.example"], **hint)), "acme")


def turned_away(bed: Bed) -> None:
    """Ada comes, and is told that she may not."""
    browser = bed.browser()
    away = browser.set_out("/login/acme")
    assert query_of(away)["hd"] == "acme.example"
    answer = browser.get(browser.at_provider(away), headers=JSON)
    assert answer.status_code == 403
    assert "acme.example" not in answer.text
    assert browser.who() is None
    assert bed.signals("login_completed") == []


def test_A075_a_token_without_the_claim(restricted: Bed) -> None:
    accepted(restricted)
    restricted.sandbox["acme"].honest()
    turned_away(restricted)


@pytest.mark.parametrize(
    "hd", ["ACME.example", "acme.example.", "evil.example", "", None, True, ["evil.example"], {}]
)
def test_A075_a_claim_of_another_case_or_value(restricted: Bed, hd: Any) -> None:
    restricted.sandbox["acme"].set("claims", hd=hd)
    turned_away(restricted)


def test_A075_a_claim_that_only_the_address_has(restricted: Bed) -> None:
    acme = restricted.sandbox["acme"]
    acme.honest()
    acme.set("callback", hd="acme.example")
    acme.set("claims", email="eve@acme.example", email_verified=True)
    turned_away(restricted)


def test_A075_a_group_api_that_answers_500(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    bed = make_bed(**config(box, required_claims=["groups=staff"]))
    bed.add_user(U1)
    box["acme"].set("userinfo", groups=["guests", "staff"])
    browser = bed.browser().sign_in(U1)
    assert browser.trip("/connect/acme").status_code == 303
    assert len(bed.rows()) == 1
    for status in (500, 403, 404):
        box["acme"].fail("userinfo", Status(status))
        browser = bed.browser()
        assert browser.trip("/login/acme").status_code in (502, 503)
        assert browser.who() is None
        box["acme"].clear()
    accepted(bed)


def test_A075_whoever_leaves_gets_no_fresh_token(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    box["acme"].set("claims", hd="acme.example")
    ada = Connected(make_bed(**config(box, required_claims=["hd=acme.example"])))
    ada.expire()
    box["acme"].set("claims", hd="evil.example")
    with pytest.raises(ReconnectNeeded, match="changed"), ada.api():
        pass
    assert ada.row().needs_reauth


@pytest.mark.parametrize("scope", ["missing", "", " ", None])
def test_A075_an_answer_without_scopes_signs_in_and_grants_none(
    make_bed: Callable[..., Bed], box: ServedSandbox, scope: Any
) -> None:
    bed = linked(make_bed(), "acme")
    [row] = bed.rows()
    assert row.scopes == "openid profile email"
    if scope == "missing":
        box["acme"].delete("token", "scope")
    else:
        box["acme"].set("token", scope=scope)
    seen: list[Any] = []
    bed.social.grant_checker(lambda grant: seen.append(grant.token.scopes))
    accepted(bed)
    assert seen == [None], "and not those that were asked for"
    bed.add_user("two@example.org")
    box.login_as("grace")
    bed.browser().sign_in("two@example.org").trip("/connect/acme")
    assert [each.scopes for each in bed.rows()][1:] == [None]
