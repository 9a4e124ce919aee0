"""Providers of OAuth 1.0a are bent, counted and described as the others are."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import requests

from flask_social import clock
from flask_social.sandbox import ProviderScript, Status
from flask_social.testing import ServedSandbox

from .signed_walk import SignedWalk, pair_of, problem, said
from .test_control import control
from .walk import CALLBACK, came_back


@pytest.fixture
def classic(box: ServedSandbox) -> SignedWalk:
    return SignedWalk(box, "classic")


def test_answers_are_edited(classic: SignedWalk) -> None:
    provider = classic.box["classic"]
    provider.set("request_token", oauth_callback_confirmed="false")
    assert said(classic.request_token())["oauth_callback_confirmed"] == "false"
    pair, verifier = classic.approved()
    provider.delete("token", "oauth_token_secret")
    assert set(said(classic.access_token(pair, verifier))) == {"oauth_token"}
    provider.set("callback", oauth_token="another's")
    assert came_back(classic.authorize(classic.temporary()[0]))["oauth_token"] == "another's"
    provider.honest()
    tokens = classic.tokens()
    provider.set("api", id=7)
    assert classic.send("GET", "api/me", tokens).json()["id"] == 7
    provider.replace("request_token", "no form at all")
    assert classic.request_token().text == "no form at all"


@pytest.mark.parametrize("endpoint", ["request_token", "authorize", "access_token", "api"])
def test_faults_strike_every_endpoint(classic: SignedWalk, endpoint: str) -> None:
    pair, verifier = classic.approved()
    tokens = classic.tokens()
    waiting = classic.temporary()
    classic.box["classic"].fail(endpoint, Status(503))
    answers = {
        "request_token": classic.request_token(),
        "authorize": classic.authorize(waiting[0]),
        "access_token": classic.access_token(pair, verifier),
        "api": classic.send("GET", "api/me", tokens),
    }
    assert [name for name, answer in answers.items() if answer.status_code == 503] == [endpoint]


def test_requests_are_counted(classic: SignedWalk) -> None:
    classic.send("GET", "api/me", classic.tokens())
    counted = {"request_token": 1, "authorize": 1, "access_token": 1, "api": 1}
    assert classic.box.counters()["requests"] == {"classic": counted}


def test_a_provider_has_the_endpoints_of_its_protocol_alone(box: ServedSandbox) -> None:
    for provider_id in ("twitter", "classic"):
        for path in ("token", "revoke", "jwks", "userinfo", ".well-known/openid-configuration"):
            url = f"{box.url}{provider_id}/{path}"
            assert requests.post(url, timeout=60).status_code == 404
    for provider_id in ("acme", "plain"):
        for path in ("request_token", "access_token"):
            url = f"{box.url}{provider_id}/{path}"
            assert requests.post(url, timeout=60).status_code == 404


def test_the_front_page_names_the_protocol(box: ServedSandbox) -> None:
    page = requests.get(box.url, timeout=60).text
    assert page.count("OAuth 1.0a") == 2
    assert page.count("OAuth 2.0") == 5


def test_an_echo_tells_no_token(classic: SignedWalk) -> None:
    tokens = classic.tokens()
    answer = classic.send("GET", "api/notes?x=%5B1%2C2", tokens, signature_type="QUERY")
    assert answer.json()["query"] == {"x": "[1,2"}
    assert tokens[0] not in answer.text


def test_a_token_that_ends_is_refused_after_its_time(box: ServedSandbox) -> None:
    box.add_provider(ProviderScript(id="brief", kind="oauth1", shape="plain"))
    walk = SignedWalk(box, "brief")
    with clock.replaced(lambda: 1_800_000_000):
        tokens = walk.tokens()
        box.skew = 3599
        assert walk.send("GET", "api/me", tokens).status_code == 200
        box.skew = 3600
        assert problem(walk.send("GET", "api/me", tokens)) == (401, "token_expired")


def test_a_token_is_its_client_s_and_its_secret_signs(classic: SignedWalk) -> None:
    token, secret = classic.tokens()
    assert problem(classic.send("GET", "api/me", (token, "x"))) == (401, "signature_invalid")
    assert problem(classic.send("GET", "api/me", ("x", secret))) == (401, "token_rejected")
    assert classic.send("GET", "api/me").status_code == 401
    classic.secret = "our secret"
    refused = classic.send("GET", "api/me", (token, secret), key="our key")
    assert problem(refused) == (401, "token_rejected")


def test_the_control_interface_adds_providers_and_clients(box: ServedSandbox) -> None:
    script = {"id": "extra", "kind": "oauth1", "shape": "plain", "denial": "denied"}
    control(box, "POST", "providers", script)
    client = {"id": "extra-key", "secret": "s", "redirect_uris": [CALLBACK]}
    control(box, "POST", "extra/clients", client)
    walk = SignedWalk(box, "extra", "s")
    control(box, "POST", "deny", {"provider": "extra"})
    token, _ = walk.temporary()
    assert came_back(walk.authorize(token)) == {"denied": token}
    control(box, "PUT", "extra/faults/request_token", {"kind": "status", "code": 500})
    assert walk.request_token().status_code == 500
    control(box, "DELETE", "extra/faults")
    control(box, "PUT", "extra/edits/request_token", {"set": {"oauth_token": "short"}})
    assert pair_of(walk.request_token())[0] == "short"


def test_no_secret_is_logged_at_any_level(
    classic: SignedWalk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "urllib3")  # the addresses that our own session fetches
    caplog.set_level(logging.DEBUG)
    pair, verifier = classic.approved()
    tokens = classic.tokens()
    classic.secret = "another"
    for method in ("HMAC-SHA1", "PLAINTEXT"):
        how: dict[str, Any] = {"signature_method": method}
        assert classic.access_token(pair, verifier, **how).status_code == 401
        assert classic.send("GET", "api/me", tokens, **how).status_code == 401
    assert "verification failed" in caplog.text
    for secret in (*pair, verifier, *tokens, "classic-secret", "another"):
        assert secret not in caplog.text
