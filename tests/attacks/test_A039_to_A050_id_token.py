"""ID tokens and UserInfo that lie, over HTTP: none of them signs anybody in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flask_social import clock
from flask_social.testing import ServedSandbox
from tests.attacks import logins
from tests.attacks.logins import U1, accepted, refused, refused_until_honest
from tests.bed import Bed


@pytest.fixture(scope="module")
def _linked(served_sandbox: ServedSandbox) -> Iterator[Bed]:
    with logins.linked_once(served_sandbox) as bed:
        yield bed


@pytest.fixture
def linked(_linked: Bed, box: ServedSandbox) -> Bed:
    """Ada's account at ``acme`` and at ``plain`` is connected to U1."""
    box.reset_counters()
    _linked.told.clear()
    return _linked


def test_A039_alg_none_although_the_metadata_list_it(linked: Bed) -> None:
    acme = linked.sandbox["acme"]
    acme.set("discovery", id_token_signing_alg_values_supported=["RS256", "none"])
    acme.sign("none")
    refused_until_honest(linked)


@pytest.mark.parametrize("key", ["public_pem", "public_der", "public_jwk", "secret"])
def test_A040_algorithm_confusion(linked: Bed, key: str) -> None:
    acme = linked.sandbox["acme"]
    acme.set("discovery", id_token_signing_alg_values_supported=["RS256", "HS256"])
    acme.sign("HS256", key)
    refused_until_honest(linked)


def test_A040_hs256_where_the_provider_is_registered_for_it(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    acme = {"consumer_key": "k", "consumer_secret": "a secret of thirty-two bytes or more"}
    bed = make_bed(SOCIAL_ACME={**acme, "issuer": f"{box.url}acme", "algorithms": ["HS256"]})
    bed.add_user(U1)
    box["acme"].sign("HS256", "secret")
    bed.browser().sign_in(U1).trip("/connect/acme")
    accepted(bed)
    box["acme"].sign("RS256")
    bed.told.clear()
    refused(bed)


@pytest.mark.parametrize(
    "issuer", ["https://other.example", "slash", "upper", "prefix", ["list"], None]
)
def test_A045_iss_claim(linked: Bed, issuer: Any) -> None:
    right = f"{linked.sandbox.url}acme"
    changed = {"slash": f"{right}/", "upper": right.upper(), "prefix": right[:-1]}
    if issuer is None:
        linked.sandbox["acme"].delete("claims", "iss")
    else:
        value = changed.get(issuer, issuer) if isinstance(issuer, str) else issuer
        linked.sandbox["acme"].set("claims", iss=value)
    refused_until_honest(linked)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "other"},
        {"aud": "other", "azp": "acme key"},
        {"aud": ["other"]},
        {"aud": []},
        {"aud": ["acme key", "untrusted"], "azp": "acme key"},
        {"aud": ["acme key", "untrusted"]},
        {"aud": "acme key", "azp": "other"},
        {"aud": None},
        {"aud": 7},
    ],
)
def test_A046_aud_and_azp(linked: Bed, claims: dict[str, Any]) -> None:
    linked.sandbox["acme"].set("claims", **claims)
    refused_until_honest(linked)


def test_A046_aud_missing(linked: Bed) -> None:
    linked.sandbox["acme"].delete("claims", "aud")
    refused_until_honest(linked)


@pytest.mark.parametrize(
    "claims",
    [
        lambda now: {"exp": now - 61},
        lambda now: {"exp": "tomorrow"},
        lambda now: {"exp": True},
        lambda now: {"iat": now + 600},
        lambda now: {"nbf": now + 600},
    ],
)
def test_A047_time_claims(linked: Bed, claims: Callable[[int], dict[str, Any]]) -> None:
    now = clock.now()
    linked.sandbox["acme"].set("claims", **claims(now))
    with clock.replaced(lambda: now):
        refused_until_honest(linked)


def test_A047_an_exp_that_is_infinite(linked: Bed) -> None:
    def infinite(claims: dict[str, Any]) -> str:
        return json.dumps({**claims, "exp": "BIG"}).replace('"BIG"', "1e400")

    linked.sandbox["acme"].change("claims", infinite)
    refused_until_honest(linked)


@pytest.mark.parametrize("claim", ["exp", "iat"])
def test_A047_time_claims_missing(linked: Bed, claim: str) -> None:
    linked.sandbox["acme"].delete("claims", claim)
    refused_until_honest(linked)


