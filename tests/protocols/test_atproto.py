"""Logins of the AT Protocol, on paper."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt

from flask_social.errors import ConfigurationError, Denied, ProviderError, ProviderUnavailable
from flask_social.http import Request
from flask_social.protocols import discovery, dpop
from flask_social.protocols.base import s256
from flask_social.protocols.bond import Bond
from flask_social.protocols.client_metadata import NO_ID, Site
from flask_social.protocols.refreshing import Known
from flask_social.values import Client, Grant, Intent, Token

from .paper import Paper, answer, ec, flow
from .proofs import challenge, hashed, key_of, proof_of, thumbprint, wants_nonce, with_nonce
from .sky import (
    DID,
    DOCUMENT,
    ISSUER,
    OTHER,
    PAR,
    PDS,
    RESOURCE,
    REVOKE,
    SERVER,
    SESSION,
    SKY,
    TOKEN,
    URN,
    WE,
    document,
    granted,
    in_turn,
    metadata,
    resource,
    session,
    sky,
)

SIGNING = replace(WE, private_key=json.dumps(ec().as_dict(private=True)), key_id="ours")
KEY = dpop.new_key()
ME = Known(subject=DID)
CAME = {"code": "the-code", "state": "the-state", "iss": ISSUER}


def home(send: Paper, **params: str) -> Grant:
    """What a trip brings home."""
    return SKY.complete(WE, flow(request_secret=KEY), {**CAME, **params}, send)


def held(**changes: Any) -> Token:
    """A token as it is stored."""
    bond = Bond(key=KEY, server=PDS, issuer=ISSUER)
    members = {"access_token": "old-access", "refresh_token": "old-refresh", "secret": bond.text}
    return Token(**{**members, "token_type": "DPoP", **changes})


def to(send: Paper, url: str) -> list[Request]:
    return [request for request in send.sent if request.url.partition("?")[0] == url]


# Out


def test_the_request_is_pushed_and_the_person_carries_its_name_alone() -> None:
    send = sky()
    sent, url = SKY.begin(WE, flow(state="", code_verifier=""), send)
    assert url.partition("?")[0] == f"{ISSUER}/oauth/authorize"
    assert parse_qs(urlsplit(url).query) == {"client_id": [WE.id], "request_uri": [URN]}
    assert send.asked == [SERVER, PAR]
    assert send.sent[1].form == {
        "client_id": WE.id,
        "response_type": "code",
        "redirect_uri": "https://app.example/login/op",
        "scope": "atproto transition:generic transition:email",
        "state": sent.state,
        "code_challenge": s256(sent.code_verifier),
        "code_challenge_method": "S256",
    }
    assert sent.issuer == ISSUER
    assert sent.key == sent.state


def test_the_key_of_a_trip_is_its_own_and_proves_the_request() -> None:
    send = sky()
    trips = [SKY.begin(WE, flow(), send)[0] for _ in range(5)]
    pushed = to(send, PAR)
    assert [key_of(each) for each in pushed] == [thumbprint(each.request_secret) for each in trips]
    assert len({key_of(each) for each in pushed}) == 5
    claims = proof_of(pushed[0])
    assert (claims["htm"], claims["htu"]) == ("POST", PAR)
    assert trips[0].request_secret not in repr(trips[0])


def test_a_nonce_that_is_wanted_is_given_once() -> None:
    pushed = with_nonce(answer({"request_uri": URN}, 201))
    send = sky({PAR: in_turn(wants_nonce("n-3"), pushed)})
    SKY.begin(WE, flow(), send)
    first, second = to(send, PAR)
    assert "nonce" not in proof_of(first)
    assert proof_of(second)["nonce"] == "n-3"
    send = sky({PAR: in_turn(wants_nonce(), wants_nonce(), pushed)})
    with pytest.raises(ProviderError, match="unknown_error"):
        SKY.begin(WE, flow(), send)
    assert len(to(send, PAR)) == 2


def test_a_server_that_gives_no_nonce_is_none_of_these() -> None:
    send = sky({PAR: answer({"request_uri": URN}, 201)})
    with pytest.raises(ProviderError, match="there is no DPoP-Nonce"):
        SKY.begin(WE, flow(), send)


def test_who_has_to_come_back_is_told() -> None:
    send = sky()
    SKY.begin(WE, flow(intent=Intent.RECONNECT, subject=DID), send)
    assert (send.sent[1].form or {})["login_hint"] == DID


def test_it_proves_to_nobody_that_the_person_is_there_now() -> None:
    send = sky()
    with pytest.raises(Denied, match="cannot_verify"):
        SKY.begin(WE, flow(intent=Intent.VERIFY), send)
    assert send.sent == []


def test_an_application_with_a_key_signs_for_the_issuer_alone_and_anew_each_time() -> None:
    pushed = with_nonce(answer({"request_uri": URN}, 201))
    send = sky({PAR: in_turn(wants_nonce(), pushed)})
    SKY.begin(SIGNING, flow(), send)
    told = []
    for request in to(send, PAR):
        form = request.form or {}
        assert form["client_assertion_type"].endswith(":jwt-bearer")
        token = jwt.decode(form["client_assertion"], ec(), algorithms=["ES256"])
        assert token.header["kid"] == "ours"
        assert token.claims["aud"] == ISSUER
        assert token.claims["iss"] == token.claims["sub"] == form["client_id"] == WE.id
        told.append(token.claims["jti"])
    assert len(set(told)) == 2


# The authorization server's metadata


def test_metadata_are_read_once() -> None:
    send = sky()
    SKY.begin(WE, flow(), send)
    home(send)
    assert send.asked.count(SERVER) == 1


@pytest.mark.parametrize("issuer", [f"{ISSUER}/", "https://evil.example", None, ...])
def test_metadata_that_speak_for_another_issuer_are_refused(issuer: Any) -> None:
    send = sky({SERVER: answer(metadata(issuer=issuer))})
    with pytest.raises(ProviderUnavailable, match="wrong_issuer"):
        SKY.begin(WE, flow(), send)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("authorization_endpoint", ...),
        ("token_endpoint", ...),
        ("pushed_authorization_request_endpoint", ...),
        ("pushed_authorization_request_endpoint", "http://auth.example.org/par"),
        ("token_endpoint", "https://10.0.0.1/token"),
        ("dpop_signing_alg_values_supported", ...),
        ("dpop_signing_alg_values_supported", ["RS256"]),
        ("dpop_signing_alg_values_supported", "ES256"),
        ("client_id_metadata_document_supported", ...),
        ("client_id_metadata_document_supported", "true"),
    ],
)
def test_metadata_of_a_server_that_will_not_do_are_refused(member: str, value: Any) -> None:
    send = sky({SERVER: answer(metadata(**{member: value}))})
    with pytest.raises(ProviderUnavailable, match="bad_metadata"):
        SKY.begin(WE, flow(), send)
    assert send.asked == [SERVER]


def test_keys_and_revocation_are_not_needed() -> None:
    said = metadata(jwks_uri=..., revocation_endpoint=...)
    endpoints = discovery.read_pushing_server(answer(said), ISSUER, "ES256")
    assert (endpoints.par_url, endpoints.jwks_url, endpoints.revoke_url) == (PAR, None, None)


# ... and back


def test_the_trip_ends_with_a_person_whose_server_vouches() -> None:
    send = sky()
    grant = home(send)
    assert send.asked == [SERVER, TOKEN, DOCUMENT, RESOURCE, SESSION]
    assert grant.identity.subject == DID
    assert grant.identity.issuer is None, "the DID alone names a person"
    assert (grant.identity.username, grant.identity.name) == ("ada.example.net", None)
    assert (grant.identity.email, grant.identity.email_verified) == ("ada@example.net", True)
    assert grant.token.token_type == "DPoP"
    assert grant.token.refresh_token == "the-refresh-token"
    assert grant.token.scopes == ("atproto", "transition:generic", "transition:email")


def test_the_token_is_asked_for_with_the_key_of_the_trip() -> None:
    send = sky()
    home(send)
    [request] = to(send, TOKEN)
    assert key_of(request) == thumbprint(KEY)
    assert proof_of(request)["htu"] == TOKEN
    assert "ath" not in proof_of(request)
    assert (request.form or {})["code_verifier"] == flow().code_verifier


def test_what_is_kept_with_the_token_is_its_key_and_where_it_is_good() -> None:
    grant = home(sky())
    bond = Bond.of(grant.token, "testing")
    assert (json.loads(bond.key), bond.server, bond.issuer) == (json.loads(KEY), PDS, ISSUER)
    private = json.loads(KEY)["d"]
    assert private in (grant.token.secret or "")
    assert private not in repr(grant) + repr(bond) + repr(grant.token.secret)


def test_hosts_that_the_person_names_are_asked_past_a_guard() -> None:
    send = sky()
    home(send)
    guarded = {request.url for request in send.sent if request.guarded}
    assert guarded == {RESOURCE, SESSION}


def test_the_session_is_asked_with_token_proof_and_nonce() -> None:
    send = sky({SESSION: in_turn(challenge("p-1"), with_nonce(answer(session())))})
    home(send)
    first, second = to(send, SESSION)
    for request in (first, second):
        assert request.headers["Authorization"] == "DPoP the-access-token"
        claims = proof_of(request)
        assert (claims["htm"], claims["htu"]) == ("GET", SESSION)
        assert claims["ath"] == hashed("the-access-token")
        assert key_of(request) == thumbprint(KEY)
        assert "DPoP-Nonce" not in request.headers
    assert "nonce" not in proof_of(first)
    assert proof_of(second)["nonce"] == "p-1"


def test_a_second_challenge_is_the_end() -> None:
    send = sky({SESSION: in_turn(challenge(), challenge(), with_nonce(answer(session())))})
    with pytest.raises(ProviderError, match="status 401"):
        home(send)


def test_a_nonce_goes_with_the_next_call_too() -> None:
    there = replace(SKY, api_url=f"{PDS}/xrpc/", profile=lambda get, token: [get("a"), get("b")])
    a, b = f"{PDS}/xrpc/a", f"{PDS}/xrpc/b"
    send = sky({a: in_turn(challenge("p-1"), answer(1)), b: answer(2)})
    assert there.fetch_profile(WE, held(), send) == [1, 2]
    assert [proof_of(each).get("nonce") for each in send.sent] == [None, "p-1", "p-1"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"iss": "https://evil.example"}, "wrong_iss"),
        ({"iss": f"{ISSUER}/"}, "wrong_iss"),
        ({"code": ""}, "missing_code"),
        ({"error": "invalid_scope"}, "invalid_scope"),
    ],
)
def test_an_answer_of_another_server_or_without_a_code_asks_nothing(
    params: dict[str, str], code: str
) -> None:
    send = sky()
    with pytest.raises(ProviderError, match=code):
        home(send, **params)
    assert send.asked == [SERVER]


def test_an_answer_has_to_say_whose_it_is() -> None:
    send = sky()
    with pytest.raises(ProviderError, match="missing_iss"):
        SKY.complete(WE, flow(request_secret=KEY), {"code": "c"}, send)
    assert TOKEN not in send.asked


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token_type": "Bearer"}, "token_type"),
        ({"token_type": ...}, "token_type"),
        ({"scope": ...}, "scope atproto"),
        ({"scope": "transition:generic"}, "scope atproto"),
        ({"scope": "atprotocol"}, "scope atproto"),
        ({"access_token": ...}, "access_token"),
        ({"sub": ...}, "wrong_server"),
        ({"sub": ""}, "wrong_server"),
        ({"sub": 7}, "wrong_server"),
        ({"sub": "ada.example.net"}, "wrong_server"),
        ({"sub": "did:web:localhost"}, "wrong_server"),
    ],
)
def test_a_token_that_is_not_bound_or_for_nobody_is_refused(changes: Any, code: str) -> None:
    send = sky({TOKEN: with_nonce(answer(granted(**changes)))})
    with pytest.raises(ProviderError, match=code):
        home(send)
    assert DOCUMENT not in send.asked


@pytest.mark.parametrize("kind", ["DPoP", "dpop", "DPOP"])
def test_the_case_of_the_token_type_means_nothing(kind: str) -> None:
    assert (
        home(sky({TOKEN: with_nonce(answer(granted(token_type=kind)))})).token.token_type == "DPoP"
    )


def test_a_token_answer_wants_a_nonce_once() -> None:
    send = sky({TOKEN: in_turn(wants_nonce("t-1"), with_nonce(answer(granted())))})
    home(send)
    assert [proof_of(each).get("nonce") for each in to(send, TOKEN)] == [None, "t-1"]


@pytest.mark.parametrize(
    "changes",
    [
        {DOCUMENT: answer(document(did=OTHER))},
        {RESOURCE: answer(resource("https://other.example"))},
        {RESOURCE: answer(resource(f"{ISSUER}/"))},
        {RESOURCE: answer(resource())},
        {RESOURCE: answer(resource(ISSUER, pds="https://other.example"))},
    ],
    ids=["a foreign document", "another server", "nearly ours", "nobody", "not its own"],
)
def test_a_person_whose_server_does_not_vouch_is_nobody(changes: Any) -> None:
    """Else any authorization server could name anybody's DID."""
    send = sky(changes)
    with pytest.raises(ProviderError, match="wrong_server"):
        home(send)
    assert SESSION not in send.asked, "the token goes nowhere"


