"""What a provider signs itself counts for what it says, and what nobody knows for nothing (S56).

The specification's words, written down once more, judge every value of every claim.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.protocols.paper import CLIENT, ISSUER, NONCE, NOW

from .strategies import json_values, often, texts
from .tokens import CLAIMS, GONE, HEADER, check, compact, part, passes, with_member

pytestmark = pytest.mark.usefixtures("_still")


def is_time(value: Any, lowest: float, highest: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return lowest <= Fraction(value) <= highest


def is_person(value: Any) -> bool:
    """Whether *value* may be a subject: 1 to 255 printable ASCII characters that name somebody."""
    nobody = ("", "0", "none", "null", "undefined", "nan", "true", "false", "[object object]")
    return (
        isinstance(value, str)
        and 0 < len(value) <= 255
        and all(" " <= each <= "~" for each in value)
        and value.strip().lower() not in nobody
    )


def is_ours(value: Any) -> bool:
    """Whether an audience is this application and nobody else."""
    members = value if isinstance(value, list) else [value]
    return bool(members) and all(type(each) is str and each == CLIENT.id for each in members)


def is_recent(value: Any) -> bool:
    return is_time(value, NOW - 65, NOW + 60)


ALLOWED: dict[str, Callable[[Any], bool]] = {
    "iss": lambda value: value == ISSUER,
    "aud": is_ours,
    "sub": is_person,
    "exp": lambda value: is_time(value, math.nextafter(NOW - 60, math.inf), math.inf),
    "iat": is_recent,
    "nbf": lambda value: is_time(value, -math.inf, NOW + 60),
    "nonce": lambda value: value == NONCE,
    "azp": lambda value: value == CLIENT.id,
    "at_hash": lambda value: value == CLAIMS["at_hash"],
    "auth_time": lambda value: isinstance(value, int) and is_recent(value),
}
"""What a claim may say (OpenID Connect Core 2, 3.1.3.7 and 3.1.3.8)."""
REQUIRED = ("iss", "aud", "sub", "exp", "iat", "nonce", "auth_time")

NEAR: list[Any] = [
    *(NOW, NOW - 59, NOW - 60, NOW - 65, NOW - 66, NOW + 60, NOW + 61, NOW + 60.5, NOW - 59.5),
    *(10**4_299, -(10**4_299), 1e308, 0, -1, True, False, None, [], {}, [NOW], str(NOW)),
    *(CLIENT.id, [CLIENT.id], [CLIENT.id] * 2, [CLIENT.id, "api"], [[CLIENT.id]], CLIENT.id[:-1]),
    *(ISSUER, f"{ISSUER}/", ISSUER.upper(), [ISSUER], NONCE, NONCE[:-1], f"{NONCE} ", [NONCE]),
    *(CLAIMS["at_hash"], CLAIMS["at_hash"][:-1], f"{CLAIMS['at_hash']}=", "\ud800", "", " ", "\0"),
    *("true", "[object Object]", "None ", "0", "x" * 255, "x" * 256, "\u00e9", GONE),
]


def require_as_allowed(name: str, value: Any) -> None:
    token = compact(HEADER, with_member(CLAIMS, name, value))
    allowed = name not in REQUIRED if value is GONE else ALLOWED[name](value)
    assert passes(token) is allowed, (name, value)


@pytest.mark.parametrize("name", ALLOWED)
def test_a_claim_next_to_what_is_right_is_taken_for_what_it_says(name: str) -> None:
    for value in NEAR:
        require_as_allowed(name, value)


@pytest.mark.parametrize("name", ALLOWED)
@often(12)
@given(st.one_of(json_values, st.integers(NOW - 70, NOW + 70), st.floats(NOW - 70, NOW + 70)))
def test_a_claim_of_any_value_is_taken_for_what_it_says(name: str, value: Any) -> None:
    require_as_allowed(name, value)


unknown = texts.filter(lambda name: name not in ALLOWED and name not in CLAIMS)


@often(40)
@given(st.dictionaries(unknown, json_values))
def test_claims_that_nobody_knows_are_ignored(more: dict[str, Any]) -> None:
    assert check(compact(HEADER, {**more, **CLAIMS}))["sub"] == "person-1"


def header_is_allowed(name: str, value: Any) -> bool:
    """RFC 7515 section 4.1, RFC 7797, RFC 8725 section 3.11."""
    if name in ("crit", "b64", "zip", "enc", "cty"):
        return value is GONE
    if name == "alg":
        return value == "RS256"
    if name == "kid":
        return value is GONE or value == "one"
    return name != "typ" or value is GONE or (isinstance(value, str) and value.upper() == "JWT")


HEADERS = ("alg", "kid", "typ", "crit", "b64", "zip", "enc", "cty", "jku", "jwk", "x5u", "x5c")
words: st.SearchStrategy[Any] = st.sampled_from(
    ["RS256", "one", "jwt", "JWT", "at+jwt", "P-384", True, [], None, "DEF"]
)


@often(80)
@given(st.sampled_from([*HEADERS, "x5t", "new"]), st.one_of(st.just(GONE), words, json_values))
def test_a_header_that_the_provider_signed_changes_no_rule(name: str, value: Any) -> None:
    header = with_member(HEADER, name, value)
    assume(len(part(header)) <= 4_096)
    assert passes(compact(header, CLAIMS)) is header_is_allowed(name, value)


@often(40)
@given(st.one_of(st.binary(max_size=40), json_values.filter(lambda value: value != CLAIMS)))
def test_a_payload_that_is_anything_else_is_refused(payload: Any) -> None:
    assert not passes(compact(HEADER, payload))
    assert not passes(compact(payload, CLAIMS))
