"""Who granted a token, as the API says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from flask_social.errors import ConfigurationError, ProviderError, ProviderUnavailable
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


# What a provider file declares besides.


def test_a_path_is_filled_from_the_token_answer() -> None:
    provider = replace(PROVIDER, profile_call="users/{token.user.id}?of={token.team}")
    send = Paper({"https://api.op.example/v1/users/7%2F8": answer({"id": 7})})
    held = token(raw={"user": {"id": "7/8"}, "team": 3})
    assert provider.read_identity(CLIENT, held, send).subject == "7"
    assert send.sent[0].url.endswith("/users/7%2F8?of=3")


@pytest.mark.parametrize(
    "told",
    [{}, *({"user_id": odd} for odd in (None, "", [1], True, 1.5, ".", "..", "\ud800", "a\0"))],
)
def test_a_token_answer_that_does_not_say_whose_it_is_ends_the_trip(told: dict[str, Any]) -> None:
    provider = replace(PROVIDER, profile_call="users/{token.user_id}")
    send = Paper({})
    with pytest.raises(ProviderError, match="does not say whose"):
        provider.read_identity(CLIENT, token(raw=told), send)
    assert send.sent == []


def test_every_request_carries_the_providers_headers_in_place_of_ours() -> None:
    provider = replace(
        PROVIDER, headers={"Client-Id": "{client_id}", "accept": "x/y", "Team": "{team_id}"}
    )
    send = network()
    provider.read_identity(CLIENT, token(), send)
    headers = dict(send.sent[0].headers)
    assert (headers["Client-Id"], headers["accept"]) == ("our-id", "x/y")
    assert {"Accept", "Team"}.isdisjoint(headers)


def test_an_api_may_call_its_json_something_else() -> None:
    provider = replace(PROVIDER, api_media="text/javascript")
    assert read(provider, me=answer({"id": 7}, media="text/javascript")).subject == "7"
    with pytest.raises(ProviderError, match="bad_answer"):
        read(me=answer({"id": 7}, media="text/javascript"))
    with pytest.raises(ProviderError, match="bad_answer"):
        read(provider, me=answer({"id": 7}, media="text/html"))


@pytest.mark.parametrize(
    ("trust", "flag", "verified"),
    [
        (None, True, True),
        (None, None, False),
        ("flag", True, True),
        ("flag", False, False),
        ("always", False, True),
        ("always", None, True),
        ("never", True, False),
        ("none", False, False),
        ("none", True, False),
    ],
)
def test_a55_an_address_counts_as_the_provider_deserves(
    trust: str | None, flag: Any, verified: bool
) -> None:
    provider = replace(
        PROVIDER,
        email_trust=trust,
        identity=fields(subject="id", email="mail", email_verified="flag"),
    )
    told = {"id": 7, "mail": "a@b.example", "flag": flag}
    assert read(provider, me=answer(told)).email_verified is verified
    without = read(provider, me=answer({"id": 7, "flag": True}))
    assert (without.email, without.email_verified) == (None, False)


def test_a_word_that_says_nothing_of_addresses_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="email_trust is one of flag, always"):
        replace(PROVIDER, email_trust="sometimes")


def test_a_call_on_another_host_goes_there_or_to_where_a_sandbox_plays_it() -> None:
    other = "https://graph.op.example/v2/me?a=1"
    assert PROVIDER.api_address(other) == other
    assert PROVIDER.api_address("me") == "https://api.op.example/v1/me"
    played = replace(PROVIDER, api_url="http://box/op/api/", played_at="http://box/op")
    assert played.api_address(other) == "http://box/op/at/graph.op.example/v2/me?a=1"
    assert played.api_address("https://x.example/me") == "http://box/op/at/x.example/me"
    assert played.api_address("me") == "http://box/op/api/me"
