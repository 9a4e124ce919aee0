"""A session that an API tells, in a refusal, what else it wants: a nonce for a proof."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest

from flask_social.api import ApiSession
from flask_social.http import Request, Response
from flask_social.values import Client, Token

from .faulty import PATIENT, Exchange, Faulty

WANTED = 'Sign error="use_dpop_nonce"'


def proven(request: Request, token: Token, client: Client) -> Request:
    """The token, and a proof with the nonce if one is known."""
    headers = dict(request.headers)
    nonce = headers.pop("X-Nonce", "none")
    plain = replace(request, headers=headers)
    return plain.with_headers(Authorization=f"Sign {token.access_token}", X_Proof=nonce)


def challenged(request: Request, response: Response) -> Request | None:
    if "use_dpop_nonce" not in response.headers.get("www-authenticate", ""):
        return None
    return request.with_headers(X_Nonce=response.headers["x-nonce"])


class Renewing:
    """A renewal that notes what it is asked for."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.token = "old"

    def __call__(self) -> Token:
        return Token(access_token=self.token)

    def renew(self, refused: str) -> Token:
        self.refused.append(refused)
        self.token = "new"
        return self()

    def give_up(self, refused: str) -> None:
        self.refused.append(f"gave up {refused}")


def session_at(server: Faulty, renewing: Renewing | None = None) -> ApiSession:
    return ApiSession(
        base_url=f"{server.url}/v1",
        token=renewing or Token(access_token="old"),
        client=Client(id="app"),
        token_use=proven,
        options=PATIENT,
        renewal=renewing,
        challenged=challenged,
    )


def answers(*script: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
    left = list(script)

    def script_in_turn(exchange: Exchange) -> None:
        left.pop(0)(exchange)

    return script_in_turn


def well(exchange: Exchange) -> None:
    exchange.reply(b"well")


def wants(nonce: str) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.reply(
        b"no", 401, **{"WWW-Authenticate": WANTED, "X-Nonce": nonce}
    )


def proofs(server: Faulty) -> list[str]:
    return [each.headers["x-proof"] for each in server.requests]


def test_a_request_goes_once_more_with_what_is_wanted() -> None:
    with Faulty(answers(wants("n-1"), well)) as server, session_at(server) as session:
        answer = session.post("things", json={"a": 1})
        assert answer.text == "well"
    first, second = server.requests
    assert proofs(server) == ["none", "n-1"]
    assert first.body == second.body == b'{"a": 1}'
    assert "x-nonce" not in second.headers, "it is in the proof"


def test_what_was_wanted_goes_with_all_that_follows() -> None:
    script = answers(wants("n-1"), well, well, wants("n-2"), well)
    with Faulty(script) as server, session_at(server) as session:
        for _ in range(3):
            assert session.get("a").status_code == 200
    assert proofs(server) == ["none", "n-1", "n-1", "n-1", "n-2"]


def test_a_second_refusal_is_the_answer_and_renews_nothing() -> None:
    renewing = Renewing()
    script = answers(wants("n-1"), wants("n-2"))
    with Faulty(script) as server, session_at(server, renewing) as session:
        answer = session.get("a")
        assert answer.status_code == 401
        assert answer.text == "no"
    assert renewing.refused == []
    assert len(server.requests) == 2


def test_a_body_that_is_gone_is_not_sent_again_but_the_next_request_knows() -> None:
    renewing = Renewing()
    with Faulty(answers(wants("n-1"), well)) as server, session_at(server, renewing) as session:
        assert session.put("a", data=io.BytesIO(b"once")).status_code == 401
        assert session.get("b").status_code == 200
    assert proofs(server) == ["none", "n-1"]
    assert renewing.refused == []


def refuses(exchange: Exchange) -> None:
    exchange.reply(b"", 401, **{"WWW-Authenticate": 'Sign error="invalid_token"'})


def test_a_token_that_is_refused_after_that_is_renewed() -> None:
    renewing = Renewing()
    script = answers(wants("n-1"), refuses, wants("n-2"), well)
    with Faulty(script) as server, session_at(server, renewing) as session:
        assert session.get("a").status_code == 200
    assert renewing.refused == ["old"]
    assert proofs(server) == ["none", "n-1", "n-1", "n-2"]
    tokens = [each.headers["authorization"] for each in server.requests]
    assert tokens == ["Sign old", "Sign old", "Sign new", "Sign new"]


def test_a_new_token_that_is_refused_too_is_given_up() -> None:
    renewing = Renewing()
    script = answers(refuses, wants("n-1"), refuses)
    with Faulty(script) as server, session_at(server, renewing) as session:
        assert session.get("a").status_code == 401
    assert renewing.refused == ["old", "gave up new"]


def moved(exchange: Exchange) -> None:
    exchange.reply(b"", 302, Location="/v1/elsewhere")


def test_what_is_wanted_behind_a_redirect_goes_there() -> None:
    with Faulty(answers(moved, wants("n-1"), well)) as server, session_at(server) as session:
        assert session.get("a").status_code == 200
    targets = [each.target for each in server.requests]
    assert targets == ["/v1/a", "/v1/elsewhere", "/v1/elsewhere"]
    assert proofs(server) == ["none", "none", "n-1"]


@pytest.mark.parametrize("path", ["a", "b?c=d"])
def test_without_anybody_to_heed_it_a_refusal_is_the_answer(path: str) -> None:
    with Faulty(wants("n-1")) as server:
        plain = ApiSession(
            base_url=server.url,
            token=Token(access_token="old"),
            client=Client(id="app"),
            token_use=proven,
            options=PATIENT,
        )
        with plain as session:
            assert session.get(path).status_code == 401
    assert len(server.requests) == 1
