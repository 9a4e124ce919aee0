"""Discovery, keys, ID tokens and UserInfo: honest, and bent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws, jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey, KeySet, RSAKey

from flask_social.sandbox import ProviderScript
from flask_social.sandbox.shapes import subject_of
from flask_social.testing import ServedSandbox

from .walk import Walk, part


def verified(walk: Walk, token: str, algorithm: str = "RS256") -> dict[str, Any]:
    keys = KeySet.import_key_set({"keys": walk.jwks()})
    return jwt.decode(token, keys, algorithms=[algorithm]).claims


def test_the_metadata_names_this_issuer_and_its_endpoints(acme: Walk) -> None:
    document = acme.session.get(acme.url(".well-known/openid-configuration")).json()
    home = f"{acme.box.url}acme"
    assert document["issuer"] == home
    assert document["token_endpoint"] == f"{home}/token"
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["code_challenge_methods_supported"] == ["S256"]


def test_a_plain_oauth_provider_has_no_metadata(plain: Walk) -> None:
    for path in (".well-known/openid-configuration", "jwks", "userinfo"):
        assert plain.session.get(plain.url(path)).status_code == 404


def test_an_id_token_verifies_and_says_who_when_and_for_whom(acme: Walk) -> None:
    said = acme.tokens(nonce="N")
    claims = verified(acme, said["id_token"])
    assert claims["iss"] == f"{acme.box.url}acme"
    assert claims["sub"] == subject_of(acme.box["acme"].script, acme.box.people["ada"])
    assert claims["aud"] == "app"
    assert claims["nonce"] == "N"
    assert claims["exp"] == claims["iat"] + 3600
    half = hashlib.sha256(said["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).decode().rstrip("=")
    assert claims["email_verified"] is True


def test_the_claims_follow_the_scopes(acme: Walk) -> None:
    claims = part(acme.tokens(scope="openid")["id_token"], 1)
    assert not {"name", "email", "picture"} & set(claims)
    assert "id_token" not in acme.tokens(scope="email")


def test_google_s_older_scopes_give_the_same_claims(acme: Walk) -> None:
    older = "https://www.googleapis.com/auth/userinfo."
    claims = part(acme.tokens(scope=f"openid {older}profile")["id_token"], 1)
    assert claims["name"] == "Ada Lovelace"
    assert "email" not in claims
    claims = part(acme.tokens(scope=f"openid {older}email")["id_token"], 1)
    assert claims["email"] == "ada@example.com"


def test_a_script_may_leave_the_profile_to_user_info(box: ServedSandbox) -> None:
    scopes = ("openid", "email")
    script = ProviderScript(id="slim", claims_in_id_token=False, default_scopes=scopes)
    box.add_provider(script)
    walk = Walk(box, "slim")
    said = walk.tokens()
    assert "email" not in part(said["id_token"], 1)
    assert walk.get("userinfo", said["access_token"]).json()["email"] == "ada@example.com"


def test_linkedin_does_not_echo_the_nonce(box: ServedSandbox) -> None:
    claims = part(Walk(box, "linkedin").tokens(nonce="N")["id_token"], 1)
    assert "nonce" not in claims
    assert claims["locale"] == {"country": "US", "language": "en"}


def test_google_subjects_have_21_digits_and_stay(box: ServedSandbox) -> None:
    walk = Walk(box, "google")
    first, second = (part(walk.tokens()["id_token"], 1)["sub"] for _ in range(2))
    assert first == second
    assert first.isdecimal()
    assert len(first) == 21


@pytest.mark.parametrize(
    ("person", "email", "is_verified"),
    [("radia", None, None), ("barbara", "barbara@example.com", False)],
)
def test_people_differ_in_their_addresses(
    acme: Walk, person: str, email: str | None, is_verified: bool | None
) -> None:
    acme.box.login_as(person)
    claims = part(acme.tokens()["id_token"], 1)
    assert claims.get("email") == email
    assert claims.get("email_verified") is is_verified


def test_user_info_answers_to_the_header_alone(acme: Walk) -> None:
    said = acme.tokens()
    token = said["access_token"]
    answer = acme.get("userinfo", token).json()
    assert answer["sub"] == part(said["id_token"], 1)["sub"]
    in_query = acme.session.get(acme.url("userinfo"), params={"access_token": token})
    assert in_query.status_code == 401
    assert in_query.headers["WWW-Authenticate"].startswith("Bearer")


def test_user_info_needs_the_openid_scope(acme: Walk) -> None:
    token = acme.tokens(scope="email")["access_token"]
    assert acme.get("userinfo", token).status_code == 403


def test_signed_user_info_verifies(acme: Walk) -> None:
    acme.box["acme"].signed_userinfo = True
    answer = acme.get("userinfo", acme.tokens()["access_token"])
    assert answer.headers["Content-Type"] == "application/jwt"
    assert verified(acme, answer.text)["aud"] == "app"


def test_refreshing_gives_a_new_id_token_without_nonce(acme: Walk) -> None:
    first = acme.tokens(nonce="N")
    claims = verified(acme, acme.refresh(first["refresh_token"]).json()["id_token"])
    assert "nonce" not in claims
    assert claims["sub"] == part(first["id_token"], 1)["sub"]


def test_claims_and_header_can_be_bent(acme: Walk) -> None:
    provider = acme.box["acme"]
    provider.set("claims", iss="https://evil.test")
    provider.delete("claims", "iat")
    provider.set("header", kid=7, crit=["x"])
    provider.change("claims", lambda claims: claims | {"aud": [claims["aud"], "other"]})
    token = acme.tokens()["id_token"]
    assert part(token, 1)["iss"] == "https://evil.test"
    assert "iat" not in part(token, 1)
    assert part(token, 1)["aud"] == ["app", "other"]
    assert part(token, 0) == {"alg": "RS256", "kid": 7, "typ": "JWT", "crit": ["x"]}


def test_a_payload_can_be_any_text(acme: Walk) -> None:
    acme.box["acme"].replace("claims", '{"sub":"1","sub":"2","exp":1e400}')
    payload = acme.tokens()["id_token"].split(".")[1]
    assert base64.urlsafe_b64decode(payload + "===") == b'{"sub":"1","sub":"2","exp":1e400}'


def test_the_other_answers_can_be_bent(acme: Walk) -> None:
    provider = acme.box["acme"]
    provider.set("userinfo", sub="somebody else")
    provider.set("discovery", issuer="https://other.test")
    provider.change("jwks", lambda keys: {"keys": [{"kty": "odd"}, *keys["keys"]]})
    provider.delete("token", "id_token")
    said = acme.tokens()
    assert "id_token" not in said
    assert acme.get("userinfo", said["access_token"]).json()["sub"] == "somebody else"
    found = acme.session.get(acme.url(".well-known/openid-configuration")).json()
    assert found["issuer"] == "https://other.test"
    assert acme.jwks()[0] == {"kty": "odd"}


def test_an_unsigned_token_has_an_empty_signature(acme: Walk) -> None:
    acme.box["acme"].sign("none")
    token = acme.tokens()["id_token"]
    assert part(token, 0)["alg"] == "none"
    assert token.endswith(".")


@pytest.mark.parametrize("key", ["secret", "public_pem", "public_der", "public_jwk"])
def test_an_hmac_is_keyed_as_asked(acme: Walk, key: str) -> None:
    acme.box["acme"].sign("HS256", key)
    token = acme.tokens()["id_token"]
    jwk = acme.jwks()[0]
    public = RSAKey.import_key(jwk).public_key
    info = PublicFormat.SubjectPublicKeyInfo
    expected = {
        "secret": b"secret",
        "public_pem": public.public_bytes(Encoding.PEM, info),
        "public_der": public.public_bytes(Encoding.DER, info),
        "public_jwk": json.dumps(jwk, separators=(",", ":")).encode(),
    }[key]
    message, _, signature = token.rpartition(".")
    mac = hmac.digest(expected, message.encode(), "sha256")
    assert base64.urlsafe_b64decode(signature + "=") == mac


@pytest.mark.parametrize(("key", "broken"), [("other", False), ("current", True)])
def test_a_wrong_signature_does_not_verify(acme: Walk, key: str, broken: bool) -> None:
    acme.box["acme"].sign("RS256", key, broken=broken)
    token = acme.tokens()["id_token"]
    assert part(token, 0)["kid"] == acme.jwks()[0]["kid"]
    with pytest.raises(BadSignatureError):
        verified(acme, token)


@pytest.mark.parametrize("algorithm", ["RS384", "PS256"])
def test_the_other_rsa_algorithms_verify(acme: Walk, algorithm: str) -> None:
    acme.box["acme"].sign(algorithm)
    keys = [{k: v for k, v in key.items() if k != "alg"} for key in acme.jwks()]
    token = acme.tokens()["id_token"]
    assert jws.deserialize_compact(token, RSAKey.import_key(keys[0]), algorithms=[algorithm])


def test_es256_is_published_and_verifies(acme: Walk) -> None:
    acme.box["acme"].sign("ES256")
    assert [key["kty"] for key in acme.jwks()] == ["RSA", "EC"]
    assert verified(acme, acme.tokens()["id_token"], "ES256")["aud"] == "app"
    acme.box["acme"].sign("ES256", "other")
    public = ECKey.import_key(acme.jwks()[1])
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(acme.tokens()["id_token"], public, algorithms=["ES256"])


def test_keys_rotate_with_and_without_the_old_one(acme: Walk) -> None:
    old = acme.jwks()[0]["kid"]
    acme.box["acme"].rotate_keys()
    assert len(acme.jwks()) == 2
    token = acme.tokens()["id_token"]
    assert part(token, 0)["kid"] != old
    assert verified(acme, token)["aud"] == "app"
    acme.box["acme"].rotate_keys(withdraw=True)
    assert old not in [key["kid"] for key in acme.jwks()]
    acme.box["acme"].keys.publish(3)
    assert len({key["n"] for key in acme.jwks()}) == 3


def test_two_providers_never_share_a_key(box: ServedSandbox) -> None:
    assert Walk(box, "op-a").jwks()[0]["n"] != Walk(box, "op-b").jwks()[0]["n"]
