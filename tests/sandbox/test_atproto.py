"""The sandbox's Bluesky, by a client that is written here: what it gives, and what it refuses."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.test import Client as Http
from werkzeug.test import TestResponse

from flask_social import clock
from flask_social.sandbox import Client, Sandbox

HOME = "http://localhost:5001/bluesky"
PDS = f"{HOME}/at/pds.example"
SESSION = f"{PDS}/xrpc/com.atproto.server.getSession"
APP = "https://app.example/client-metadata/bluesky.json"
CALLBACK = "http://127.0.0.1:5000/login/bluesky"
VERIFIER = "a-verifier-of-more-than-forty-three-characters"
PROOFS = count()
"""Of the whole process: no proof has the number of another, whatever walk it is of."""
SCOPES = "atproto transition:generic transition:email"


def b64(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def hashed(text: str) -> str:
    return b64(hashlib.sha256(text.encode()).digest())


@dataclass
class Walk:
    """A client with a key, that proves each request."""

    box: Sandbox
    client_id: str = APP
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    nonces: dict[str, str] = field(default_factory=dict)

    def proof(self, method: str, url: str, **changes: Any) -> str:
        """A good proof, changed; ``...`` leaves a claim out, and ``header`` changes that."""
        kind = "pds" if "/at/" in url else "as"
        members = {key: self.key.as_dict(private=False)[key] for key in ("kty", "crv", "x", "y")}
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": members, **changes.pop("header", {})}
        good = {
            "jti": f"proof-{next(PROOFS)}",
            "htm": method,
            "htu": url,
            "iat": self.box.now(),
            "nonce": self.nonces.get(kind, ...),
        }
        claims = {name: value for name, value in {**good, **changes}.items() if value is not ...}
        key = changes.get("key") or self.key
        claims.pop("key", None)
        return jwt.encode(header, claims, key, algorithms=["ES256", "HS256"])

    def send(
        self, url: str, form: dict[str, str] | None = None, *, proof: Any = None, token: str = ""
    ) -> TestResponse:
        """POST *form*, or GET; once more where the answer wants a nonce."""
        method = "GET" if form is None else "POST"
        plain, _, query = url.partition("?")
        bound = {"ath": hashed(token)} if token else {}
        for again in (False, True):
            text = proof
            if not isinstance(proof, str):
                text = self.proof(method, plain, **{**bound, **(proof or {})})
            headers = {"DPoP": text, **({"Authorization": f"DPoP {token}"} if token else {})}
            path = urlsplit(plain).path
            response = Http(self.box).open(
                path, method=method, data=form, headers=headers, query_string=query,
                base_url="http://localhost:5001",
            )  # fmt: skip
            wants = "use_dpop_nonce" in response.text
            if again or not wants or proof is not None:
                return response
            self.nonces["pds" if "/at/" in url else "as"] = response.headers["DPoP-Nonce"]
        raise AssertionError

    def push(self, *, proof: Any = None, **changes: str | None) -> TestResponse:
        form = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": SCOPES,
            "state": "the-state",
            "code_challenge": hashed(VERIFIER),
            "code_challenge_method": "S256",
            **changes,
        }
        kept = {name: value for name, value in form.items() if value is not None}
        return self.send(f"{HOME}/par", kept, proof=proof)

    def authorize(self, **query: str) -> TestResponse:
        path = "/bluesky/authorize?" + urlencode(query)
        return Http(self.box).get(path, base_url="http://localhost:5001")

    def back(self) -> dict[str, str]:
        """What the callback brings."""
        pushed = self.push()
        assert pushed.status_code == 201, pushed.text
        name = pushed.get_json()["request_uri"]
        response = self.authorize(client_id=self.client_id, request_uri=name)
        assert response.status_code == 302, response.text
        return dict(parse_qsl(urlsplit(response.headers["Location"]).query))

    def exchange(self, code: str, **changes: Any) -> TestResponse:
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return self.send(f"{HOME}/token", form, **changes)

    def tokens(self) -> dict[str, Any]:
        response = self.exchange(self.back()["code"])
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.get_json()
        return found


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A sandbox where the time stands still and whoever comes is Ada."""
    box = Sandbox()
    box["bluesky"].login_as("ada")
    with clock.replaced(lambda: 1_800_000_000):
        yield box


@pytest.fixture
def walk(box: Sandbox) -> Walk:
    return Walk(box)


