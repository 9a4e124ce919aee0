"""OAuth 1.0a whose profile is signed with the consumer's secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc.jwk import OctKey

from flask_social.errors import ProviderError
from flask_social.http import Request, Response
from flask_social.protocols.identified import NONCE, Identified
from flask_social.protocols.identity import fields
from flask_social.protocols.token_answer import FORM
from flask_social.values import Grant

from .paper import CLIENT, ISSUER, NOW, Paper, answer, claims, flow, rsa, sign
from .signed import sent

PROVIDER = Identified(
    id="wiki",
    name="Wiki",
    request_token_url=f"{ISSUER}/initiate",
    authorize_url=f"{ISSUER}/authenticate",
    token_url=f"{ISSUER}/token",
    api_url=f"{ISSUER}/",
    profile_call="identify?title=x",
    signed_as=ISSUER,
    identity=fields(subject="sub", username="username"),
)
SECRET = OctKey.import_key(CLIENT.secret or "")
TOLD = {"sub": 12345, "username": "Ada Example", "exp": NOW + 100}


def statement(request: Request, key: Any = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    """What the provider says of the person to whoever made *request*."""
    [nonce] = NONCE.findall(request.headers["Authorization"])
    told = claims(**{**TOLD, "nonce": nonce, **changes})
    return sign(told, key, {"alg": algorithm, "kid": ...})


def says(**changes: Any) -> Callable[[Request], Response]:
    def page(request: Request) -> Response:
        return answer(statement(request, **changes).encode(), media="text/html")

    return page


def complete(page: Any, send: Paper | None = None) -> Grant:
    credentials = urlencode({"oauth_token": "the-token", "oauth_token_secret": "its-secret"})
    send = send or Paper({})
    send.answers |= {
        f"{ISSUER}/token": answer(credentials.encode(), media=FORM),
        f"{ISSUER}/identify": page,
    }
    trip = flow(request_token="asked", request_secret="secret")
    return PROVIDER.complete(CLIENT, trip, {"oauth_token": "asked", "oauth_verifier": "v"}, send)


def refusal(page: Any) -> ProviderError:
    with pytest.raises(ProviderError) as stopped:
        complete(page)
    return stopped.value


def test_the_statement_says_who_it_is() -> None:
    send = Paper({})
    grant = complete(says(), send)
    assert (grant.identity.subject, grant.identity.username) == ("12345", "Ada Example")
    asked = sent(send.sent[-1])
    assert asked.is_by(CLIENT.secret or "", "its-secret")
    assert asked.oauth["oauth_token"] == "the-token"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": ...},
        {"aud": "another consumer"},
        {"aud": ...},
        {"nonce": "of another request"},
        {"nonce": ...},
        {"nonce": ""},
        {"exp": NOW - 61},
        {"exp": ...},
        {"iat": NOW + 61},
        {"key": OctKey.import_key("another secret that is long enough")},
        {"key": rsa(), "algorithm": "RS256"},
        {"algorithm": "HS512"},
    ],
)
def test_a_statement_that_is_not_for_this_request_is_nobodys(changes: dict[str, Any]) -> None:
    assert refusal(says(**changes)).code in ("bad_answer", "bad_id_token")


def test_a_statement_is_of_no_use_a_second_time() -> None:
    kept: list[str] = []

    def once(request: Request) -> Response:
        kept.append(statement(request))
        return answer(kept[0].encode())

    assert complete(once).identity.subject == "12345"
    assert "nonce" in refusal(once).detail


@pytest.mark.parametrize(
    "page",
    [
        answer(b"Error: the token is unknown", media="text/html"),
        answer({"error": "mwoauth-oauth-exception"}),
        answer(b"", 200),
        answer("ä".encode()),
        answer(b"a.b.c", 401),
    ],
)
def test_what_is_no_statement_ends_the_trip(page: Response) -> None:
    assert refusal(page).code == "bad_answer"


def test_a_secret_that_is_too_short_signs_nothing() -> None:
    short = replace(CLIENT, secret="sixteen letters.")
    send = Paper({f"{ISSUER}/identify": says(key=OctKey.import_key("sixteen letters."))})
    token = complete(says()).token
    with pytest.raises(ProviderError, match="too short"):
        PROVIDER.read_identity(short, token, send)
