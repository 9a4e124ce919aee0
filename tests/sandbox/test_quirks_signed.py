"""Providers of the catalogue that want something signed, or sign and seal what they say."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from joserfc import jws
from joserfc.jwk import KeySet, OctKey

from flask_social.sandbox import Sandbox
from flask_social.sandbox.keys import rsa_key

from .played_facts import (
    CLIENT_ID,
    SECRET,
    alipay_signed,
    opened,
    part,
)
from .test_catalogue import walk_at


@pytest.fixture
def box() -> Sandbox:
    return Sandbox()


# Signed requests


def test_odnoklassniki_checks_the_signature_of_a_call(box: Sandbox) -> None:
    walk = walk_at(box, "odnoklassniki", "ada")
    token = walk.tokens()["access_token"]
    assert walk.call(0, token).get_json()["name"] == "Ada Lovelace"
    for query in ({"sig": "0" * 32}, {"fields": "uid"}):
        assert walk.call(0, token, query=query).get_json()["error_code"] == 104


def test_alipay_checks_the_signature_of_what_is_asked(box: Sandbox) -> None:
    walk = walk_at(box, "alipay", "ada")
    form = {
        "app_id": CLIENT_ID,
        "method": "alipay.system.oauth.token",
        "grant_type": "authorization_code",
        "code": walk.back(),
    }
    signed = alipay_signed(form)
    for changes in ({"timestamp": "2026-01-31 12:00:01"}, {"sign": "!"}, {"sign_type": "RSA"}):
        said = walk.web.post("/alipay/token", data={**signed, **changes}).get_json()
        assert said["error_response"]["sub_code"].startswith("isv.invalid-signature"), changes
    said = walk.web.post("/alipay/token", data=form).get_json()
    assert said["error_response"]["sub_code"] == "isv.missing-parameter"
    walk.client.public_key = None
    said = walk.web.post("/alipay/token", data=signed).get_json()
    assert said["error_response"]["sub_code"] == "isv.invalid-signature-type"


def test_alipay_signs_what_it_answers_edits_too(box: Sandbox) -> None:
    walk = walk_at(box, "alipay", "ada")
    box["alipay"].change("api", lambda said: {**said, "alipay_user_info_share_response": {"x": 1}})
    answer = walk.tokens()
    found = walk.call(0, walk.member(answer, "access_token"), answer).get_json()
    for name, said in (
        ("alipay_system_oauth_token_response", answer),
        ("alipay_user_info_share_response", found),
    ):
        signature = base64.b64decode(said["sign"])
        key = rsa_key(box["alipay"].keys.current).public_key()
        key.verify(signature, json.dumps(said[name]).encode(), padding.PKCS1v15(), hashes.SHA256())


def test_alipay_takes_an_application_for_itself_alone(box: Sandbox) -> None:
    walk = walk_at(box, "alipay", "ada")
    token = walk.member(walk.tokens(), "access_token")
    form = {"app_id": "another", "method": "alipay.user.info.share", "auth_token": token}
    said = walk.web.post("/alipay/api/gateway.do", data=alipay_signed(form)).get_json()
    assert said["error_response"]["sub_code"] == "isv.invalid-app-id"


# Tokens that say something


@pytest.mark.parametrize("provider_id", ["eveonline", "dexcom"])
def test_an_access_token_tells_whose_it_is(box: Sandbox, provider_id: str) -> None:
    walk = walk_at(box, provider_id, "ada")
    token = walk.tokens()["access_token"]
    keys = KeySet.import_key_set(walk.web.get(walk.path("jwks")).get_json())
    claims = json.loads(jws.deserialize_compact(token, keys, algorithms=["RS256"]).payload)
    assert claims["iss"] == f"{box.url}{provider_id}"
    assert CLIENT_ID in claims["aud"]
    if provider_id == "eveonline":
        assert claims["aud"] == [CLIENT_ID, "EVE Online"]
        assert claims["sub"].startswith("CHARACTER:EVE:")
        assert claims["name"] == "ada"
        assert walk.web.get("/eveonline/api/oauth/jwks").get_json() == keys.as_dict(private=False)
    box[provider_id].set("access_token", sub="0")
    assert part(walk.tokens()["access_token"], 1)["sub"] == "0"


def test_mediawiki_answers_a_jwt_for_this_request(box: Sandbox) -> None:
    walk = walk_at(box, "mediawiki_oauth1", "ada")
    answer = walk.signed_call(0, walk.credentials())
    key = OctKey.import_key(SECRET)
    claims = json.loads(jws.deserialize_compact(answer.text, key, algorithms=["HS256"]).payload)
    assert claims["aud"] == CLIENT_ID
    assert claims["nonce"]
    assert claims["exp"] > box.now()
    assert claims["username"] == "ada"
    box["mediawiki_oauth1"].set("api", nonce="another")
    again = walk.signed_call(0, walk.credentials())
    assert part(again.text, 1)["nonce"] == "another"


def test_line_signs_by_the_secret_and_tells_an_address_there_alone(box: Sandbox) -> None:
    walk = walk_at(box, "line", "ada")
    answer = walk.tokens()
    key = OctKey.import_key(SECRET)
    token = answer["id_token"]
    claims = json.loads(jws.deserialize_compact(token, key, algorithms=["HS256"]).payload)
    assert claims["email"] == "ada@example.com"
    assert "email" not in walk.call(0, answer["access_token"]).get_json()


@pytest.mark.parametrize("provider_id", ["franceconnect", "proconnect", "bankid_no", "itsme"])
def test_userinfo_is_signed_for_the_application(box: Sandbox, provider_id: str) -> None:
    walk = walk_at(box, provider_id, "ada")
    headers = {"Authorization": f"Bearer {walk.tokens()['access_token']}"}
    said = walk.web.get(walk.path("userinfo"), headers=headers)
    assert said.mimetype == "application/jwt"
    text = opened(said.text) if provider_id == "itsme" else said.text
    claims = part(text, 1)
    assert (claims["iss"], claims["aud"]) == (f"{box.url}{provider_id}", CLIENT_ID)
    box[provider_id].signed_userinfo = False
    assert walk.web.get(walk.path("userinfo"), headers=headers).get_json()["sub"] == claims["sub"]
    box[provider_id].honest()
    assert walk.web.get(walk.path("userinfo"), headers=headers).mimetype == "application/jwt"


def test_itsme_seals_for_nobody_without_a_key(box: Sandbox) -> None:
    walk = walk_at(box, "itsme", "ada")
    token = walk.tokens()["id_token"]
    assert token.count(".") == 4
    assert part(token, 0)["alg"] == "RSA-OAEP-256"
    assert part(opened(token), 0)["alg"] == "RS256"
    walk.client.public_key = None
    assert walk.exchange(walk.back()).get_json()["error"] == "invalid_client"


@pytest.mark.parametrize("provider_id", ["logingov", "itsme"])
def test_an_assertion_proves_who_asks(box: Sandbox, provider_id: str) -> None:
    walk = walk_at(box, provider_id, "ada")
    used = walk.assertion()
    form = {"grant_type": "authorization_code", "code": walk.back(), **used}
    form |= {"redirect_uri": walk.redirect_uri, "client_id": CLIENT_ID}
    form["code_verifier"] = "a-verifier-of-more-than-forty-three-characters"
    assert walk.web.post(walk.path("token"), data=form).status_code == 200
    form["code"] = walk.back()
    assert walk.web.post(walk.path("token"), data=form).get_json()["error"] == "invalid_client"


def test_login_gov_takes_a_public_client_by_its_verifier(box: Sandbox) -> None:
    walk = walk_at(box, "logingov", "ada")
    walk.client.public_key = None
    form = {"grant_type": "authorization_code", "code": walk.back(), "client_id": CLIENT_ID}
    form |= {"redirect_uri": walk.redirect_uri}
    form["code_verifier"] = "a-verifier-of-more-than-forty-three-characters"
    assert walk.web.post("/logingov/token", data=form).status_code == 200


@pytest.mark.parametrize(("provider_id", "alg"), [("roblox", "ES256"), ("logto", "ES384")])
def test_keys_of_every_kind_are_rotated_and_bent(box: Sandbox, provider_id: str, alg: str) -> None:
    walk = walk_at(box, provider_id, "ada")
    first = part(walk.tokens()["id_token"], 0)
    assert first["alg"] == alg
    box[provider_id].rotate_keys()
    second = part(walk.tokens()["id_token"], 0)
    published = walk.web.get(walk.path("jwks")).get_json()["keys"]
    assert first["kid"] != second["kid"]
    assert second["kid"] in {key["kid"] for key in published}
    box[provider_id].sign("HS256", "public_pem")
    assert part(walk.tokens()["id_token"], 0)["alg"] == "HS256"
    box[provider_id].honest()
    assert part(walk.tokens()["id_token"], 0)["alg"] == alg
