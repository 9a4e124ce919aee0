"""The OpenID Foundation's relying-party tests, Basic and Config, by the names of their suite."""

from __future__ import annotations

from collections.abc import Callable

from flask_social.testing import ServedSandbox
from tests.bed import Bed

from .party import Party, without_profile

Rp = Callable[..., Bed]


def test_oidcc_client_test(by_query: Party, box: ServedSandbox) -> None:
    by_query.accept()


def test_oidcc_client_test_invalid_iss(by_query: Party, box: ServedSandbox) -> None:
    box["acme"].set("claims", iss="https://invalid.example")
    by_query.reject()


def test_oidcc_client_test_missing_sub(by_query: Party, box: ServedSandbox) -> None:
    box["acme"].delete("claims", "sub")
    by_query.reject()


def test_oidcc_client_test_invalid_aud(by_query: Party, box: ServedSandbox) -> None:
    box["acme"].set("claims", aud="invalid")
    by_query.reject()


def test_oidcc_client_test_missing_iat(by_query: Party, box: ServedSandbox) -> None:
    box["acme"].delete("claims", "iat")
    by_query.reject()


def test_oidcc_client_test_kid_absent_single_jwks(by_query: Party, box: ServedSandbox) -> None:
    box["acme"].delete("header", "kid")
    by_query.accept()


def test_oidcc_client_test_kid_absent_multiple_jwks(rp: Rp, box: ServedSandbox) -> None:
    box["acme"].keys.publish(3)
    bed = rp()
    box["acme"].delete("header", "kid")
    Party(bed).reject()


def test_oidcc_client_test_idtoken_sig_rs256(by_query: Party, box: ServedSandbox) -> None:
    box["acme"].sign("RS256")
    by_query.accept()


def test_oidcc_client_test_idtoken_sig_none(by_query: Party, box: ServedSandbox) -> None:
    box["acme"].sign("none")
    by_query.reject()


def test_oidcc_client_test_invalid_sig_rs256(by_query: Party, box: ServedSandbox) -> None:
    box["acme"].sign("RS256", broken=True)
    by_query.reject()


def test_oidcc_client_test_userinfo_bearer_header(rp: Rp, box: ServedSandbox) -> None:
    bed = rp(userinfo=True)
    Party(bed).accept()
    [asked] = [each for each in box.requests if each.endpoint == "userinfo"]
    assert asked.headers["Authorization"].startswith("Bearer ")
    assert (asked.query, asked.body) == ("", "")


def test_oidcc_client_test_userinfo_invalid_sub(rp: Rp, box: ServedSandbox) -> None:
    bed = rp(userinfo=True)
    box["acme"].set("userinfo", sub="invalid")
    Party(bed).reject()


def test_oidcc_client_test_nonce_invalid(by_query: Party, box: ServedSandbox) -> None:
    box["acme"].set("claims", nonce="invalid")
    by_query.reject()


def test_oidcc_client_test_scope_userinfo_claims(rp: Rp, box: ServedSandbox) -> None:
    box["acme"].change("claims", without_profile)
    bed = rp()
    [row] = bed.rows()
    assert (row.full_name, row.email) == ("Ada Lovelace", "ada@example.com")
    Party(bed).accept()


def test_oidcc_client_test_client_secret_basic(rp: Rp, box: ServedSandbox) -> None:
    Party(rp(token_endpoint_auth_method="client_secret_basic")).accept()
    [asked] = [each for each in box.requests if each.endpoint == "token"]
    assert asked.headers["Authorization"].startswith("Basic ")
    assert "client_secret" not in asked.body


def test_oidcc_client_test_discovery_openid_config(rp: Rp, box: ServedSandbox) -> None:
    Party(rp()).accept()
    assert box.count("acme", "authorize") == 1


def test_oidcc_client_test_discovery_jwks_uri_keys(rp: Rp, box: ServedSandbox) -> None:
    box["acme"].set("discovery", jwks_uri=f"{box.url}op-a/jwks")
    misled = rp()
    assert misled.browser().trip("/login/acme").status_code == 502, "others' keys signed nothing"
    assert misled.rows() == []
    assert box.count("acme", "jwks") == 0
    box["acme"].honest()

    party = Party(rp())

    party.accept()
    assert box.count("acme", "jwks") == 0, "the keys that the connect fetched are kept"


def test_oidcc_client_test_discovery_issuer_mismatch(make_bed: Rp, box: ServedSandbox) -> None:
    keys = {"consumer_key": "key", "consumer_secret": "secret", "issuer": f"{box.url}acme"}
    bed = make_bed(SOCIAL_ACME=keys)
    box["acme"].set("discovery", issuer="https://mismatch.example")

    answer = bed.browser().post("/login/acme")

    assert answer.status_code == 503
    assert "Location" not in answer.headers


def test_oidcc_client_test_signing_key_rotation_just_before_signing(
    rp: Rp, box: ServedSandbox
) -> None:
    bed = rp()
    box["acme"].rotate_keys()
    Party(bed).accept()
    assert box.count("acme", "jwks") == 1


def test_oidcc_client_test_signing_key_rotation(rp: Rp, box: ServedSandbox) -> None:
    bed = rp()
    Party(bed).accept()
    box["acme"].rotate_keys(withdraw=True)
    Party(bed).accept()
