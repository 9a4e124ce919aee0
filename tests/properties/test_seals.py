"""Envelopes: what was sealed comes out, and of everything else nothing comes but one error."""

from __future__ import annotations

import base64

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from flask_social import clock
from flask_social.flows.pending import Pending
from flask_social.seal import Broken, seal, unseal
from tests.protocols.paper import NOW, flow

from .strategies import json_values, often, texts

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

plains = st.binary(max_size=100)
purposes = st.text(max_size=30)
secrets = st.one_of(st.text(min_size=1, max_size=40), st.binary(min_size=1, max_size=40))
keyrings = st.lists(secrets, min_size=1, max_size=4)
strange = st.one_of(st.characters(), st.sampled_from(f"{LETTERS}=+/. \n\0\xe9"))


def opens(envelope: str, keys: list[str | bytes], purpose: str) -> bool:
    """Whether anything comes out; no other error than ours may come instead."""
    try:
        unseal(envelope, keys, purpose)
    except Broken:
        return False
    return True


def as_bytes(key: str | bytes) -> bytes:
    return key.encode() if isinstance(key, str) else key


@often(100)
@given(plains, keyrings, purposes, st.data())
def test_any_of_the_keys_opens_what_any_of_them_sealed(
    plain: bytes, keys: list[str | bytes], purpose: str, data: st.DataObject
) -> None:
    one = data.draw(st.sampled_from(keys))
    others = data.draw(st.permutations(keys))
    assert unseal(seal(plain, [one], purpose), others, purpose) == plain


@often(150)
@given(plains, secrets, st.data(), strange)
def test_another_character_is_noticed(
    plain: bytes, key: str, data: st.DataObject, character: str
) -> None:
    envelope = seal(plain, [key], "flow")
    place = data.draw(st.integers(0, len(envelope) - 1))
    assume(envelope[place] != character)
    assert not opens(envelope[:place] + character + envelope[place + 1 :], [key], "flow")


@pytest.mark.parametrize("length", range(6))
def test_the_last_character_has_one_form(length: int) -> None:
    envelope = seal(b"x" * length, ["key"], "flow")
    for character in LETTERS.replace(envelope[-1], ""):
        assert not opens(envelope[:-1] + character, ["key"], "flow")


@often(100)
@given(plains, st.data(), st.text(strange, min_size=1, max_size=4))
@example(b"", None, "=")
@example(b"x", None, "=")
@example(b"xx", None, "==")
@example(b"xx", None, "\n")
def test_more_characters_are_noticed(plain: bytes, data: st.DataObject | None, more: str) -> None:
    envelope = seal(plain, ["key"], "flow")
    place = data.draw(st.integers(0, len(envelope))) if data else len(envelope)
    assert not opens(envelope[:place] + more + envelope[place:], ["key"], "flow")


@often(100)
@given(plains, st.data())
def test_fewer_characters_are_noticed(plain: bytes, data: st.DataObject) -> None:
    envelope = seal(plain, ["key"], "flow")
    start = data.draw(st.integers(0, len(envelope) - 1))
    end = data.draw(st.integers(start + 1, len(envelope)))
    assert not opens(envelope[:start] + envelope[end:], ["key"], "flow")


@often(60)
@given(plains, secrets, keyrings)
def test_other_keys_open_nothing(plain: bytes, key: str, others: list[str | bytes]) -> None:
    assume(as_bytes(key) not in map(as_bytes, others))
    assert not opens(seal(plain, [key], "flow"), others, "flow")


@often(60)
@given(plains, purposes, texts)
def test_another_purpose_opens_nothing(plain: bytes, purpose: str, other: str) -> None:
    assume(purpose != other)
    assert not opens(seal(plain, ["key"], purpose), ["key"], other)


@often(150)
@given(
    st.one_of(
        texts,
        st.text(LETTERS, max_size=80),
        st.binary(max_size=80).map(lambda raw: base64.urlsafe_b64encode(b"\x01" + raw).decode()),
    )
)
def test_what_was_never_sealed_opens_nothing(noise: str) -> None:
    assert not opens(noise, ["key", b"\xff"], "flow")


# The cookies that are made of it.


def pending(**cookies: str) -> Pending:
    return Pending(keys=["key"], cookies=cookies, secure=False)


@often(60)
@given(st.one_of(texts, json_values.map(repr)), st.text(min_size=1, max_size=40))
def test_a_flow_cookie_of_anything_is_no_flow(value: str, key: str) -> None:
    with clock.replaced(lambda: NOW):
        [cookie] = pending().remember(flow(state=key), cross_site=False)
        assert pending(**{cookie.name: cookie.value}).find(key) is not None
        assert pending(**{cookie.name: value}).find(key) is None
        assert pending(**{cookie.name: value}).kept_answer(key) is None


@often(60)
@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_a_flow_cookie_under_another_name_is_no_flow(key: str, other: str) -> None:
    assume(key != other)
    with clock.replaced(lambda: NOW):
        [one] = pending().remember(flow(state=key), cross_site=False)
        [two] = pending().remember(flow(state=other), cross_site=False)
        assert pending(**{two.name: one.value}).find(other) is None
