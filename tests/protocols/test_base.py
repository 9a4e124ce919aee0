"""The steps that every protocol shares."""

from __future__ import annotations

import re

import pytest

from flask_social.errors import Denied, ProviderError, ProviderUnavailable
from flask_social.protocols import base

from .paper import answer


def test_the_challenge_is_that_of_rfc_7636_appendix_b() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert base.s256(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_what_cannot_be_guessed_has_256_bits_in_unreserved_characters() -> None:
    made = {base.unguessable() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", each) for each in made)
    assert all(repr(each) == "<secret>" for each in made)


@pytest.mark.parametrize("code", sorted(base.CANCELLED))
def test_a_person_who_presses_cancel_is_no_fault_of_the_provider(code: str) -> None:
    with pytest.raises(Denied) as stopped:
        base.refuse_error({"error": code}, "reading")
    assert stopped.value.code == "denied"


@pytest.mark.parametrize(
    ("code", "ours"),
    [("server_error", "server_error"), ("<script>", "unknown_error"), ("x" * 999, "unknown_error")],
)
def test_an_error_is_known_by_its_registered_code_alone(code: str, ours: str) -> None:
    with pytest.raises(ProviderError) as stopped:
        base.refuse_error({"error": code, "error_description": "their words"}, "reading")
    assert (stopped.value.code, stopped.value.step) == (ours, "reading")
    assert "their words" not in str(stopped.value)


def test_a_provider_that_says_so_is_away_for_a_while() -> None:
    with pytest.raises(ProviderUnavailable) as stopped:
        base.refuse_error({"error": "temporarily_unavailable"}, "reading")
    assert (stopped.value.code, stopped.value.step) == ("temporarily_unavailable", "reading")


@pytest.mark.parametrize("params", [{}, {"error": ""}])
def test_no_error_is_none(params: dict[str, str]) -> None:
    base.refuse_error(params, "reading")
    assert params.get("code") is None


def test_an_object_is_read_as_it_is() -> None:
    assert base.read_object(answer({"a": [1]}), "reading") == {"a": [1]}


@pytest.mark.parametrize(
    "response",
    [answer([]), answer(b"{"), answer(b'{"a": 1, "a": 2}'), answer({}, media="text/html")],
)
def test_what_is_no_object_is_refused(response: object) -> None:
    with pytest.raises(ProviderError) as stopped:
        base.read_object(response, "reading")  # type: ignore[arg-type]
    assert stopped.value.code == "bad_answer"


@pytest.mark.parametrize("error", [KeyError("x"), TypeError(), AttributeError(), ValueError("x")])
def test_a_hook_that_meets_another_shape_blames_the_answer(error: Exception) -> None:
    def hook() -> None:
        raise error

    with pytest.raises(ProviderError, match=type(error).__name__) as stopped:
        base.read_by_hook(hook, "reading")
    assert stopped.value.code == "bad_answer"
