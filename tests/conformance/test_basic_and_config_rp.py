"""The OpenID Foundation's relying-party tests, Basic and Config, by the names of their suite.

Two of them are optional for a relying party and refused here: ``-idtoken-sig-none`` in the basic
plan (an unsigned ID token), and ``-userinfo-bearer-body`` (we send the token in the header alone).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flask_social.testing import ServedSandbox
from tests.bed import Bed

USER = "user@example.org"


@pytest.fixture
def rp(make_bed: Callable[..., Bed], box: ServedSandbox) -> Callable[..., Bed]:
    """A relying party of ``acme`` whose user is connected; its keywords alter the provider."""

    def make(**options: Any) -> Bed:
        keys = {"consumer_key": "key", "consumer_secret": "secret", "issuer": f"{box.url}acme"}
        bed = make_bed(SOCIAL_ACME={**keys, **options})
        bed.add_user(USER)
        bed.browser().sign_in(USER).trip("/connect/acme")
        box.reset_counters()
        return bed

    return make


def accept(bed: Bed) -> None:
    browser = bed.browser()
    assert browser.trip("/login/acme").status_code == 303
    assert browser.who() == USER


def reject(bed: Bed) -> None:
    browser = bed.browser()
    assert browser.trip("/login/acme").status_code == 502
    assert browser.who() is None


def test_oidcc_client_test(rp: Callable[..., Bed]) -> None:
    accept(rp())


def test_oidcc_client_test_invalid_iss(rp: Callable[..., Bed], box: ServedSandbox) -> None:
    bed = rp()
    box["acme"].set("claims", iss="https://invalid.example")
    reject(bed)


def test_oidcc_client_test_missing_sub(rp: Callable[..., Bed], box: ServedSandbox) -> None:
    bed = rp()
    box["acme"].delete("claims", "sub")
    reject(bed)


def test_oidcc_client_test_invalid_aud(rp: Callable[..., Bed], box: ServedSandbox) -> None:
    bed = rp()
    box["acme"].set("claims", aud="invalid")
    reject(bed)


def test_oidcc_client_test_missing_iat(rp: Callable[..., Bed], box: ServedSandbox) -> None:
    bed = rp()
    box["acme"].delete("claims", "iat")
    reject(bed)


def test_oidcc_client_test_kid_absent_single_jwks(
    rp: Callable[..., Bed], box: ServedSandbox
) -> None:
    bed = rp()
    box["acme"].delete("header", "kid")
    accept(bed)


def test_oidcc_client_test_kid_absent_multiple_jwks(
    rp: Callable[..., Bed], box: ServedSandbox
) -> None:
    box["acme"].keys.publish(3)
    bed = rp()
    box["acme"].delete("header", "kid")
    reject(bed)


def test_oidcc_client_test_idtoken_sig_rs256(rp: Callable[..., Bed], box: ServedSandbox) -> None:
    box["acme"].sign("RS256")
    accept(rp())


def test_oidcc_client_test_idtoken_sig_none(rp: Callable[..., Bed], box: ServedSandbox) -> None:
    bed = rp()
    box["acme"].sign("none")
    reject(bed)


def test_oidcc_client_test_invalid_sig_rs256(rp: Callable[..., Bed], box: ServedSandbox) -> None:
    bed = rp()
    box["acme"].sign("RS256", broken=True)
    reject(bed)


def test_oidcc_client_test_userinfo_bearer_header(
    rp: Callable[..., Bed], box: ServedSandbox
) -> None:
    bed = rp(userinfo=True)
    accept(bed)
    [asked] = [each for each in box.requests if each.endpoint == "userinfo"]
    assert asked.headers["Authorization"].startswith("Bearer ")
    assert (asked.query, asked.body) == ("", "")


def test_oidcc_client_test_userinfo_invalid_sub(rp: Callable[..., Bed], box: ServedSandbox) -> None:
    bed = rp(userinfo=True)
    box["acme"].set("userinfo", sub="invalid")
    reject(bed)


def test_oidcc_client_test_nonce_invalid(rp: Callable[..., Bed], box: ServedSandbox) -> None:
    bed = rp()
    box["acme"].set("claims", nonce="invalid")
    reject(bed)


def test_oidcc_client_test_scope_userinfo_claims(
    rp: Callable[..., Bed], box: ServedSandbox
) -> None:
    box["acme"].change("claims", without_profile)
    bed = rp()
    [row] = bed.rows()
    assert (row.full_name, row.email) == ("Ada Lovelace", "ada@example.com")
    accept(bed)


def without_profile(claims: dict[str, Any]) -> dict[str, Any]:
    """An ID token that says who it is and nothing more, so that UserInfo is asked."""
    shown = {"name", "preferred_username", "email", "email_verified", "picture"}
    return {name: value for name, value in claims.items() if name not in shown}


def test_oidcc_client_test_client_secret_basic(rp: Callable[..., Bed], box: ServedSandbox) -> None:
    accept(rp(token_endpoint_auth_method="client_secret_basic"))
    [asked] = [each for each in box.requests if each.endpoint == "token"]
    assert asked.headers["Authorization"].startswith("Basic ")
    assert "client_secret" not in asked.body


def test_oidcc_client_test_discovery_openid_config(
    rp: Callable[..., Bed], box: ServedSandbox
) -> None:
    accept(rp())
    assert box.count("acme", "authorize") == 1


def test_oidcc_client_test_discovery_jwks_uri_keys(
    rp: Callable[..., Bed], box: ServedSandbox
) -> None:
    bed = rp()
    assert [each.path for each in box.requests if each.endpoint == "jwks"] == []
    accept(bed)
    assert box.count("acme", "jwks") == 0, "the keys that the connect fetched are kept"


def test_oidcc_client_test_discovery_issuer_mismatch(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    keys = {"consumer_key": "key", "consumer_secret": "secret", "issuer": f"{box.url}acme"}
    bed = make_bed(SOCIAL_ACME=keys)
    box["acme"].set("discovery", issuer="https://mismatch.example")

    answer = bed.browser().post("/login/acme")

    assert answer.status_code == 503
    assert "Location" not in answer.headers


def test_oidcc_client_test_signing_key_rotation_just_before_signing(
    rp: Callable[..., Bed], box: ServedSandbox
) -> None:
    bed = rp()
    box["acme"].rotate_keys()
    accept(bed)
    assert box.count("acme", "jwks") == 1


def test_oidcc_client_test_signing_key_rotation(rp: Callable[..., Bed], box: ServedSandbox) -> None:
    bed = rp()
    accept(bed)
    box["acme"].rotate_keys(withdraw=True)
    accept(bed)