def test_the_session_of_somebody_else_is_refused() -> None:
    send = sky({SESSION: with_nonce(answer(session(did=OTHER)))})
    with pytest.raises(ProviderError, match="no_subject"):
        home(send)


# Calls


def test_a_token_goes_to_the_persons_own_server_alone() -> None:
    assert SKY.api_home(held()) == f"{PDS}/xrpc/"
    for url in (f"{ISSUER}/xrpc/a", "https://pds.example.net.evil.example/xrpc/a", f"{PDS}/a"):
        with pytest.raises(ProviderError, match="wrong_server"):
            SKY.as_person(Request(url=url, purpose="x"), held(), WE)
    request = SKY.as_person(Request(url=f"{PDS}/xrpc/a?b=c", purpose="x"), held(), WE)
    assert request.headers["Authorization"] == "DPoP old-access"
    assert request.guarded


@pytest.mark.parametrize(
    "secret", [None, "", "nonsense", "[]", "{}", '{"jwk": {}, "server": "x"}', KEY, "null"]
)
def test_a_token_without_its_key_is_of_no_use(secret: str | None) -> None:
    with pytest.raises(ProviderError, match="no_key"):
        SKY.as_person(Request(url=f"{PDS}/xrpc/a", purpose="x"), held(secret=secret), WE)


