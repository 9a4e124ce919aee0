"""Envelopes: opened by whoever has the key and the purpose, and by nobody else."""

from __future__ import annotations

import base64

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from flask_social.seal import (
    KEY_BYTES,
    NONCE_BYTES,
    VERSION,
    Broken,
    decrypt,
    encrypt,
    seal,
    unseal,
)

KEYS = ["the secret of today"]


def decoded(envelope: str) -> bytes:
    return base64.urlsafe_b64decode(envelope + "=" * (-len(envelope) % 4))


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@given(plain=st.binary(max_size=200), purpose=st.text(max_size=30))
def test_what_was_sealed_comes_out_unchanged(plain: bytes, purpose: str) -> None:
    assert unseal(seal(plain, KEYS, purpose), KEYS, purpose) == plain


def test_an_envelope_shows_nothing_of_what_is_in_it_and_is_never_the_same_twice() -> None:
    plain = b"a code verifier that nobody may read"
    one, other = seal(plain, KEYS, "flow"), seal(plain, KEYS, "flow")
    assert plain not in decoded(one)
    assert one != other
    assert decoded(one)[1 : 1 + NONCE_BYTES] != decoded(other)[1 : 1 + NONCE_BYTES]


def test_an_envelope_is_safe_in_a_cookie() -> None:
    envelope = seal(bytes(range(256)), KEYS, "flow")
    assert set(envelope) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_an_envelope_for_one_purpose_is_refused_for_another() -> None:
    envelope = seal(b"x", KEYS, "__Host-social-flow-1")
    with pytest.raises(Broken):
        unseal(envelope, KEYS, "__Host-social-answer-1")


def test_another_secret_opens_nothing() -> None:
    with pytest.raises(Broken):
        unseal(seal(b"x", KEYS, "flow"), ["the secret of somebody else"], "flow")


def test_no_secret_opens_nothing() -> None:
    with pytest.raises(Broken):
        unseal(seal(b"x", KEYS, "flow"), [], "flow")


def test_a_retired_secret_still_opens_and_the_new_one_seals() -> None:
    before = seal(b"set out before the change", ["old"], "flow")
    assert unseal(before, ["new", "old"], "flow") == b"set out before the change"
    after = seal(b"after", ["new", "old"], "flow")
    assert unseal(after, ["new"], "flow") == b"after"
    with pytest.raises(Broken):
        unseal(after, ["old"], "flow")


def test_a_secret_may_be_bytes_as_flask_allows() -> None:
    assert unseal(seal(b"x", [b"\x00\xff secret"], "flow"), [b"\x00\xff secret"], "flow") == b"x"
    assert unseal(seal(b"x", [b"secret"], "flow"), ["secret"], "flow") == b"x"


def test_every_single_changed_bit_is_noticed() -> None:
    raw = decoded(seal(b"pay 1", KEYS, "flow"))
    for position in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[position] ^= 1 << bit
            with pytest.raises(Broken):
                unseal(encoded(bytes(changed)), KEYS, "flow")


def test_every_shortened_envelope_is_noticed() -> None:
    envelope = seal(b"something", KEYS, "flow")
    for length in range(len(envelope)):
        with pytest.raises(Broken):
            unseal(envelope[:length], KEYS, "flow")


@given(noise=st.one_of(st.text(max_size=100), st.binary(max_size=100).map(encoded)))
def test_noise_is_refused_and_nothing_else_is_raised(noise: str) -> None:
    with pytest.raises(Broken):
        unseal(noise, KEYS, "flow")


def test_another_version_is_refused_before_any_key_is_tried() -> None:
    raw = decoded(seal(b"x", KEYS, "flow"))
    with pytest.raises(Broken, match="another version"):
        unseal(encoded(b"\x02" + raw[1:]), KEYS, "flow")
    assert raw[:1] == VERSION


def test_what_is_said_of_a_broken_envelope_holds_neither_it_nor_the_secret() -> None:
    envelope = seal(b"canary", ["a-secret-canary"], "flow")
    with pytest.raises(Broken) as caught:
        unseal(envelope, KEYS, "flow")
    assert envelope not in str(caught.value)
    assert KEYS[0] not in str(caught.value)


def test_the_key_is_derived_and_never_the_secret_itself() -> None:
    # Flask signs with the secret; an oracle for one use must be of no help to the other.
    secret = "k" * 32
    raw = decoded(seal(b"x", [secret], "flow"))
    nonce, box = raw[1 : 1 + NONCE_BYTES], raw[1 + NONCE_BYTES :]
    plainly = AESGCM(secret.encode())
    with pytest.raises(InvalidTag):
        plainly.decrypt(nonce, box, VERSION + b"flow")


# Tokens at rest.

KEY = bytes(range(KEY_BYTES))
OTHER = bytes(KEY_BYTES)


@given(plain=st.binary(max_size=200), context=st.binary(max_size=30))
def test_a_token_comes_out_unchanged(plain: bytes, context: bytes) -> None:
    assert decrypt(encrypt(plain, KEY, context), KEY, context) == plain


def test_a_token_is_never_sealed_the_same_twice() -> None:
    one, other = encrypt(b"token", KEY, b""), encrypt(b"token", KEY, b"")
    assert one[:NONCE_BYTES] != other[:NONCE_BYTES]
    assert one[NONCE_BYTES:] != other[NONCE_BYTES:]
    assert b"token" not in one + other


@pytest.mark.parametrize(("key", "context"), [(OTHER, b"a"), (KEY, b"b"), (KEY, b"")])
def test_a_token_opens_under_its_own_key_and_context_alone(key: bytes, context: bytes) -> None:
    with pytest.raises(Broken):
        decrypt(encrypt(b"token", KEY, b"a"), key, context)


def test_a_changed_or_shortened_token_is_noticed() -> None:
    box = encrypt(b"token", KEY, b"a")
    for position in range(len(box)):
        changed = bytearray(box)
        changed[position] ^= 1
        for spoilt in (bytes(changed), box[:position]):
            with pytest.raises(Broken):
                decrypt(spoilt, KEY, b"a")


def test_a_key_of_another_length_seals_nothing() -> None:
    with pytest.raises(Broken):
        decrypt(encrypt(b"token", KEY, b"a"), b"short", b"a")
    with pytest.raises(ValueError, match="128, 192, or 256"):
        encrypt(b"token", b"short", b"a")
