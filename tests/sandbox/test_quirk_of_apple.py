"""Apple: a secret that the application makes, an answer by form, and a name that comes once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flask_social.sandbox import Sandbox

from .played_facts import CLIENT_ID, apple_secret, own_key, part, public_pem
from .played_walk import PlayedWalk
from .test_catalogue import walk_at


@pytest.fixture
def box() -> Sandbox:
    return Sandbox()


def apple_form(walk: PlayedWalk, secret: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "code": walk.back(),
        "redirect_uri": walk.redirect_uri,
        "code_verifier": "a-verifier-of-more-than-forty-three-characters",
        "client_id": CLIENT_ID,
        "client_secret": secret,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"header": {"kid": ""}},
        {"sub": "another"},
        {"aud": "https://elsewhere.example"},
        {"iss": ""},
        {"exp": 1},
        {"exp": 4_000_000_000},
        {"iat": 4_000_000_000},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_apple_checks_the_secret_that_the_application_makes(
    box: Sandbox, changes: dict[str, Any]
) -> None:
    walk = walk_at(box, "apple", "ada")
    said = walk.web.post("/apple/token", data=apple_form(walk, apple_secret(**changes)))
    assert said.get_json()["error"] == "invalid_client"


def test_apple_takes_its_own_address_or_the_sandboxs_for_an_audience(box: Sandbox) -> None:
    walk = walk_at(box, "apple", "ada")
    for audience in ("https://appleid.apple.com", f"{box.url}apple"):
        secret = apple_secret(aud=audience)
        said = walk.web.post("/apple/token", data=apple_form(walk, secret))
        assert "id_token" in said.get_json()


def test_apple_checks_the_signature_where_a_key_is_registered(box: Sandbox) -> None:
    walk = walk_at(box, "apple", "ada")
    walk.client.public_key = public_pem(own_key())
    said = walk.web.post("/apple/token", data=apple_form(walk, apple_secret()))
    assert said.get_json()["error"] == "invalid_client"
    walk.client.public_key = None
    said = walk.web.post("/apple/token", data=apple_form(walk, apple_secret()))
    assert "id_token" in said.get_json()
    said = walk.web.post("/apple/token", data=apple_form(walk, "plain secret"))
    assert said.get_json()["error"] == "invalid_client"


def test_apple_posts_a_name_once(box: Sandbox) -> None:
    walk = walk_at(box, "apple", "ada")
    walk.back()
    user = json.loads(walk.callback["user"])
    assert user["name"] == {"firstName": "Ada", "lastName": "Lovelace"}
    walk.back()
    assert "user" not in walk.callback
    claims = part(walk.tokens()["id_token"], 1)
    assert (claims["email"], claims["email_verified"]) == ("ada@example.com", "true")
    assert claims["sub"].startswith("001234.")


def test_apple_answers_by_form_alone_where_a_name_is_asked_for(box: Sandbox) -> None:
    walk = walk_at(box, "apple", "ada")
    assert walk.authorize().status_code == 200
    assert "error" in walk.authorize(response_mode="query").headers["Location"]
