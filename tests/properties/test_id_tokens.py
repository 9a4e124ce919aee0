"""Any single change of a good ID token is refused, by our error and by no other (A39-A50)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from joserfc.jwk import Key

from tests.protocols.paper import ec, public, rsa

from .strategies import json_values, often
from .tokens import (
    BODY,
    CLAIMS,
    GONE,
    GOOD,
    HEAD,
    HEADER,
    LETTERS,
    SIGNATURE,
    check,
    compact,
    part,
    passes,
    with_member,
)

pytestmark = pytest.mark.usefixtures("_still")


def test_the_token_is_good() -> None:
    assert check(GOOD) == CLAIMS


# What somebody changes who has no key of the provider's.

places = st.integers(0, len(GOOD) - 1)
characters = st.one_of(st.sampled_from(f"{LETTERS}.=+/ \n\0\xe9\ud800"), st.characters())


@often(60)
@given(places, characters)
@example(len(GOOD) - 1, LETTERS[LETTERS.index(GOOD[-1]) + 1])  # bits that no byte has
def test_another_character_is_refused(place: int, character: str) -> None:
    assume(GOOD[place] != character)
    assert not passes(GOOD[:place] + character + GOOD[place + 1 :])


def test_the_last_character_has_one_form() -> None:
    assert [each for each in LETTERS if passes(GOOD[:-1] + each)] == [GOOD[-1]]


@often(60)
@given(st.integers(0, len(GOOD)), st.one_of(characters, st.text(min_size=1, max_size=4)))
@example(len(GOOD), "=")
@example(len(GOOD), "==")
@example(len(GOOD), "\n")
@example(0, " ")
def test_more_characters_are_refused(place: int, more: str) -> None:
    assert not passes(GOOD[:place] + more + GOOD[place:])


@often(60)
@given(places, st.integers(1, len(GOOD)))
@example(len(GOOD) - 1, 1)
def test_fewer_characters_are_refused(place: int, fewer: int) -> None:
    assert not passes(GOOD[:place] + GOOD[place + fewer :])


@often(60)
@given(st.lists(st.sampled_from([HEAD, BODY, SIGNATURE, "", "e30", "bnVsbA"]), max_size=6))
def test_segments_in_another_order_or_number_are_refused(segments: list[str]) -> None:
    assume(segments != [HEAD, BODY, SIGNATURE])
    assert not passes(".".join(segments))


@often(60)
@given(st.sampled_from([*CLAIMS, "new"]), st.one_of(st.just(GONE), json_values))
def test_a_claim_that_nobody_signed_is_refused(name: str, value: Any) -> None:
    changed = with_member(CLAIMS, name, value)
    assume(part(changed) != BODY)
    assert not passes(f"{HEAD}.{part(changed)}.{SIGNATURE}")


@often(60)
@given(st.sampled_from([*HEADER, "jwk", "b64", "new"]), st.one_of(st.just(GONE), json_values))
def test_a_header_that_nobody_signed_is_refused(name: str, value: Any) -> None:
    changed = with_member(HEADER, name, value)
    assume(part(changed) != HEAD)
    assert not passes(f"{part(changed)}.{BODY}.{SIGNATURE}")


FORGED: dict[str, tuple[dict[str, Any], Key | None, str]] = {
    "somebody else's key": ({}, rsa("attacker"), "RS256"),
    "his key brought along": ({"jwk": public(rsa("attacker"))}, rsa("attacker"), "RS256"),
    "another padding": ({"alg": "PS256"}, None, "PS256"),
    "the padding that the header hides": ({}, None, "PS256"),
    "another key of the provider": ({"alg": "ES384", "kid": "P-384"}, ec("P-384"), "ES384"),
    "another key under the first's name": ({"alg": "RS256"}, ec("P-384"), "ES384"),
}


@pytest.mark.parametrize("how", FORGED)
def test_another_key_or_algorithm_is_refused(how: str) -> None:
    header, key, algorithm = FORGED[how]
    assert not passes(compact({**HEADER, **header}, CLAIMS, key, algorithm))


@often(40)
@given(json_values.filter(lambda value: value != "RS256"))
@example("none")
@example("HS256")
@example("rs256")
def test_an_algorithm_by_another_name_is_refused(name: Any) -> None:
    assert not passes(compact({**HEADER, "alg": name}, CLAIMS))
    assert not passes(f"{part({**HEADER, 'alg': name})}.{BODY}.")
