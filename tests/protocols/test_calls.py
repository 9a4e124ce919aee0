"""Profiles of more calls than one, of none, and of posts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from flask_social.errors import ProviderError
from flask_social.protocols.calls import beside_token, calls, from_token, graphql, posted
from flask_social.protocols.credentials import in_form
from flask_social.protocols.identity import fields
from flask_social.protocols.profile import ApiProvider
from flask_social.protocols.token_answer import masked
from flask_social.values import Secret, Token

from .paper import CLIENT, Paper, answer, token

API = "https://api.op.example/"
PROVIDER = ApiProvider(id="op", name="Op", api_url=API, identity=fields(subject="id"))
RAW = masked(
    {
        "access_token": "granted",
        "user_id": 7,
        "account": {"refresh_token": "r", "name": "Ada"},
        "sites": [{"id": 1, "secret": "s"}, "two"],
        "tokens": ["a", "b"],
    }
)
OPEN = {
    "user_id": 7,
    "account": {"name": "Ada"},
    "sites": [{"id": 1}, "two"],
    "tokens": [],
}


def fetch(profile: Any, send: Paper, held: Token | None = None) -> Any:
    provider = replace(PROVIDER, profile=profile)
    return provider.fetch_profile(CLIENT, held or token(raw=RAW), send)


def test_the_token_answer_is_a_profile_without_its_secrets() -> None:
    send = Paper({})
    assert fetch(from_token, send) == OPEN
    assert send.sent == []
    assert "granted" not in repr(fetch(from_token, send))
    assert isinstance(RAW["access_token"], Secret)


def test_the_token_answer_may_stand_beside_what_the_api_tells() -> None:
    send = Paper({f"{API}me": answer({"id": 8, "token": "theirs"})})
    assert fetch(beside_token("me"), send) == {"id": 8, "token": OPEN}


def test_further_calls_are_members_of_the_first() -> None:
    send = Paper({f"{API}me": answer({"id": 7}), f"{API}mails": answer(["a@b.example"])})
    assert fetch(calls("me", mails="mails"), send) == {"id": 7, "mails": ["a@b.example"]}
    assert send.asked == [f"{API}me", f"{API}mails"]


@pytest.mark.parametrize("status", [403, 404])
def test_a_further_call_may_be_out_of_reach(status: int) -> None:
    send = Paper({f"{API}me": answer({"id": 7}), f"{API}mails": answer({}, status)})
    assert fetch(calls("me", mails="mails"), send) == {"id": 7, "mails": None}


@pytest.mark.parametrize(("me", "mails"), [(403, 200), (200, 401), (200, 500)])
def test_any_other_refusal_ends_the_trip(me: int, mails: int) -> None:
    send = Paper({f"{API}me": answer({"id": 7}, me), f"{API}mails": answer([], mails)})
    with pytest.raises(ProviderError, match="bad_answer"):
        fetch(calls("me", mails="mails"), send)


def test_a_form_is_posted_with_what_the_client_fills_in() -> None:
    send = Paper({f"{API}who": answer({"id": 7})})
    form = {"app": "{client_id}", "kind": "all", "team": "{team_id}"}
    assert fetch(posted("who?v=1", **form), send) == {"id": 7}
    [asked] = send.sent
    assert (asked.method, asked.form) == ("POST", {"app": "our-id", "kind": "all"})
    assert asked.headers["Authorization"] == "Bearer the-access-token"
    assert asked.url == f"{API}who?v=1"


def test_a_post_may_be_of_nothing() -> None:
    send = Paper({f"{API}who": answer({"id": 7})})
    assert fetch(posted("who"), send) == {"id": 7}
    assert (send.sent[0].method, send.sent[0].form, send.sent[0].body) == ("POST", None, None)


def test_a_token_may_be_a_field_of_the_form_that_is_posted() -> None:
    send = Paper({f"{API}who": answer({"id": 7}), f"{API}me": answer({"id": 7})})
    provider = replace(PROVIDER, token_use=in_form("token"), profile=posted("who", kind="all"))
    provider.fetch_profile(CLIENT, token(), send)
    assert send.sent[0].form == {"kind": "all", "token": "the-access-token"}
    assert "Authorization" not in send.sent[0].headers
    replace(provider, profile=None, profile_call="me").fetch_profile(CLIENT, token(), send)
    assert send.sent[1].headers["Authorization"] == "Bearer the-access-token"


def test_graphql_is_asked_by_json_and_answers_with_data() -> None:
    send = Paper({f"{API}graphql": answer({"data": {"me": {"id": 7}}})})
    assert fetch(graphql("graphql", "{me{id}}"), send) == {"me": {"id": 7}}
    [asked] = send.sent
    assert json.loads(asked.body or b"") == {"query": "{me{id}}"}
    assert (asked.method, asked.headers["Content-Type"]) == ("POST", "application/json")


@pytest.mark.parametrize(
    "said",
    [
        {"errors": [{"message": "no"}]},
        {"errors": [{}], "data": {"me": {"id": 7}}},
        {"message": "no"},
        [],
        None,
    ],
)
def test_a50_graphql_tells_errors_with_status_200(said: Any) -> None:
    with pytest.raises(ProviderError, match="bad_answer"):
        fetch(graphql("graphql", "{me{id}}"), Paper({f"{API}graphql": answer(said)}))
