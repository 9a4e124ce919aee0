"""What single providers of the catalogue ask for, and send back, in their own way."""

from __future__ import annotations

import pytest

from flask_social.sandbox import Sandbox

from .played_facts import (
    CALLBACK,
    CLIENT_ID,
    SECRET,
    VERIFIER,
    came_back,
    hmac_sha256,
)
from .test_catalogue import walk_at


@pytest.fixture
def box() -> Sandbox:
    return Sandbox()


def test_vk_id_gives_a_device_that_comes_back_with_every_token_request(box: Sandbox) -> None:
    walk = walk_at(box, "vkid", "ada")
    code = walk.back()
    device = walk.callback["device_id"]
    assert walk.exchange(code, device_id="another").get_json()["error"] == "invalid_request"
    answer = walk.read(walk.exchange(code))
    assert answer["state"]
    refreshed = walk.refresh(answer["refresh_token"], device_id="another")
    assert refreshed.get_json()["error"] == "invalid_request"
    assert walk.refresh(answer["refresh_token"]).get_json()["access_token"]
    walk.back()
    assert walk.callback["device_id"] != device


def test_shopify_signs_its_answer_and_tells_of_a_person_on_demand(box: Sandbox) -> None:
    walk = walk_at(box, "shopify", "ada")
    code = walk.back()
    said = dict(walk.callback)
    given = said.pop("hmac")
    assert given == hmac_sha256(SECRET, "&".join(f"{k}={said[k]}" for k in sorted(said)))
    assert said["shop"] == "example.myshopify.com"
    assert walk.read(walk.exchange(code))["associated_user"]["email"] == "ada@example.com"
    offline = walk.tokens(**{"grant_options[]": None})
    assert offline.keys() == {"access_token", "scope"}


def test_shopify_signs_for_those_alone_whose_secret_it_knows(box: Sandbox) -> None:
    walk = walk_at(box, "shopify", "ada")
    box["shopify"].clients.clear()
    assert "hmac" in came_back(walk.authorize())  # application-key has application-secret
    said = came_back(walk.authorize(client_id="stranger"))
    assert said["error"] == "server_error"


def test_a_code_may_have_another_name_or_two(box: Sandbox) -> None:
    walk_at(box, "alipay", "ada").back()
    walk = walk_at(box, "alipay", "ada")
    walk.back()
    assert walk.callback.keys() == {"auth_code", "app_id", "source", "state"}
    assert walk.callback["app_id"] == CLIENT_ID
    ding = walk_at(box, "dingtalk", "ada")
    assert ding.back() == ding.callback["authCode"]


@pytest.mark.parametrize(
    ("provider_id", "name"),
    [("quickbooks", "realmId"), ("zoho", "accounts-server"), ("strava", "scope")],
)
def test_an_answer_carries_more(box: Sandbox, provider_id: str, name: str) -> None:
    walk = walk_at(box, provider_id, "ada")
    walk.back()
    assert walk.callback[name]


def test_meta_adds_a_fragment(box: Sandbox) -> None:
    for provider_id in ("instagram", "threads"):
        walk = walk_at(box, provider_id, "ada")
        assert walk.authorize().headers["Location"].endswith("#_")


def test_deezer_has_its_own_word_for_no(box: Sandbox) -> None:
    walk = walk_at(box, "deezer", "ada")
    box["deezer"].deny()
    assert came_back(walk.authorize()).keys() == {"error_reason", "state"}
    assert walk.exchange("unknown").text == "wrong code"


def test_ebay_knows_an_address_by_a_name(box: Sandbox) -> None:
    walk = walk_at(box, "ebay", "ada")
    assert walk.authorize().headers["Location"].startswith(CALLBACK)
    assert walk.authorize(redirect_uri=CALLBACK).status_code == 400
    walk.client.redirect_uris = ()
    assert walk.authorize().status_code == 400


def test_workos_has_to_be_told_a_connection(box: Sandbox) -> None:
    walk = walk_at(box, "workos", "ada")
    assert "connection" in came_back(walk.authorize(connection=None))["error_description"]
    assert walk.back(connection=None, domain_hint="example.com")


def test_itsme_wants_a_service(box: Sandbox) -> None:
    walk = walk_at(box, "itsme", "ada")
    assert came_back(walk.authorize(scope="openid profile"))["error"] == "invalid_scope"


def test_myanimelist_takes_a_plain_challenge_alone(box: Sandbox) -> None:
    walk = walk_at(box, "myanimelist", "ada")
    assert came_back(walk.authorize(code_challenge_method="S256"))["error"] == "invalid_request"
    assert came_back(walk.authorize(code_challenge=None))["error"] == "invalid_request"
    assert walk.exchange(walk.back(), code_verifier=VERIFIER + "x").status_code == 400
    assert walk.tokens()["access_token"]


def test_pkce_is_required_where_it_is(box: Sandbox) -> None:
    for provider_id in ("twitter2", "etsy", "kick", "lichess"):
        walk = walk_at(box, provider_id, "ada")
        assert came_back(walk.authorize(code_challenge=None))["error"] == "invalid_request"
