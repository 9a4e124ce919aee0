"""Who granted a token, as the API says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from flask_social.errors import ProviderError, ProviderUnavailable
from flask_social.http import Get
from flask_social.protocols.credentials import in_query
from flask_social.protocols.identity import STEP, fields
from flask_social.protocols.profile import ApiProvider
from flask_social.values import Identity, Token

from .paper import CLIENT, Paper, answer, token

PROVIDER = ApiProvider(
    id="op",
    name="Op",
    api_url="https://api.op.example/v1/",
    profile_call="me?fields=id",
    identity=fields(subject="id", name="name"),
)


def network(**answers: Any) -> Paper:
    return Paper(
        {
            "https://api.op.example/v1/me": answers.get("me", answer({"id": 7, "name": "Ada"})),
            "https://api.op.example/v1/mail": answers.get("mail", answer(["a@b.example"])),
            "https://api.op.example/v1/": answers.get("root", answer({"id": 8})),
        }
    )


def read(provider: ApiProvider = PROVIDER, **answers: Any) -> Identity:
    return provider.read_identity(CLIENT, token(), network(**answers))


def test_a_profile_is_one_call_by_the_token() -> None:
    send = network()
    found = PROVIDER.read_identity(CLIENT, token(), send)
    assert (found.subject, found.name) == ("7", "Ada")
    (call,) = send.sent
    assert (call.method, call.url) == ("GET", "https://api.op.example/v1/me?fields=id")
    assert call.headers == {
        "Accept": "application/json",
        "User-Agent": "Flask-Social",
        "Authorization": "Bearer the-access-token",
    }
    assert call.purpose == STEP


def test_the_token_goes_where_the_provider_wants_it() -> None:
    send = network()
    replace(PROVIDER, token_use=in_query("key")).fetch_profile(CLIENT, token(), send)
    (call,) = send.sent
    assert call.url == "https://api.op.example/v1/me?fields=id&key=the-access-token"
    assert "Authorization" not in call.headers


def test_without_a_call_the_api_itself_is_the_profile() -> None:
    assert read(replace(PROVIDER, profile_call=None)).subject == "8"


@pytest.mark.parametrize(
    ("me", "code"),
    [
        (answer({"id": 7}, 401), "bad_answer"),
        (answer({"id": 7}, 204), "bad_answer"),
        (answer(b"{"), "bad_answer"),
        (answer({"id": 7}, media="text/html"), "bad_answer"),
        (answer({"name": "Ada"}), "no_subject"),
        (answer([1, 2]), "no_subject"),
        (answer({"id": None}), "no_subject"),
        (answer({"id": True}), "no_subject"),
        (answer({"id": 1e21}), "no_subject"),
        (answer({"id": 0}), "no_subject"),
        (ProviderUnavailable("reading the profile", "too_slow"), "too_slow"),
    ],
)
def test_a_profile_that_names_nobody_ends_the_trip(me: Any, code: str) -> None:
    with pytest.raises(ProviderError) as stopped:
        read(me=me)
    assert stopped.value.code == code


def test_a49_a_number_and_its_text_are_the_same_person() -> None:
    assert {read(me=answer({"id": each})).subject for each in (123, "123")} == {"123"}


def two_calls(get: Get, granted: Token) -> Mapping[str, Any]:
    return {**get("me"), "mail": get("mail", absent=(403, 404))}


@pytest.mark.parametrize(
    ("mail", "email"),
    [(answer(["a@b.example"]), "a@b.example"), (answer({}, 404), None), (answer({}, 403), None)],
)
def test_a_profile_of_several_calls_may_do_without_one(mail: Any, email: str | None) -> None:
    provider = replace(PROVIDER, profile=two_calls, identity=fields(subject="id", email="mail[0]"))
    assert read(provider, mail=mail).email == email


@pytest.mark.parametrize(
    "changes", [{"profile": two_calls}, {"identity": lambda profile: profile["nowhere"]}]
)
def test_a_profile_of_another_shape_blames_the_provider(changes: dict[str, Any]) -> None:
    with pytest.raises(ProviderError, match="another shape") as stopped:
        read(replace(PROVIDER, **changes), me=answer([7]))
    assert (stopped.value.step, stopped.value.code) == (STEP, "bad_answer")


def test_a_status_that_no_call_expects_is_refused() -> None:
    get = PROVIDER.reader(CLIENT, token(), network(mail=answer({}, 404)))
    with pytest.raises(ProviderError, match="status 404"):
        get("mail", absent=(403,))


def test_a_provider_without_an_identity_says_so_and_asks_nobody() -> None:
    send = network()
    with pytest.raises(ProviderError, match="op declares no identity") as stopped:
        replace(PROVIDER, identity=None).read_identity(CLIENT, token(), send)
    assert (stopped.value.code, send.sent) == ("no_subject", [])
