"""The ID token policy, rule by rule."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from joserfc.jwk import Key

from flask_social.errors import ProviderError
from flask_social.protocols import id_token
from flask_social.protocols.id_token import Rules
from flask_social.protocols.keys import ALGORITHMS, read_keys

from .paper import CLIENT, ISSUER, NONCE, NOW, answer, claims, ec, okp, public, rsa, sign

KEYS = read_keys(answer({"keys": [public(rsa()), public(ec("P-384")), public(okp())]}))
ACCESS_TOKEN = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"


def rules(**changes: Any) -> Rules:
    good = {
        "issuers": (ISSUER,),
        "client_id": CLIENT.id,
        "client_secret": CLIENT.secret,
        "algorithms": ("RS256",),
        "nonce": NONCE,
        "started_at": NOW - 5,
    }
    return Rules(**{**good, **changes})


def check(token: str | None, **changes: Any) -> dict[str, Any]:
    return id_token.check(token, ACCESS_TOKEN, rules(**changes), lambda anew: KEYS)


def refusal(token: str | None, **changes: Any) -> str:
    """What check failed, for the operator."""
    with pytest.raises(ProviderError) as stopped:
        check(token, **changes)
    assert (stopped.value.step, stopped.value.code) == ("checking the ID token", "bad_id_token")
    assert stopped.value.status == 502
    for secret in (NONCE, ACCESS_TOKEN, "person-1", "Ada"):
        assert secret not in str(stopped.value)
    return stopped.value.detail.removeprefix("checking the ID token: ")


def refused(changes: dict[str, Any], **rule_changes: Any) -> str:
    return refusal(sign(claims(**changes)), **rule_changes)


def test_a_good_token_gives_its_claims_and_unknown_ones_are_ignored() -> None:
    assert (
        check(sign(claims(new={"of": "any shape"}, _claim_names={"a": "b"})))["sub"] == "person-1"
    )


def test_a50_a_token_is_required() -> None:
    assert refusal(None) == "the provider sent none"


def test_a39_a_token_without_a_signature_is_refused() -> None:
    part = base64.urlsafe_b64encode(b'{"alg": "none"}').rstrip(b"=").decode()
    payload = sign(claims()).split(".")[1]
    assert refusal(f"{part}.{payload}.").startswith("alg is not")


def test_a_token_by_somebody_elses_key_is_refused() -> None:
    token = sign(claims(), rsa("attacker"), {"kid": "one"})
    assert refusal(token) == "the signature is wrong"


@pytest.mark.parametrize(
    "payload",
    [
        b"[]",
        b"7",
        b"",
        b"{",
        b'{"sub": "a", "sub": "b"}',
        b'{"exp": NaN}',
        b"\xff",
        b'{"exp": Infinity}',
        b'{"a": ' * 40 + b"1" + b"}" * 40,
    ],
)
def test_a_payload_that_is_not_plain_json_is_refused(payload: bytes) -> None:
    assert refusal(sign(payload))


# Issuer and audience


@pytest.mark.parametrize(
    "iss",
    [
        "https://evil.example",
        f"{ISSUER}/",
        ISSUER.upper(),
        "op.example",
        "http://op.example",
        ISSUER[:-1],
        ...,
        None,
        "",
        [ISSUER],
        {"iss": ISSUER},
        7,
    ],
)
def test_a45_another_issuer_is_refused(iss: Any) -> None:
    assert refused({"iss": iss}) == "iss is not the configured issuer"


def test_a45_another_spelling_counts_only_where_it_is_configured() -> None:
    token = sign(claims(iss="op.example"))
    assert check(token, issuers=(ISSUER, "op.example"))["iss"] == "op.example"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "other"},
        {"aud": "other", "azp": CLIENT.id},
        {"aud": ["other"]},
        {"aud": ["other"], "azp": CLIENT.id},
        {"aud": [CLIENT.id, "other"]},
        {"aud": [CLIENT.id, "other"], "azp": CLIENT.id},
        {"aud": []},
        {"aud": [], "azp": CLIENT.id},
        {"aud": ...},
        {"aud": None},
        {"aud": ""},
        {"aud": 7},
        {"aud": {CLIENT.id: True}},
        {"aud": [CLIENT.id, 7]},
        {"aud": [[CLIENT.id]]},
        {"aud": CLIENT.id.upper()},
        {"aud": f"{CLIENT.id},other"},
        {"azp": "other"},
        {"azp": ""},
        {"azp": None},
        {"azp": [CLIENT.id]},
    ],
    ids=str,
)
def test_a46_a_token_for_somebody_else_is_refused(changes: dict[str, Any]) -> None:
    assert refused(changes).startswith(("aud ", "azp "))


@pytest.mark.parametrize(
    "changes",
    [{"aud": [CLIENT.id]}, {"aud": [CLIENT.id, CLIENT.id]}, {"azp": CLIENT.id}],
    ids=str,
)
def test_a46_a_token_for_this_application_alone_is_taken(changes: dict[str, Any]) -> None:
    assert check(sign(claims(**changes)))


def test_a46_another_audience_counts_only_where_it_is_configured_and_with_azp() -> None:
    trusted = {"trusted_audiences": ("api",)}
    both = [CLIENT.id, "api"]
    assert check(sign(claims(aud=both, azp=CLIENT.id)), **trusted)
    assert refused({"aud": both}, **trusted) == "several audiences and no azp"
    assert refused({"aud": both, "azp": "api"}, **trusted) == "azp is somebody else"
    assert refused({"aud": [*both, "x"], "azp": CLIENT.id}, **trusted).startswith("aud names")
    assert refused({"aud": ["api"], "azp": CLIENT.id}, **trusted) == "aud is somebody else"


# Times


@pytest.mark.parametrize("name", ["exp", "iat"])
@pytest.mark.parametrize("value", [..., None, "1800000300", True, False, [], {}])
def test_a47_a_time_that_is_no_number_is_refused(name: str, value: Any) -> None:
    assert refused({name: value}) == f"{name} is missing or no number"


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_a47_a_time_without_end_is_refused(name: str) -> None:
    token = sign(json.dumps(claims(**{name: "@"})).replace('"@"', "1e400").encode())
    assert refusal(token) == f"{name} is not finite"


@pytest.mark.parametrize(("ago", "good"), [(-1, True), (0, True), (59, True), (59.5, True)])
def test_a47_an_expiry_within_the_skew_is_taken(ago: float, good: bool) -> None:
    assert bool(check(sign(claims(exp=NOW - ago)))) is good


@pytest.mark.parametrize(("ago", "told"), [(60, 60), (61, 61), (600, 600), (61.5, 61)])
def test_a47_an_expired_token_is_refused_and_the_log_tells_by_how_much(
    ago: float, told: int
) -> None:
    assert refused({"exp": NOW - ago}) == f"exp passed {told} s ago"


@pytest.mark.parametrize("exp", [-1, 0, -(10**300)])
def test_a47_an_expiry_long_ago_is_refused(exp: int) -> None:
    assert refused({"exp": exp}).startswith("exp passed")


def test_a47_a_token_without_a_near_end_is_still_a_token() -> None:
    assert check(sign(claims(exp=10**300)))


@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_a47_a_token_from_the_future_is_refused(name: str) -> None:
    assert check(sign(claims(**{name: NOW + 60})))
    assert refused({name: NOW + 61}) == f"{name} is 61 s ahead"
    assert refused({name: NOW + 600.5}) == f"{name} is 600 s ahead"


@pytest.mark.parametrize("nbf", [None, "1800000000", True, []])
def test_a47_a_beginning_that_is_no_number_is_refused(nbf: Any) -> None:
    assert refused({"nbf": nbf}) == "nbf is missing or no number"


def test_a47_a_token_that_is_older_than_the_trip_is_refused() -> None:
    assert check(sign(claims(iat=NOW - 65)))
    assert refused({"iat": NOW - 66}) == "iat is 61 s before the trip began"
    assert refused({"iat": NOW - 30 * 86_400}).endswith("before the trip began")


@pytest.mark.parametrize("value", [..., None, True, "1800000000", NOW + 0.0, [NOW]])
def test_a73_a_verify_trip_needs_a_whole_number_for_auth_time(value: Any) -> None:
    assert refused({"auth_time": value}, auth_time_required=True).startswith("auth_time is")


def test_a73_a_sign_in_before_the_trip_proves_nothing() -> None:
    assert check(sign(claims(auth_time=NOW)), auth_time_required=True)
    assert check(sign(claims(auth_time=NOW - 65)), auth_time_required=True)
    assert refused({"auth_time": NOW - 66}, auth_time_required=True) == (
        "auth_time is 61 s before the trip began"
    )
    assert refused({"auth_time": NOW + 61}, auth_time_required=True) == "auth_time is 61 s ahead"


def test_a_trip_that_verifies_nothing_does_not_look_at_auth_time() -> None:
    assert check(sign(claims(auth_time=7)))
    assert check(sign(claims(auth_time="odd")))


# Nonce


@pytest.mark.parametrize(
    "nonce",
    [
        ...,
        None,
        "",
        "other",
        [NONCE],
        {"nonce": NONCE},
        True,
        NONCE[:-1],
        NONCE + "x",
        NONCE.upper(),
        f" {NONCE}",
        "\ud800",
        "the-nonce-of-my-other-tab",
    ],
)
def test_a48_another_nonce_is_refused(nonce: Any) -> None:
    assert refused({"nonce": nonce}) == "nonce is missing or another"


def test_a48_a_provider_cannot_talk_its_way_out_of_the_nonce() -> None:
    assert refused({"nonce": ..., "nonce_supported": False}) == "nonce is missing or another"


def test_a48_a_trip_without_a_nonce_accepts_none() -> None:
    assert refused({"nonce": ""}, nonce="") == "nonce is missing or another"
    assert refused({"nonce": ...}, nonce="") == "nonce is missing or another"


def test_a_provider_known_not_to_give_it_back_may_leave_it_out_and_nothing_else() -> None:
    assert check(sign(claims(nonce=...)), nonce_required=False)
    assert check(sign(claims()), nonce_required=False)
    assert refused({"nonce": "other"}, nonce_required=False) == "nonce is missing or another"


# Subject and access token


@pytest.mark.parametrize(
    "sub",
    [
        ...,
        "",
        "  ",
        7,
        0,
        None,
        "None",
        "null",
        ["person-1"],
        {},
        True,
        1.5,
        "x" * 256,
        "a\x00b",
        "a\nb",
        "Ad\N{LATIN SMALL LETTER A WITH DIAERESIS}",
        "\N{CYRILLIC SMALL LETTER A}da",
        "\N{FULLWIDTH DIGIT ONE}",
        "a\ud800",
    ],
)
def test_a49_a_subject_that_names_nobody_is_refused(sub: Any) -> None:
    assert refused({"sub": sub}).startswith("sub: ")


def test_a49_a_subject_of_255_characters_is_taken() -> None:
    assert check(sign(claims(sub="x" * 255)))["sub"] == "x" * 255


def left_half(algorithm: str, token: str) -> str:
    digest = hashlib.new(ALGORITHMS[algorithm].digest, token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")


def test_the_hash_of_the_access_token_is_that_of_the_specifications_example() -> None:
    # OpenID Connect Core, appendix A.3
    assert check(sign(claims(at_hash="77QmUPtjPfzWtF2AnpK9RQ")))


HASHING: list[tuple[str, Key]] = [
    ("RS256", rsa()),
    ("RS384", rsa()),
    ("PS512", rsa()),
    ("ES384", ec("P-384")),
    ("Ed25519", okp()),
]


@pytest.mark.parametrize(("algorithm", "key"), HASHING, ids=[name for name, _ in HASHING])
def test_a50_the_hash_of_the_access_token_must_be_right(algorithm: str, key: Key) -> None:
    header = {"alg": algorithm}
    right = sign(claims(at_hash=left_half(algorithm, ACCESS_TOKEN)), key, header)
    assert check(right, algorithms=(algorithm,))
    wrong = sign(claims(at_hash=left_half(algorithm, "another")), key, header)
    assert refusal(wrong, algorithms=(algorithm,)) == "at_hash belongs to another access token"


@pytest.mark.parametrize("at_hash", [None, "", 7, [], "77QmUPtjPfzWtF2AnpK9RQ==", "ä"])
def test_a50_a_hash_that_is_none_is_refused(at_hash: Any) -> None:
    assert refused({"at_hash": at_hash}) == "at_hash belongs to another access token"


def test_rules_keep_their_secrets_to_themselves() -> None:
    assert NONCE not in repr(rules())
    assert str(CLIENT.secret) not in repr(rules())


# After a refresh, whose ID token has another nonce or none, and must not change hands.


@pytest.mark.parametrize("nonce", [NONCE, "another", "", ["no text"], ...])
def test_a_nonce_that_nobody_knows_any_more_is_not_compared(nonce: Any) -> None:
    token = sign(claims(nonce=nonce))
    assert check(token, nonce=None, nonce_required=False)["sub"] == "person-1"


def test_a_nonce_that_is_not_required_is_compared_where_it_is_there() -> None:
    assert check(sign(claims(nonce=...)), nonce_required=False)["sub"] == "person-1"
    assert check(sign(claims()), nonce_required=False)["sub"] == "person-1"
    assert refused({"nonce": "another"}, nonce_required=False) == "nonce is missing or another"


def test_an_origin_that_is_another_may_have_a_code_of_its_own_and_nothing_else_has() -> None:
    origins = ({"iss": "https://evil.example"}, {"aud": "another"}, {"azp": "another"})
    others: tuple[dict[str, Any], ...] = (
        {"exp": NOW - 60},
        {"nonce": "another"},
        {"sub": ""},
        {"at_hash": "x"},
    )
    for origin in origins:
        with pytest.raises(ProviderError) as stopped:
            check(sign(claims(**origin)), foreign="changed")
        assert stopped.value.code == "changed"
        refused(dict(origin))
    for other in others:
        refused(other, foreign="changed")
