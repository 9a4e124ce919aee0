"""The main job with a real OpenID provider: PKCE required, RFC 9207, thin ID tokens."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from flask_social.transport import connections
from tests.bed import Bed, Browser, query_of
from tests.peers.conftest import PeerBed

pytestmark = pytest.mark.peers
EMAIL, OTHER = "user@example.org", "other@example.org"


def test_a_user_connects_and_then_logs_in_with_the_account(peer_bed: PeerBed) -> None:
    bed = peer_bed.bed
    peer_bed.connected(EMAIL)

    [row] = bed.rows()
    assert (row.provider_id, row.provider_user_id, row.issuer) == ("peer", "ada", peer_bed.peer.url)
    [created] = bed.signals("connection_created")
    assert (created["account"], created["email"]) == (("peer", "ada"), EMAIL)

    stranger = peer_bed.visitor()
    answer = stranger.trip_to_peer("/login/peer", next="/there?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/there?x=1")
    assert stranger.who() == EMAIL
    assert len(bed.signals("login_completed")) == 1


def test_what_the_id_token_lacks_comes_from_userinfo(peer_bed: PeerBed) -> None:
    peer_bed.connected(EMAIL)

    [row] = peer_bed.bed.rows()
    assert (row.full_name, row.display_name) == ("Ada Lovelace", "ada")
    assert (row.email, row.email_verified) == ("ada@example.com", True)
    assert peer_bed.peer.counts()["/me"] == 1


def test_an_address_that_the_provider_did_not_check_counts_as_unverified(
    peer_bed: PeerBed,
) -> None:
    peer_bed.connected(EMAIL, "grace")

    [row] = peer_bed.bed.rows()
    assert (row.email, row.email_verified) == ("grace@example.com", False)


def test_signed_userinfo_is_read(make_peer_bed: Callable[..., PeerBed]) -> None:
    peer_bed = make_peer_bed(client={"userinfo_signed_response_alg": "RS256"})
    peer_bed.connected(EMAIL)

    [row] = peer_bed.bed.rows()
    assert (row.full_name, row.email) == ("Ada Lovelace", "ada@example.com")


def test_an_unknown_visitor_is_refused(peer_bed: PeerBed) -> None:
    bed, visitor = peer_bed.bed, peer_bed.visitor()

    answer = visitor.trip_to_peer("/login/peer")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert "No account here is connected" in visitor.get("/login").text
    assert visitor.who() is None
    assert bed.rows() == []
    assert len(bed.signals("login_failed")) == 1


def test_two_accounts_of_one_provider_are_two_people(peer_bed: PeerBed) -> None:
    peer_bed.connected(EMAIL, "ada")
    peer_bed.connected(OTHER, "grace")

    for person, email in (("ada", EMAIL), ("grace", OTHER)):
        visitor = peer_bed.visitor()
        visitor.trip_to_peer("/login/peer", person)
        assert visitor.who() == email


@pytest.mark.parametrize(
    ("path", "signal", "to"),
    [
        ("/login/peer", "login_denied", "/login"),
        ("/connect/peer", "connection_denied", "/connections"),
    ],
)
def test_cancelling_at_the_provider_changes_nothing(
    peer_bed: PeerBed, path: str, signal: str, to: str
) -> None:
    bed, visitor = peer_bed.bed, peer_bed.visitor()
    bed.add_user(EMAIL)
    if path.startswith("/connect"):
        visitor.sign_in(EMAIL)

    callback = visitor.at_peer(visitor.set_out(path), cancel=True)
    assert query_of(callback)["error"] == "access_denied"
    answer = visitor.get(callback)

    assert (answer.status_code, answer.headers["Location"]) == (303, to)
    assert "You cancelled at" in visitor.get(to).text
    assert peer_bed.peer.counts()["/token"] == 0
    assert len(bed.signals(signal)) == 1
    assert bed.rows() == []


def test_a_connection_is_removed_and_opens_nothing_any_more(peer_bed: PeerBed) -> None:
    bed, visitor = peer_bed.bed, peer_bed.connected(EMAIL)

    answer = visitor.delete("/connect/peer/ada")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    assert bed.rows() == []
    [removed] = bed.signals("connection_removed")
    assert (removed["provider_id"], removed["provider_user_id"]) == ("peer", "ada")
    stranger = peer_bed.visitor()
    stranger.trip_to_peer("/login/peer")
    assert stranger.who() is None


def test_the_stored_token_calls_the_provider(peer_bed: PeerBed) -> None:
    bed = peer_bed.bed
    peer_bed.connected(EMAIL)

    with bed.app.app_context():
        user = bed.db.session.get(bed.User, bed.user_id(EMAIL))
        api = bed.social.peer.get_api(user=user)
        assert api is not None
        answer = api.get(f"{peer_bed.peer.url}/me")

    assert answer.status_code == 200
    assert (answer.json()["sub"], answer.json()["name"]) == ("ada", "Ada Lovelace")


# How much it costs.


@pytest.mark.parametrize(
    ("settings", "calls"),
    [({"conformIdTokenClaims": False}, ["/token"]), ({}, ["/token", "/me"])],
    ids=["claims in the ID token", "claims at UserInfo alone"],
)
def test_a_returning_login_makes_no_request_too_many(
    make_peer_bed: Callable[..., PeerBed],
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, Any],
    calls: list[str],
) -> None:
    monkeypatch.setattr(connections, "IDLE", math.inf)  # however long the machine takes between
    peer_bed = make_peer_bed(settings=settings)
    peer_bed.connected(EMAIL)
    before = peer_bed.peer.calls()
    assert [each.path for each in before] == [
        "/.well-known/openid-configuration",
        "/token",
        "/jwks",
        *calls[1:],
    ]

    stranger = peer_bed.visitor()
    stranger.trip_to_peer("/login/peer")

    assert stranger.who() == EMAIL
    added = peer_bed.peer.calls()[len(before) :]
    assert [each.path for each in added] == calls
    assert {each.connection for each in before + added} == {before[0].connection}


# Who the application is.


def keyed(key: ECKey | OKPKey | RSAKey) -> dict[str, Any]:
    """A registration with the public half of *key*."""
    keys: Any = KeySet([key]).as_dict(private=False)
    return {"client_secret": None, "jwks": keys}


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_a_client_with_a_secret_logs_in(make_peer_bed: Callable[..., PeerBed], method: str) -> None:
    peer_bed = make_peer_bed(
        token_endpoint_auth_method=method, client={"token_endpoint_auth_method": method}
    )
    logs_in(peer_bed)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RSAKey.generate_key(2048), "RS256"),
        (ECKey.generate_key("P-256"), "ES256"),
        (OKPKey.generate_key("Ed25519"), "Ed25519"),
    ],
    ids=["RSA", "P-256", "Ed25519"],
)
def test_a_client_with_a_key_logs_in(
    make_peer_bed: Callable[..., PeerBed], key: ECKey | OKPKey | RSAKey, algorithm: str
) -> None:
    pem = key.as_pem(private=True).decode("ascii")
    method = "private_key_jwt"
    registration = keyed(key) | {
        "token_endpoint_auth_method": method,
        "token_endpoint_auth_signing_alg": algorithm,
    }
    peer_bed = make_peer_bed(
        consumer_secret=None,
        private_key=pem,
        token_endpoint_auth_method=method,
        client=registration,
    )
    logs_in(peer_bed)


def test_a_public_client_logs_in(make_peer_bed: Callable[..., PeerBed]) -> None:
    peer_bed = make_peer_bed(
        consumer_secret=None,
        token_endpoint_auth_method="none",
        client={"client_secret": None, "token_endpoint_auth_method": "none"},
    )
    logs_in(peer_bed)


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_a_wrong_secret_is_the_operators_fault_and_not_the_visitors(
    make_peer_bed: Callable[..., PeerBed], method: str
) -> None:
    peer_bed = make_peer_bed(
        consumer_secret="a wrong one",
        token_endpoint_auth_method=method,
        client={"token_endpoint_auth_method": method},
    )
    visitor = peer_bed.visitor()

    answer = visitor.trip_to_peer("/login/peer")

    assert answer.status_code == 503
    assert "Signing in with Peer is not available at the moment." in answer.text
    assert "a wrong one" not in answer.text
    assert visitor.who() is None
    [failed] = peer_bed.bed.signals("provider_failed")
    assert failed["error"].code == "invalid_client"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "Ed25519"])
def test_an_id_token_is_checked_with_the_algorithm_agreed_on(
    make_peer_bed: Callable[..., PeerBed], algorithm: str
) -> None:
    peer_bed = make_peer_bed(
        algorithms=[algorithm], client={"id_token_signed_response_alg": algorithm}
    )
    logs_in(peer_bed)


def test_an_id_token_with_another_algorithm_is_refused(
    make_peer_bed: Callable[..., PeerBed],
) -> None:
    peer_bed = make_peer_bed(client={"id_token_signed_response_alg": "ES256"})

    answer = peer_bed.visitor().trip_to_peer("/login/peer")

    assert answer.status_code == 502
    [failed] = peer_bed.bed.signals("provider_failed")
    assert failed["error"].code == "bad_id_token"


def logs_in(peer_bed: PeerBed) -> None:
    """Connect, and log in elsewhere."""
    peer_bed.connected(EMAIL)
    stranger = peer_bed.visitor()
    stranger.trip_to_peer("/login/peer")
    assert stranger.who() == EMAIL


# What both sides insist on.


def test_the_provider_wants_pkce_and_gets_it(make_peer_bed: Callable[..., PeerBed]) -> None:
    peer_bed = make_peer_bed(pkce=False)

    visitor = peer_bed.visitor()
    callback = visitor.at_peer(visitor.set_out("/login/peer"))

    assert query_of(callback)["error"] == "invalid_request", "it wants PKCE indeed"
    assert visitor.get(callback).status_code == 502
    assert peer_bed.peer.counts()["/token"] == 0


@pytest.mark.parametrize("issuer", [None, "http://localhost:1"])
def test_an_answer_must_name_its_issuer(peer_bed: PeerBed, issuer: str | None) -> None:
    visitor = peer_bed.visitor()
    callback = visitor.at_peer(visitor.set_out("/login/peer"))
    query = query_of(callback)
    assert query.pop("iss") == peer_bed.peer.url

    answer = visitor.get(f"/login/peer?{urlencode(query | ({'iss': issuer} if issuer else {}))}")

    assert answer.status_code == 502
    assert peer_bed.peer.counts()["/token"] == 0
    [failed] = peer_bed.bed.signals("provider_failed")
    assert failed["error"].code == ("wrong_iss" if issuer else "missing_iss")


def test_an_answer_serves_once(peer_bed: PeerBed) -> None:
    peer_bed.connected(EMAIL)
    visitor = peer_bed.visitor()
    callback = visitor.at_peer(visitor.set_out("/login/peer"))
    tokens = peer_bed.peer.counts()["/token"]

    assert visitor.get(callback).headers["Location"] == "/home"
    assert visitor.get(callback).headers["Location"] == "/home"
    assert visitor.who() == EMAIL
    assert peer_bed.peer.counts()["/token"] == tokens + 1


# It is still you.


def test_verifying_makes_the_session_fresh_again(peer_bed: PeerBed) -> None:
    bed, visitor = peer_bed.bed, peer_bed.connected(EMAIL)
    age(visitor, bed)
    assert visitor.post("/disconnect/peer").headers["Location"].startswith("/verify?")
    assert len(bed.rows()) == 1

    url = visitor.set_out("/verify/peer")
    asked = query_of(url)
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    answer = visitor.get(visitor.at_peer(url))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    assert visitor.post("/disconnect/peer").headers["Location"] == "/connections"
    assert bed.rows() == []


def test_verifying_with_another_account_makes_nothing_fresh(peer_bed: PeerBed) -> None:
    bed, visitor = peer_bed.bed, peer_bed.connected(EMAIL)
    age(visitor, bed)

    answer = visitor.trip_to_peer("/verify/peer", "grace")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    assert "another Peer account" in visitor.get("/connections").text
    assert visitor.post("/disconnect/peer").headers["Location"].startswith("/verify?")
    assert [row.provider_user_id for row in bed.rows()] == ["ada"]


def age(browser: Browser, bed: Bed) -> None:
    """Move the last proof of who this is to the day the epoch began."""
    serializer = bed.app.session_interface.get_signing_serializer(bed.app)  # type: ignore[attr-defined]
    session = serializer.loads(browser.http.cookies.get_dict()["session"])
    aged = {**session, "fs_paa": 1.0}
    aged.pop("fs_gexp", None)
    [cookie] = [each for each in browser.http.cookies if each.name == "session"]
    cookie.value = serializer.dumps(aged)
