"""A75: who may come in is what the claims say, and nothing that was sent along."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flask_social.errors import ConfigurationError, Denied, ProviderError, ProviderUnavailable
from flask_social.protocols.admission import read_required, require
from flask_social.protocols.identity import fields
from flask_social.protocols.oidc import OIDC
from flask_social.protocols.refreshing import Known
from flask_social.values import Token

from .paper import CLIENT, ISSUER, Paper, answer, claims, flow, sign
from .test_oidc import GRANTED, PROVIDER, complete, network

ACME = replace(PROVIDER, required_claims=("hd=acme.example",))
KNOWN = Known(subject="person-1", issuer=ISSUER)


def test_what_is_required_is_a_claim_and_the_values_it_may_have() -> None:
    found = read_required("op", ["hd=a.example", "hd=b.example", "groups=x=y"])
    assert found == {"hd": {"a.example", "b.example"}, "groups": {"x=y"}}
    assert read_required("op", ()) == {}


@pytest.mark.parametrize("text", ["", "hd", "hd=", "=acme.example", "="])
def test_what_requires_nothing_stops_the_start(text: str) -> None:
    with pytest.raises(ConfigurationError, match="op: required_claims"):
        replace(PROVIDER, required_claims=(text,))


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"hd": None},
        {"hd": ""},
        {"hd": "ACME.example"},
        {"hd": "acme.example "},
        {"hd": "acme.example.evil.example"},
        {"hd": "evil.example"},
        {"hd": []},
        {"hd": ["evil.example"]},
        {"hd": [["acme.example"]]},
        {"hd": {"acme.example": True}},
        {"hd": True},
        {"HD": "acme.example"},
    ],
)
def test_a75_a_claim_that_is_missing_or_another_lets_nobody_in(told: dict[str, Any]) -> None:
    with pytest.raises(Denied, match="refused") as stopped:
        require(read_required("op", ACME.required_claims), told)
    assert "acme.example" not in str(stopped.value)
    with pytest.raises(Denied, match="refused"):
        complete(network(sign(claims(**told)), me=answer({"sub": "person-1"})), ACME)


@pytest.mark.parametrize("hd", ["acme.example", ["evil.example", "acme.example"]])
def test_a75_the_claim_lets_in(hd: Any) -> None:
    assert complete(network(sign(claims(hd=hd))), ACME).identity.subject == "person-1"


def test_a75_all_that_is_required_has_to_be_there() -> None:
    provider = replace(PROVIDER, required_claims=("hd=a", "hd=b", "groups=staff"))
    assert complete(network(sign(claims(hd="b", groups=["x", "staff"]))), provider)
    for told in ({"hd": "b"}, {"groups": ["staff"]}, {"hd": "c", "groups": ["staff"]}):
        with pytest.raises(Denied):
            complete(network(sign(claims(**told)), me=answer({"sub": "person-1"})), provider)


def test_a75_a_parameter_of_the_request_restricts_nobody() -> None:
    provider = replace(ACME, authorize_params={"hd": "acme.example"})
    _, url = provider.begin(CLIENT, flow(), network())
    assert "hd=acme.example" in url
    with pytest.raises(Denied):
        complete(network(), provider)


def test_userinfo_is_asked_for_a_claim_that_the_id_token_lacks() -> None:
    send = network(me=answer({"sub": "person-1", "hd": "acme.example"}))
    assert complete(send, ACME).identity.subject == "person-1"
    assert send.asked[-1] == f"{ISSUER}/me"
    send = network(sign(claims(hd="acme.example")))
    complete(send, ACME)
    assert f"{ISSUER}/me" not in send.asked


def test_a75_where_the_groups_cannot_be_read_nobody_comes_in() -> None:
    provider = replace(
        PROVIDER, required_claims=("groups=staff",), api_url=f"{ISSUER}/api/", profile_call="groups"
    )
    away = ProviderUnavailable("reading the profile", "server_error")
    for said in (answer({}, 500), answer({}, 403), answer([]), away):
        send = network(**{"api/groups": said})
        with pytest.raises(ProviderError):
            complete(send, provider)
    assert complete(network(**{"api/groups": answer({"groups": ["staff"]})}), provider)


# Refreshing


def refresh(provider: OIDC, told: Any, token: Token | None = None) -> Token:
    send = network(...)
    members = {**GRANTED, "refresh_token": "next", **({"id_token": sign(told)} if told else {})}
    send.answers[f"{ISSUER}/token"] = answer(members)
    send.answers[f"{ISSUER}/me"] = answer({"sub": "person-1"})
    return provider.refresh(CLIENT, token or stored(), KNOWN, send)


def stored() -> Token:
    told = sign(claims(hd="acme.example"))
    return Token(access_token="old", refresh_token="spent", id_token=told)


@pytest.mark.parametrize("identity", [None, fields(subject="sub")])
def test_a75_a_refresh_is_for_those_who_may_still_come(identity: Any) -> None:
    provider = replace(ACME, identity=identity)
    assert refresh(provider, claims(hd="acme.example")).access_token == "granted"
    for told in (claims(), claims(hd="evil.example")):
        for token in (stored(), replace(stored(), id_token=None)):
            with pytest.raises(ProviderError) as stopped:
                refresh(provider, told, token)
            assert stopped.value.code == "changed"


def test_a_refresh_that_tells_nothing_of_the_person_changes_nothing() -> None:
    assert refresh(ACME, None).access_token == "granted"


def test_a_refresh_of_a_provider_that_requires_nothing_asks_for_no_more() -> None:
    send = Paper(network(...).answers)
    send.answers[f"{ISSUER}/token"] = answer({**GRANTED, "id_token": sign(claims())})
    PROVIDER.refresh(CLIENT, stored(), KNOWN, send)
    assert f"{ISSUER}/me" not in send.asked
