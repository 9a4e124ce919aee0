"""Proofs of possession, on paper: RFC 9449."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from flask_social.errors import ProviderError
from flask_social.http import Request, Response
from flask_social.protocols import dpop

from .paper import NOW, Paper, answer
from .proofs import challenge, hashed, key_of, proof_of, thumbprint, wants_nonce, with_nonce

URL = "https://op.example/token"
CALL = Request(method="POST", url=URL, purpose="asking")
KEY = dpop.new_key()


def test_a_proof_says_which_request_it_is_for() -> None:
    claims = proof_of(dpop.proven(CALL, KEY))
    assert len(claims.pop("jti")) == 43
    assert claims == {"htm": "POST", "htu": URL, "iat": NOW}


def test_the_address_in_a_proof_has_neither_query_nor_fragment() -> None:
    call = Request(url="https://op.example:8443/xrpc/a%20b?actor=did%3Aplc%3Ax#top", purpose="x")
    assert proof_of(dpop.proven(call, KEY))["htu"] == "https://op.example:8443/xrpc/a%20b"
    assert proof_of(dpop.proven(call, KEY))["htm"] == "GET"


def test_every_proof_is_another() -> None:
    assert len({proof_of(dpop.proven(CALL, KEY))["jti"] for _ in range(50)}) == 50


def test_every_key_is_another() -> None:
    assert len({thumbprint(dpop.new_key()) for _ in range(50)}) == 50


def test_a_token_goes_with_a_proof_that_names_it() -> None:
    request = dpop.bound(CALL, "the token", KEY)
    assert request.headers["Authorization"] == "DPoP the token"
    assert proof_of(request)["ath"] == hashed("the token")
    assert "nonce" not in proof_of(request)


def test_a_nonce_that_an_answer_wanted_goes_into_the_proof_and_not_along() -> None:
    again = dpop.challenged(CALL, challenge("n-7"))
    assert again is not None
    request = dpop.bound(again, "the token", KEY)
    assert proof_of(request)["nonce"] == "n-7"
    assert request.headers.keys() == {"Authorization", "DPoP"}


def test_neither_key_nor_token_nor_proof_is_shown() -> None:
    request = dpop.bound(CALL, "the token", KEY)
    told = [repr(request), repr(dict(request.headers)), repr(KEY)]
    private = json.loads(KEY)["d"]
    for text in told:
        assert private not in text
        assert "the token" not in text
        assert str(request.headers["DPoP"]) not in text


def asked(answers: list[Response]) -> tuple[Response, list[Request], int]:
    """The last answer, what was sent, and how often the request was made."""
    left, made = list(answers), 0

    def make() -> Request:
        nonlocal made
        made += 1
        return CALL.with_form(number=str(made))

    send = Paper({URL: lambda request: left.pop(0)})
    return dpop.sent(make, KEY, send), send.sent, made


def test_a_request_goes_once_where_no_nonce_is_wanted() -> None:
    found, sent, made = asked([answer({"ok": True})])
    assert (found.json(), len(sent), made) == ({"ok": True}, 1, 1)


@pytest.mark.parametrize("refusal", [wants_nonce, challenge], ids=["in the body", "in a header"])
def test_it_goes_once_more_with_the_nonce_and_is_made_anew(refusal: Callable[[], Response]) -> None:
    found, sent, made = asked([refusal(), answer({"ok": True})])
    assert (found.json(), made) == ({"ok": True}, 2)
    first, second = map(proof_of, sent)
    assert "nonce" not in first
    assert second["nonce"] == "nonce-2"
    assert first["jti"] != second["jti"]
    assert [request.form for request in sent] == [{"number": "1"}, {"number": "2"}]


def test_it_goes_no_third_time() -> None:
    found, sent, _ = asked([wants_nonce("one"), wants_nonce("two"), answer({})])
    assert (found.status, len(sent)) == (400, 2)


def test_it_goes_once_more_with_one_key() -> None:
    _, sent, _ = asked([wants_nonce(), answer({})])
    assert [key_of(request) for request in sent] == [thumbprint(KEY)] * 2


@pytest.mark.parametrize(
    "final",
    [
        wants_nonce(None),
        wants_nonce(""),
        wants_nonce('quo"ted'),
        wants_nonce("n" * 513),
        wants_nonce("two words"),
        challenge(error="invalid_token"),
        challenge(error="use_dpop_nonces"),
        with_nonce(answer({"error": "invalid_grant"}, 400)),
        with_nonce(answer(["use_dpop_nonce"], 400)),
        with_nonce(answer(b"use_dpop_nonce", 400)),
        with_nonce(answer({"error": "use_dpop_nonce"}, 403)),
        with_nonce(answer({"error": "use_dpop_nonce"})),
    ],
)
def test_what_asks_for_no_nonce_that_can_be_sent_is_final(final: Response) -> None:
    found, sent, _ = asked([final])
    assert found is final
    assert len(sent) == 1
    assert dpop.challenged(CALL, final) is None


def members(key: Any, **changes: Any) -> str:
    return json.dumps({**key.as_dict(private=True), **changes})


@pytest.mark.parametrize(
    "key",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        '{"kty": "EC"}',
        members(ECKey.generate_key("P-256"), d="AA", x="AA"),
        members(ECKey.generate_key("P-384")),
        members(RSAKey.generate_key(2048)),
        members(OKPKey.generate_key("Ed25519")),
        json.dumps(ECKey.generate_key("P-256").as_dict(private=False)),
    ],
)
def test_what_is_no_key_of_ours_signs_nothing(key: str) -> None:
    with pytest.raises(ProviderError, match="no_key") as caught:
        dpop.proven(CALL, key)
    assert key not in str(caught.value) or not key