# Made new


def test_a_refresh_keeps_the_key_and_takes_the_new_pair() -> None:
    new = granted(access_token="new-access", refresh_token="new-refresh")
    send = sky({TOKEN: in_turn(wants_nonce("r-1"), with_nonce(answer(new)))})
    token = SKY.refresh(WE, held(), ME, send)
    assert (token.access_token, token.refresh_token) == ("new-access", "new-refresh")
    assert token.secret == held().secret
    assert token.token_type == "DPoP"
    assert send.asked == [DOCUMENT, RESOURCE, SERVER, TOKEN, TOKEN]
    first, second = to(send, TOKEN)
    assert key_of(first) == key_of(second) == thumbprint(KEY)
    assert proof_of(second)["nonce"] == "r-1"
    assert second.form == {
        "grant_type": "refresh_token",
        "refresh_token": "old-refresh",
        "client_id": WE.id,
    }


def test_a_refresh_follows_an_account_that_moved_to_a_server_that_vouches() -> None:
    new = "https://new.example.net"
    there = f"{new}/.well-known/oauth-protected-resource"
    moved = {DOCUMENT: answer(document(pds=new)), there: answer(resource(ISSUER, pds=new))}
    token = SKY.refresh(WE, held(), ME, sky(moved))
    bond = Bond.of(token, "testing")
    assert (bond.server, json.loads(bond.key)) == (new, json.loads(KEY))
    assert SKY.api_home(token) == f"{new}/xrpc/"


