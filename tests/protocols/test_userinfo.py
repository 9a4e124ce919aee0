"""What UserInfo adds to an ID token."""

from __future__ import annotations

from typing import Any

import pytest

from flask_social.errors import ProviderError
from flask_social.http import Request, Response
from flask_social.protocols import userinfo
from flask_social.protocols.id_token import Rules
from flask_social.protocols.identity import fields
from flask_social.protocols.keys import read_keys

from .paper import CLIENT, ISSUER, NOW, Paper, answer, public, rsa, sign

KEYS = read_keys(answer({"keys": [public(rsa())]}))
RULES = Rules(
    issuers=(ISSUER,), client_id=CLIENT.id, algorithms=("RS256",), nonce="", started_at=NOW
)
URL = f"{ISSUER}/me"
SIGNED = {"iss": ISSUER, "aud": CLIENT.id, "sub": "person-1", "name": "Ada"}


def fetch(response: Response) -> dict[str, Any]:
    request = Request(url=URL, purpose=userinfo.STEP)
    return userinfo.fetch(request, "person-1", RULES, lambda anew: KEYS, Paper({URL: response}))


def signed(**changes: Any) -> Response:
    members = {n: v for n, v in {**SIGNED, **changes}.items() if v is not ...}
    return answer(sign(members).encode(), media="application/jwt")


def refusal(response: Response) -> str:
    with pytest.raises(ProviderError) as stopped:
        fetch(response)
    assert stopped.value.step == "fetching UserInfo"
    return stopped.value.code


def test_claims_about_the_same_person_are_taken() -> None:
    assert fetch(answer({"sub": "person-1", "name": "Ada"}))["name"] == "Ada"
    assert fetch(signed())["name"] == "Ada"


@pytest.mark.parametrize("sub", ["person-2", "", None, 1, ["person-1"], "PERSON-1", "person-1 "])
def test_a51_claims_about_somebody_else_end_the_trip(sub: Any) -> None:
    assert refusal(answer({"sub": sub, "name": "Eve"})) == "wrong_subject"
    assert refusal(signed(sub=sub)) == "wrong_subject"


def test_a51_claims_about_nobody_end_the_trip() -> None:
    assert refusal(answer({"name": "Eve"})) == "wrong_subject"
    assert refusal(signed(sub=...)) == "wrong_subject"


@pytest.mark.parametrize(
    "changes",
    [{"aud": "other"}, {"aud": ...}, {"aud": [CLIENT.id, "other"]}, {"iss": ...}, {"iss": "x"}],
    ids=str,
)
def test_a51_a_signed_answer_is_from_the_issuer_for_this_application(changes: Any) -> None:
    assert refusal(signed(**changes)) == "bad_answer"


@pytest.mark.parametrize(
    "response",
    [
        answer({"sub": "person-1"}, 401),
        answer(["person-1"]),
        answer(b"sub=person-1", media="text/plain"),
        answer({"sub": "person-1"}, media="application/jwt"),
        answer("ä".encode(), media="application/jwt"),
        answer(sign(SIGNED, rsa("x"), {"kid": "one"}).encode(), media="application/jwt"),
        answer(sign(b"[]").encode(), media="application/jwt"),
    ],
)
def test_an_answer_that_cannot_be_trusted_is_refused(response: Response) -> None:
    assert refusal(response) == "bad_answer"


def test_what_the_id_token_says_stays() -> None:
    merged = userinfo.merged(
        {"sub": "1", "name": "Ada"}, {"sub": "1", "name": "Eve", "picture": "p"}
    )
    assert merged == {"sub": "1", "name": "Ada", "picture": "p", "email_verified": None}


@pytest.mark.parametrize(
    ("claims", "more", "email", "verified"),
    [
        ({"email": "a"}, {"email": "b", "email_verified": True}, "a", None),
        ({"email_verified": True}, {"email": "b"}, "b", None),
        ({}, {"email": "b", "email_verified": True}, "b", True),
        ({"email": "a", "email_verified": True}, {"email": "b"}, "a", True),
        ({"email": "a", "email_verified": False}, {"email_verified": True}, "a", False),
    ],
)
def test_the_flag_of_one_source_never_vouches_for_the_address_of_the_other(
    claims: dict[str, Any], more: dict[str, Any], email: str, verified: bool | None
) -> None:
    merged = userinfo.merged(claims, more)
    assert (merged["email"], merged["email_verified"]) == (email, verified)


EDOV = userinfo.flags_of(fields(subject="id", email=("email", "mail"), email_verified=("edov",)))


@pytest.mark.parametrize(
    ("claims", "more", "flag"),
    [
        ({"edov": True}, {"email": "b"}, None),
        ({"email": "a"}, {"email": "b", "edov": True}, None),
        ({"email": "a", "edov": True}, {"edov": False}, True),
        ({}, {"email": "b", "edov": True}, True),
        ({"edov": True}, {"mail": "b"}, None),
    ],
)
def test_nor_does_a_flag_of_another_name(
    claims: dict[str, Any], more: dict[str, Any], flag: bool | None
) -> None:
    assert userinfo.merged(claims, more, EDOV)["edov"] is flag


@pytest.mark.parametrize(
    ("sources", "flags"),
    [
        ({}, {}),
        ({"email": "mail", "email_verified": "checked"}, {"checked": "mail"}),
        ({"email": "mails[0].mail", "email_verified": "mails[0].checked"}, {}),
        ({"email": "mail", "email_verified": lambda profile: True}, {}),
    ],
)
def test_only_claims_themselves_are_flags(sources: dict[str, Any], flags: dict[str, str]) -> None:
    known = userinfo.flags_of(fields(subject="id", **sources))
    assert known == {**flags, "email_verified": "email"}
    assert userinfo.flags_of(None) == {"email_verified": "email"}


def test_a_flag_that_nobody_tells_is_not_made_up() -> None:
    assert "edov" not in userinfo.merged({"email": "a"}, {"name": "Ada"}, EDOV)