def error(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_json()["error"]


def test_a_walk_from_its_beginning_to_its_end(walk: Walk) -> None:
    came = walk.back()
    assert (came["state"], came["iss"]) == ("the-state", HOME)
    answer = walk.exchange(came["code"])
    said = answer.get_json()
    assert (said["token_type"], said["scope"], said["expires_in"]) == ("DPoP", SCOPES, 1800)
    assert answer.headers["DPoP-Nonce"]
    document = Http(walk.box).get(f"/bluesky/at/plc.directory/{said['sub']}")
    assert document.content_type == "application/did+ld+json"
    found = json.loads(document.text)
    assert found["id"] == said["sub"]
    assert found["service"][0]["serviceEndpoint"] == "https://pds.example"
    resource = Http(walk.box).get("/bluesky/at/pds.example/.well-known/oauth-protected-resource")
    assert resource.get_json() == {
        "resource": "https://pds.example",
        "authorization_servers": [HOME],
    }
    session = walk.send(SESSION, token=said["access_token"]).get_json()
    assert session["did"] == said["sub"]
    assert (session["handle"], session["email"]) == ("ada", "ada@example.com")
    shown = walk.send(
        f"{PDS}/xrpc/app.bsky.actor.getProfile?{urlencode({'actor': said['sub']})}",
        token=said["access_token"],
    ).get_json()
    assert (shown["did"], shown["displayName"]) == (said["sub"], "Ada Lovelace")
    form = {
        "grant_type": "refresh_token",
        "client_id": APP,
        "refresh_token": said["refresh_token"],
    }
    new = walk.send(f"{HOME}/token", form).get_json()
    assert new["sub"] == said["sub"]
    assert new["refresh_token"] != said["refresh_token"]
    revoking = {"token": new["refresh_token"], "client_id": APP}
    assert walk.send(f"{HOME}/revoke", revoking).status_code == 200
    assert error(walk.send(SESSION, token=new["access_token"])) == (401, "invalid_token")


def test_everybody_has_a_did_of_their_own(box: Sandbox) -> None:
    found = set()
    for person in box.people:
        box["bluesky"].login_as(person)
        found.add(Walk(box).tokens()["sub"])
    assert len(found) == len(box.people)
    assert all(each.startswith("did:plc:") and len(each) == 32 for each in found)
    assert all(set(each[8:]) <= set("abcdefghijklmnopqrstuvwxyz234567") for each in found)


def test_its_metadata_say_all_that_a_client_has_to_check(box: Sandbox) -> None:
    found = Http(box).get("/bluesky/.well-known/oauth-authorization-server").get_json()
    assert found["issuer"] == HOME
    assert found["pushed_authorization_request_endpoint"] == f"{HOME}/par"
    assert found["dpop_signing_alg_values_supported"] == ["ES256"]
    assert Http(box).get("/bluesky/.well-known/openid-configuration").status_code == 404


def test_the_first_request_wants_a_nonce_of_each_server(walk: Walk) -> None:
    response = walk.push(proof={})
    assert error(response) == (400, "use_dpop_nonce")
    assert response.headers["DPoP-Nonce"] == "as-6000000"
    token = walk.tokens()["access_token"]
    walk.nonces["pds"] = walk.nonces["as"]
    response = walk.send(SESSION, token=token, proof={"ath": hashed(token)})
    assert error(response) == (401, "use_dpop_nonce")
    told = response.headers["WWW-Authenticate"]
    assert told.startswith("DPoP ")
    assert 'error="use_dpop_nonce"' in told


def test_a_nonce_lives_for_a_while(walk: Walk) -> None:
    walk.back()
    walk.box.skew += 300
    assert walk.push(proof={}).status_code == 201
    walk.box.skew += 300
    assert error(walk.push(proof={})) == (400, "use_dpop_nonce")


@pytest.mark.parametrize(
    "changes",
    [
        {"htm": "GET"},
        {"htu": f"{HOME}/token"},
        {"htu": f"{HOME}/par?x=1"},
        {"iat": 1},
        {"iat": "now"},
        {"jti": ...},
        {"jti": ""},
        {"header": {"typ": "JWT"}},
        {"header": {"jwk": {}}},
        {"header": {"jwk": ECKey.generate_key("P-256").as_dict(private=True)}},
        {"key": ECKey.generate_key("P-256")},
    ],
)
def test_a_proof_of_something_else_is_none(walk: Walk, changes: Any) -> None:
    walk.back()
    assert error(walk.push(proof=changes)) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("text", ["", "nonsense", "a.b.c", "e30.e30.e30"])
def test_what_is_no_proof_is_refused(walk: Walk, text: str) -> None:
    assert error(walk.push(proof=text)) == (400, "invalid_dpop_proof")


def test_a_proof_is_good_once(walk: Walk) -> None:
    walk.back()
    proof = walk.proof("POST", f"{HOME}/par")
    assert walk.push(proof=proof).status_code == 201
    assert error(walk.push(proof=proof)) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": None}, "invalid_request"),
        ({"request_uri": "urn:x"}, "invalid_request"),
        ({"scope": "transition:generic"}, "invalid_scope"),
        ({"client_secret": "x"}, "invalid_client"),
    ],
)
def test_a_request_that_is_not_one_of_the_protocol_is_not_taken(
    walk: Walk, changes: Any, code: str
) -> None:
    assert error(walk.push(**changes))[1] == code


def test_it_is_pushed_by_post(walk: Walk) -> None:
    walk.back()
    assert walk.send(f"{HOME}/par", proof={}).status_code == 405