def test_A047_a_second_less_than_the_skew_is_accepted(linked: Bed) -> None:
    now = clock.now()
    linked.sandbox["acme"].set("claims", exp=now - 59)
    with clock.replaced(lambda: now):
        accepted(linked)


@pytest.mark.parametrize("nonce", ["other", "", ["list"], "prefix", "another tab's"])
def test_A048_nonce(linked: Bed, nonce: Any) -> None:
    other_tab: list[str] = []

    def forge(claims: dict[str, Any]) -> dict[str, Any]:
        other_tab.append(claims["nonce"])
        forged = {"prefix": claims["nonce"][:-1], "another tab's": other_tab[0]}
        value = forged.get(nonce, nonce) if isinstance(nonce, str) else nonce
        return {**claims, "nonce": value}

    if nonce == "another tab's":
        browser = linked.browser()
        linked.sandbox["acme"].change("claims", forge)
        browser.trip("/login/acme")  # the first tab's own nonce: it is let in
    linked.sandbox["acme"].change("claims", forge)
    refused_until_honest(linked)


@pytest.mark.parametrize("extra", [{}, {"nonce_supported": False}])
def test_A048_nonce_missing(linked: Bed, extra: dict[str, Any]) -> None:
    linked.sandbox["acme"].delete("claims", "nonce")
    linked.sandbox["acme"].set("claims", **extra)
    refused_until_honest(linked)


@pytest.mark.parametrize(
    "sub", ["", "  ", 7, None, "None", ["list"], "x" * 256, "nul\0byte"], ids=repr
)
def test_A049_subject_of_an_id_token(linked: Bed, sub: Any) -> None:
    linked.sandbox["acme"].set("claims", sub=sub)
    refused_until_honest(linked)


def test_A049_no_subject_in_an_id_token(linked: Bed) -> None:
    linked.sandbox["acme"].delete("claims", "sub")
    refused_until_honest(linked)


def test_A049_an_integer_id_and_its_text_are_the_same_account(bed: Bed) -> None:
    bed.add_user(U1)
    plain = bed.sandbox["plain"]
    plain.set("api", id=123)
    bed.browser().sign_in(U1).trip("/connect/plain")
    plain.set("api", id="123")
    accepted(bed, "plain")
    assert [row.provider_user_id for row in bed.rows()] == ["123"]


@pytest.mark.parametrize("subject", [True, 1e21, None, "None", "null", 1.5], ids=repr)
def test_A049_ids_that_are_none(linked: Bed, subject: Any) -> None:
    linked.sandbox["plain"].set("api", id=subject)
    refused_until_honest(linked, "plain")


def test_A049_a_missing_id(linked: Bed) -> None:
    linked.sandbox["plain"].delete("api", "id")
    refused_until_honest(linked, "plain")


@pytest.mark.parametrize("provider_id", ["acme", "plain"])
@pytest.mark.parametrize(
    "answer",
    [
        {"error": "bad_verification_code"},
        b"error=bad_verification_code",
        {"token_type": "bearer"},
        {"access_token": "token", "token_type": "mac"},
        {"access_token": "token"},
        {"access_token": 7, "token_type": "bearer"},
        {"access_token": "to\r\nken", "token_type": "bearer"},
    ],
    ids=repr,
)
def test_A050_token_answers_that_are_none(linked: Bed, provider_id: str, answer: Any) -> None:
    linked.sandbox[provider_id].replace("token", answer)
    refused_until_honest(linked, provider_id)


@pytest.mark.parametrize("id_token", [None, {"sub": "1"}, "not.a.jwt", "", 7], ids=repr)
def test_A050_missing_or_odd_id_tokens(linked: Bed, id_token: Any) -> None:
    if id_token is None:
        linked.sandbox["acme"].delete("token", "id_token")
    else:
        linked.sandbox["acme"].set("token", id_token=id_token)
    refused_until_honest(linked)


def test_A050_a_wrong_at_hash(linked: Bed) -> None:
    linked.sandbox["acme"].set("claims", at_hash="AAAAAAAAAAAAAAAAAAAAAA")
    refused_until_honest(linked)


@pytest.mark.parametrize("provider_id", ["acme", "plain"])
def test_A050_the_token_type_is_compared_without_case(linked: Bed, provider_id: str) -> None:
    linked.sandbox[provider_id].set("token", token_type="bEaReR")
    accepted(linked, provider_id)