def test_a_refresh_of_an_account_that_moved_away_sends_nothing() -> None:
    send = sky({RESOURCE: answer(resource("https://other.example"))})
    with pytest.raises(ProviderError) as caught:
        SKY.refresh(WE, held(), ME, send)
    assert caught.value.code == "changed"
    assert TOKEN not in send.asked


def test_a_directory_that_is_away_breaks_no_connection() -> None:
    away = ProviderUnavailable("x", "unreachable")
    with pytest.raises(ProviderUnavailable, match="unreachable"):
        SKY.refresh(WE, held(), ME, sky({DOCUMENT: away}))


def test_a_refresh_for_somebody_else_is_refused() -> None:
    send = sky({TOKEN: with_nonce(answer(granted(sub=OTHER)))})
    with pytest.raises(ProviderError) as caught:
        SKY.refresh(WE, held(), ME, send)
    assert caught.value.code == "changed"


def test_a_refresh_that_is_refused_says_so() -> None:
    send = sky({TOKEN: with_nonce(answer({"error": "invalid_grant"}, 400))})
    with pytest.raises(ProviderError, match="invalid_grant"):
        SKY.refresh(WE, held(), ME, send)


def elsewhere() -> Token:
    """A token that another server gave."""
    return held(secret=Bond(key=KEY, server=PDS, issuer="https://former.example").text)