def test_what_was_not_pushed_shows_nothing_but_a_page(walk: Walk) -> None:
    name = walk.push().get_json()["request_uri"]
    for query in (
        {"client_id": APP, "redirect_uri": CALLBACK, "response_type": "code"},
        {"client_id": APP, "request_uri": "urn:other"},
        {"client_id": "https://evil.example/x.json", "request_uri": name},
        {"client_id": APP, "request_uri": name, "redirect_uri": CALLBACK},
    ):
        assert walk.authorize(**query).status_code == 400


def test_a_name_is_good_once_and_for_a_minute(walk: Walk) -> None:
    query = {"client_id": APP, "request_uri": walk.push().get_json()["request_uri"]}
    assert walk.authorize(**query).status_code == 302
    assert walk.authorize(**query).status_code == 400
    query["request_uri"] = walk.push().get_json()["request_uri"]
    walk.box.skew += 61
    came = parse_qs(urlsplit(walk.authorize(**query).headers["Location"]).query)
    assert came["error"] == ["invalid_request"]


def test_a_pushed_request_needs_a_challenge(walk: Walk) -> None:
    name = walk.push(code_challenge=None).get_json()["request_uri"]
    response = walk.authorize(client_id=APP, request_uri=name)
    came = parse_qs(urlsplit(response.headers["Location"]).query)
    assert (came["error"], came["iss"]) == (["invalid_request"], [HOME])


def test_all_of_a_trip_is_bound_to_one_key(box: Sandbox, walk: Walk) -> None:
    thief = Walk(box)
    thief.push()
    code = walk.back()["code"]
    assert error(thief.exchange(code)) == (400, "invalid_dpop_proof")
    said = walk.exchange(code).get_json()
    form = {"grant_type": "refresh_token", "client_id": APP}
    stolen = {**form, "refresh_token": said["refresh_token"]}
    assert error(thief.send(f"{HOME}/token", stolen)) == (400, "invalid_dpop_proof")
    assert error(thief.send(SESSION, token=said["access_token"])) == (401, "invalid_token")
    revoking = {"token": said["access_token"], "client_id": APP}
    assert error(thief.send(f"{HOME}/revoke", revoking)) == (400, "invalid_dpop_proof")


def test_a_call_wants_a_proof_for_its_token(walk: Walk) -> None:
    token = walk.tokens()["access_token"]
    assert walk.send(SESSION, token=token).status_code == 200
    for changes in ({"ath": ...}, {"ath": hashed("another")}):
        assert error(walk.send(SESSION, token=token, proof=changes))[0] == 401
    bare = Http(walk.box).get(urlsplit(SESSION).path, headers={"Authorization": f"Bearer {token}"})
    assert error(bare) == (401, "invalid_token")


def test_an_address_is_told_to_whom_it_was_permitted(walk: Walk) -> None:
    walk.box["bluesky"].login_as("ada", scopes=("atproto",))
    session = walk.send(SESSION, token=walk.tokens()["access_token"]).get_json()
    assert session.keys() == {"did", "handle", "active", "didDoc"}


@pytest.mark.parametrize(
    "path",
    [
        "at/plc.directory/did:plc:aaaaaaaaaaaaaaaaaaaaaaaa",
        "at/pds.example/.well-known/x",
        "at/other.example/xrpc/com.atproto.server.getSession",
        "api/com.atproto.server.getSession",
    ],
)
def test_nothing_else_is_there(box: Sandbox, path: str) -> None:
    assert Http(box).get(f"/bluesky/{path}").status_code == 404


def test_an_id_of_a_developers_machine_says_what_it_may_ask_for(box: Sandbox) -> None:
    query = urlencode({"redirect_uri": "http://127.0.0.1/login/bluesky", "scope": SCOPES})
    walk = Walk(box, client_id=f"http://localhost?{query}")
    assert walk.tokens()["access_token"]
    for changes in (
        {"redirect_uri": "http://127.0.0.1:5000/elsewhere"},
        {"redirect_uri": "http://localhost:5000/login/bluesky"},
        {"redirect_uri": "https://evil.example/login/bluesky"},
        {"scope": f"{SCOPES} transition:chat.bsky"},
    ):
        assert walk.push(**changes).status_code == 400
    for odd in ("http://localhost:5000?x=y", "http://localhost/path"):
        assert error(Walk(box, client_id=odd).push()) == (400, "invalid_client_metadata")


def test_a_client_with_a_key_has_to_sign(box: Sandbox, walk: Walk) -> None:
    key = ECKey.generate_key("P-256")
    text = json.dumps(key.as_dict(private=False))
    box["bluesky"].register_client(Client(id=APP, public_key=text))
    assert error(walk.push())[1] == "invalid_client"
    claims = {
        "iss": APP,
        "sub": APP,
        "aud": HOME,
        "jti": "assertion-1",
        "iat": box.now(),
        "exp": box.now() + 60,
    }
    signed = {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "ES256"}, claims, key, algorithms=["ES256"]),
    }
    assert walk.push(proof={}, **signed).status_code == 201
