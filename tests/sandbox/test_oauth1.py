"""The OAuth 1.0a endpoints give credentials once, to those who sign for them."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from flask_social import clock
from flask_social.sandbox import Client
from flask_social.testing import ServedSandbox, sandbox

from .signed_walk import SignedWalk, pair_of, problem, said
from .walk import CALLBACK, came_back

NOW = 1_800_000_000
METHODS = ("HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "PLAINTEXT")


@pytest.fixture
def classic(box: ServedSandbox) -> SignedWalk:
    return SignedWalk(box, "classic")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("place", ["AUTH_HEADER", "QUERY", "BODY"])
def test_a_signed_flow_ends_in_the_profile(classic: SignedWalk, method: str, place: str) -> None:
    how: dict[str, Any] = {"signature_method": method, "signature_type": place}
    answer = classic.send("POST", "request_token", form={}, callback_uri=CALLBACK, **how)
    assert said(answer)["oauth_callback_confirmed"] == "true"
    assert answer.headers["Content-Type"] == "application/x-www-form-urlencoded"
    pair = pair_of(answer)
    back = came_back(classic.authorize(pair[0]))
    assert set(back) == {"oauth_token", "oauth_verifier"}
    assert back["oauth_token"] == pair[0]
    verifier = back["oauth_verifier"]
    given = classic.send("POST", "access_token", pair, {}, verifier=verifier, **how)
    assert set(said(given)) == {"oauth_token", "oauth_token_secret"}
    posted = classic.send("POST", "api/me", pair_of(given), {"a": "1, 2"}, **how)
    assert posted.json()["username"] == "ada"


def test_a_provider_may_take_its_requests_by_get(classic: SignedWalk) -> None:
    pair = pair_of(classic.send("GET", "request_token?scope=a%20b", callback_uri=CALLBACK))
    verifier = came_back(classic.authorize(pair[0]))["oauth_verifier"]
    assert said(classic.send("GET", "access_token", pair, verifier=verifier))
    assert problem(classic.send("PUT", "request_token")) == (405, "method_refused")
    twitter = SignedWalk(classic.box, "twitter")
    assert twitter.send("GET", "request_token", callback_uri=CALLBACK).status_code == 405


# Who signs


def test_a_wrong_consumer_secret_is_refused_everywhere(classic: SignedWalk) -> None:
    pair, verifier = classic.approved()
    tokens = classic.tokens()
    classic.secret = "another"
    refused = classic.request_token()
    assert problem(refused) == (401, "signature_invalid")
    assert refused.headers["WWW-Authenticate"] == 'OAuth realm="classic"'
    assert problem(classic.access_token(pair, verifier)) == (401, "signature_invalid")
    assert problem(classic.send("GET", "api/me", tokens)) == (401, "signature_invalid")
    classic.secret = ""
    assert said(classic.access_token(pair, verifier))


def test_an_unknown_client_is_welcome_if_its_secret_is_that_of_its_key(classic: SignedWalk) -> None:
    classic.secret = "our secret"
    assert said(classic.request_token(key="our key"))
    assert problem(classic.request_token(key="your key")) == (401, "signature_invalid")
    assert problem(classic.request_token(key="our app")) == (401, "consumer_key_unknown")


def test_a_registered_client_has_its_own_secret_and_callbacks(classic: SignedWalk) -> None:
    client = Client(id=classic.key, secret="s", redirect_uris=("https://app.example/back",))
    classic.box["classic"].register_client(client)
    assert problem(classic.request_token("https://app.example/back"))[0] == 401
    classic.secret = "s"
    assert said(classic.request_token("https://app.example/back"))
    for other in (CALLBACK, "https://app.example/back/", "https://app.example/back?a=1"):
        assert problem(classic.request_token(other)) == (403, "callback_refused")


def test_a_client_without_a_registered_callback_comes_back_to_this_machine_alone(
    classic: SignedWalk,
) -> None:
    assert said(classic.request_token("http://localhost:1/x"))
    for other in ("https://app.example/back", "ftp://localhost/x", "oob"):
        assert problem(classic.request_token(other)) == (403, "callback_refused")


def test_a_strict_sandbox_knows_registered_clients_alone() -> None:
    with sandbox(strict=True) as box:
        walk = SignedWalk(box, "classic")
        assert problem(walk.request_token()) == (401, "consumer_key_unknown")
        box["classic"].register_client(Client(id=walk.key, secret="classic-secret"))
        assert said(walk.request_token())


def test_a_request_without_a_callback_is_refused(classic: SignedWalk) -> None:
    assert problem(classic.request_token(None)) == (400, "parameter_rejected")


@pytest.mark.parametrize("header", ["", "Bearer x", "OAuth", 'OAuth oauth_nonce="x"', "OAuth =,"])
def test_a_request_that_is_not_signed_is_refused(classic: SignedWalk, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    for path, status in (("request_token", 400), ("access_token", 400), ("api/me", 401)):
        answer = requests.post(classic.url(path), headers=headers, timeout=60)
        assert answer.status_code == status


def test_signature_methods_of_other_kinds_are_refused(classic: SignedWalk) -> None:
    header = (
        'OAuth oauth_consumer_key="classic-key", oauth_nonce="n", oauth_signature="x", '
        f'oauth_signature_method="RSA-SHA1", oauth_timestamp="{classic.box.now()}", '
        'oauth_callback="http%3A%2F%2Flocalhost%2F"'
    )
    headers = {"Authorization": header}
    answer = requests.post(classic.url("request_token"), headers=headers, timeout=60)
    assert problem(answer) == (400, "parameter_rejected")


# When


def test_a_nonce_is_good_once_for_its_client_and_token(classic: SignedWalk) -> None:
    assert said(classic.request_token(nonce="n"))
    assert problem(classic.request_token(nonce="n")) == (401, "nonce_used")
    tokens = classic.tokens()
    assert classic.send("GET", "api/me", tokens, nonce="n").status_code == 200
    assert problem(classic.send("GET", "api/me", tokens, nonce="n")) == (401, "nonce_used")
    classic.secret = "our secret"
    assert said(classic.request_token(nonce="n", key="our key"))


def test_a_timestamp_is_now_by_the_sandbox_s_clock(classic: SignedWalk) -> None:
    refused = (401, "timestamp_refused")
    with clock.replaced(lambda: NOW):
        tokens = classic.tokens()
        for off in (-301, 301):
            stale: dict[str, Any] = {"timestamp": str(NOW + off)}
            assert problem(classic.request_token(**stale)) == refused
            assert problem(classic.send("GET", "api/me", tokens, **stale)) == refused
        for off in (-300, 300):
            assert said(classic.request_token(timestamp=str(NOW + off)))
        classic.box.skew = 5000
        assert problem(classic.request_token(timestamp=str(NOW))) == refused
        assert said(classic.request_token())


# Temporary credentials


def test_a_request_token_is_exchanged_once(classic: SignedWalk) -> None:
    pair, verifier = classic.approved()
    tokens = pair_of(classic.access_token(pair, verifier))
    assert problem(classic.access_token(pair, verifier)) == (401, "token_used")
    assert classic.send("GET", "api/me", tokens).status_code == 200


def test_a_verifier_belongs_to_its_request_token(classic: SignedWalk) -> None:
    first, verifier_of_first = classic.approved()
    second, verifier_of_second = classic.approved()
    assert problem(classic.access_token(first, verifier_of_second)) == (401, "verifier_invalid")
    assert problem(classic.access_token(first, None)) == (400, "parameter_rejected")
    assert said(classic.access_token(first, verifier_of_first))
    assert said(classic.access_token(second, verifier_of_second))


def test_a_request_token_that_nobody_agreed_to_gives_nothing(classic: SignedWalk) -> None:
    pair = classic.temporary()
    assert problem(classic.access_token(pair, "guess")) == (401, "token_rejected")
    assert problem(classic.send("GET", "api/me", pair)) == (401, "token_rejected")


def test_a_request_token_is_its_client_s(classic: SignedWalk) -> None:
    pair, verifier = classic.approved()
    classic.secret = "our secret"
    assert problem(classic.access_token(pair, verifier, key="our key")) == (401, "token_rejected")


def test_a_request_token_s_secret_signs_its_exchange(classic: SignedWalk) -> None:
    (token, _), verifier = classic.approved()
    refused = classic.access_token((token, "another"), verifier)
    assert problem(refused) == (401, "signature_invalid")


def test_a_request_token_is_short_lived(classic: SignedWalk) -> None:
    pair, verifier = classic.approved()
    waiting = classic.temporary()
    classic.box.skew = 300
    assert problem(classic.access_token(pair, verifier)) == (401, "token_expired")
    assert classic.authorize(waiting[0]).status_code == 400


# The person's word


def test_the_person_who_is_picked_signs_in(classic: SignedWalk) -> None:
    classic.box.ask()
    pair = classic.temporary()
    page = classic.authorize(pair[0])
    assert page.status_code == 200
    for text in ("Classic", "classic-key", "Know who you are", "Grace Hopper", "Cancel"):
        assert text in page.text
    assert classic.authorize(pair[0], {"person": "eve"}).status_code == 400
    back = came_back(classic.authorize(pair[0], {"person": "grace"}))
    tokens = pair_of(classic.access_token(pair, back["oauth_verifier"]))
    assert classic.send("GET", "api/me", tokens).json()["name"] == "Grace Hopper"


def test_a_callback_with_a_query_keeps_it(classic: SignedWalk) -> None:
    pair = classic.temporary(callback=f"{CALLBACK}?a=1")
    location = classic.authorize(pair[0]).headers["Location"]
    assert location.startswith(f"{CALLBACK}?a=1&oauth_token=")


def test_a_request_token_is_answered_once(classic: SignedWalk) -> None:
    pair, _ = classic.approved()
    assert classic.authorize(pair[0]).status_code == 400
    assert classic.authorize("unknown").status_code == 400
    assert requests.get(classic.url("authorize"), timeout=60).status_code == 400


@pytest.mark.parametrize("provider_id", ["classic", "twitter"])
@pytest.mark.parametrize("by_policy", [True, False])
def test_a_refusal_goes_back_in_the_provider_s_words(
    box: ServedSandbox, provider_id: str, by_policy: bool
) -> None:
    walk = SignedWalk(box, provider_id)
    token, secret = walk.temporary()
    (box.deny if by_policy else box.ask)()
    back = came_back(walk.authorize(token, None if by_policy else {"cancel": "1"}))
    if provider_id == "twitter":
        assert back == {"denied": token}
    else:
        assert back == {"oauth_problem": "user_refused", "oauth_token": token}
    box.login_as("ada")
    assert walk.authorize(token).status_code == 400
    assert walk.access_token((token, secret), "guess").status_code == 401
