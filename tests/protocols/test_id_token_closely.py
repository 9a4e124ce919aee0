"""The ID token policy where a single letter decides."""

from __future__ import annotations

from itertools import count

import pytest
from joserfc.jwk import OctKey

from flask_social.protocols import id_token

from .paper import CLIENT, claims, rsa, sign
from .test_id_token import KEYS, check, left_half, refusal, refused, rules


def test_a_token_under_the_client_secret_counts_where_the_operator_says_so() -> None:
    token = sign(claims(), OctKey.import_key(str(CLIENT.secret)), {"alg": "HS256", "kid": ...})
    assert check(token, algorithms=("HS256",))["sub"] == "person-1"
    other = "another secret of thirty-two bytes"
    assert refusal(token, algorithms=("HS256",), client_secret=other) == "the signature is wrong"
    assert refusal(token).startswith("alg is not")


@pytest.mark.parametrize("letter", "XAz0-_")
def test_the_hash_of_an_access_token_may_end_in_any_letter(letter: str) -> None:
    # Half a SHA-384 is 24 bytes: 32 letters and no padding.
    given = (f"token-{n}" for n in count())
    access_token = next(each for each in given if left_half("RS384", each)[-1] == letter)
    at_hash = left_half("RS384", access_token)
    token = sign(claims(at_hash=at_hash), rsa(), {"alg": "RS384"})
    wanted = rules(algorithms=("RS384",))
    assert id_token.check(token, access_token, wanted, lambda anew: KEYS)["at_hash"] == at_hash


def test_a_refusal_of_what_is_no_person_and_no_object_is_one_sentence() -> None:
    assert refused({"sub": "\N{CYRILLIC SMALL LETTER A}da"}) == "sub: it is not of ASCII characters"
    assert refusal(sign(b"[]")) == "the payload is no object"