def test_no_server_sees_the_token_of_another() -> None:
    send = sky()
    with pytest.raises(ProviderError, match="issuer_changed"):
        SKY.refresh(WE, elsewhere(), ME, send)
    with pytest.raises(ProviderError, match="issuer_changed"):
        SKY.revoke(WE, elsewhere(), send)
    assert send.sent == []


# Given back


def test_a_token_is_given_back_with_a_proof() -> None:
    send = sky({REVOKE: in_turn(wants_nonce("v-1"), with_nonce(answer({})))})
    assert SKY.revoke(SIGNING, held(), send)
    first, second = to(send, REVOKE)
    assert proof_of(second)["nonce"] == "v-1"
    assert key_of(second) == thumbprint(KEY)
    form = second.form or {}
    assert (form["token"], form["client_id"]) == ("old-refresh", WE.id)
    assert form["client_assertion"] != (first.form or {})["client_assertion"]


def test_a_server_that_takes_nothing_back_is_not_asked() -> None:
    send = sky({SERVER: answer(metadata(revocation_endpoint=...))})
    assert not SKY.revoke(WE, held(), send)
    assert send.asked == [SERVER]


def test_a_revocation_that_fails_is_told() -> None:
    send = sky({REVOKE: with_nonce(answer({"error": "invalid_request"}, 400))})
    with pytest.raises(ProviderError, match="invalid_request"):
        SKY.revoke(WE, held(), send)


# What is configured


def test_the_scope_of_the_protocol_is_always_asked_for() -> None:
    assert replace(SKY, scopes=("transition:email",)).scopes == ("atproto", "transition:email")
    assert replace(SKY, scopes=("atproto",)).scopes == ("atproto",)


def test_the_application_is_called_by_the_address_of_its_document() -> None:
    site = Site(address="https://app.example")
    assert SKY.enrolled(Client(id=NO_ID), site).id == WE.id
    assert SKY.enrolled(Client(id="https://other.example/us.json"), site).id.startswith("https://o")
    signing = replace(SIGNING, id=NO_ID, key_id=None)
    assert SKY.enrolled(signing, site).key_id == "P-256", "the key's own name"


def test_a_key_of_another_kind_stops_the_start() -> None:
    client = Client(id=NO_ID, private_key="nonsense")
    with pytest.raises(ConfigurationError, match="P-256"):
        SKY.enrolled(client, Site(address="https://app.example"))


def test_the_document_is_about_the_client_and_what_is_asked_for() -> None:
    found = replace(SKY, client_name="Acme").client_document(WE, ("https://app.example/login/sky",))
    assert found["client_id"] == WE.id
    assert found["client_name"] == "Acme"
    assert found["scope"] == "atproto transition:generic transition:email"
    assert found["redirect_uris"] == ["https://app.example/login/sky"]


def test_in_a_sandbox_everything_is_below_one_address() -> None:
    moved = SKY.moved_to("http://localhost:5001/")
    there = "http://localhost:5001/sky"
    said = metadata(
        issuer=there,
        authorization_endpoint=f"{there}/authorize",
        token_endpoint=f"{there}/token",
        pushed_authorization_request_endpoint=f"{there}/par",
        revocation_endpoint=...,
        jwks_uri=...,
    )
    at = f"{there}/at/pds.example.net"
    send = Paper({
        f"{there}/.well-known/oauth-authorization-server": answer(said),
        f"{there}/token": with_nonce(answer(granted())),
        f"{there}/at/plc.directory/{DID}": answer(document()),
        f"{at}/.well-known/oauth-protected-resource": answer(resource(there)),
        f"{at}/xrpc/com.atproto.server.getSession": with_nonce(answer(session())),
    })  # fmt: skip
    trip = flow(request_secret=KEY)
    grant = moved.complete(WE, trip, {**CAME, "iss": there}, send)
    assert grant.identity.subject == DID
    assert moved.api_home(grant.token) == f"{at}/xrpc/"
    assert proof_of(send.sent[-1])["htu"] == f"{at}/xrpc/com.atproto.server.getSession"
