"""X's dialect of OAuth 1.0a, and its API in two versions."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from oauthlib.oauth1 import Client as Signer

from flask_social.sandbox import Client
from flask_social.testing import ServedSandbox

from .signed_walk import Pair, SignedWalk, pair_of, said
from .test_control import control

VERIFY = "api/1.1/account/verify_credentials.json"
COULD_NOT = {"errors": [{"code": 32, "message": "Could not authenticate you."}]}


@pytest.fixture
def twitter(box: ServedSandbox) -> SignedWalk:
    return SignedWalk(box, "twitter")


def tweet(walk: SignedWalk, tokens: Pair, **options: Any) -> requests.Response:
    """Post to ``2/tweets``: the signature does not cover a body of JSON (RFC 5849 3.4.1.3.1)."""
    signer = Signer(
        walk.key,
        "twitter-secret",
        resource_owner_key=tokens[0],
        resource_owner_secret=tokens[1],
        timestamp=str(walk.box.now()),
    )
    url, headers, _ = signer.sign(walk.url("api/2/tweets"), "POST")
    return requests.post(url, headers=headers, timeout=60, **options)


def test_answers_are_forms_that_say_they_are_html(twitter: SignedWalk) -> None:
    temporary = twitter.request_token()
    assert temporary.headers["Content-Type"].startswith("text/html")
    answer = twitter.access_token(*twitter.approved())
    assert answer.headers["Content-Type"].startswith("text/html")
    told = said(answer)
    assert set(told) == {"oauth_token", "oauth_token_secret", "user_id", "screen_name"}
    assert told["screen_name"] == "ada"
    assert len(told["user_id"]) == 9
    profile = twitter.send("GET", VERIFY, pair_of(answer)).json()
    assert profile["id_str"] == told["user_id"]


def test_refusals_are_in_x_s_words(twitter: SignedWalk) -> None:
    tokens = twitter.tokens()
    refused = twitter.send("GET", VERIFY, ("unknown", "x"))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, 89)
    late = twitter.request_token(timestamp=str(twitter.box.now() - 999))
    assert (late.status_code, late.json()["errors"][0]["code"]) == (401, 135)
    bare = twitter.request_token(None)
    assert (bare.status_code, bare.json()["errors"][0]["code"]) == (400, 215)
    twitter.secret = "another"
    for answer in (twitter.request_token(), twitter.send("GET", VERIFY, tokens)):
        assert (answer.status_code, answer.json()) == (401, COULD_NOT)
    unsigned = requests.get(twitter.url(VERIFY), timeout=60)
    assert (unsigned.status_code, unsigned.json()) == (401, COULD_NOT)
    second = requests.get(twitter.url("api/2/users/me"), timeout=60)
    assert (second.status_code, second.json()["title"]) == (401, "Unauthorized")


def test_a_callback_that_is_not_registered_is_refused(twitter: SignedWalk) -> None:
    client = Client(
        id=twitter.key, secret="twitter-secret", redirect_uris=("https://app.example/x",)
    )
    twitter.box["twitter"].register_client(client)
    refused = twitter.request_token()
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, 415)
    assert said(twitter.request_token("https://app.example/x"))


def test_an_address_is_told_if_asked_for_and_confirmed(twitter: SignedWalk) -> None:
    tokens = twitter.tokens()
    profile = twitter.send("GET", VERIFY, tokens).json()
    assert set(profile) == {
        *("id", "id_str", "name", "screen_name", "profile_image_url_https", "verified"),
    }
    assert profile["id"] == int(profile["id_str"])
    with_email = f"{VERIFY}?include_email=true&skip_status=true"
    assert twitter.send("GET", with_email, tokens).json()["email"] == "ada@example.com"
    for person in ("barbara", "radia"):
        twitter.box.login_as(person)
        profile = twitter.send("GET", with_email, twitter.tokens()).json()
        assert (profile["screen_name"], profile["email"]) == (person, None)


def test_version_2_tells_the_fields_asked_for(twitter: SignedWalk) -> None:
    tokens = twitter.tokens()
    told = twitter.send("GET", "api/2/users/me", tokens).json()["data"]
    assert set(told) == {"id", "name", "username"}
    path = "api/2/users/me?user.fields=verified%2Cprofile_image_url%2Codd"
    told = twitter.send("GET", path, tokens).json()["data"]
    assert set(told) == {"id", "name", "username", "verified", "profile_image_url"}
    assert told["id"] == twitter.send("GET", VERIFY, tokens).json()["id_str"]
    twitter.box["twitter"].set("api", data=[])
    assert twitter.send("GET", "api/2/users/me", tokens).json() == {"data": []}


def test_a_post_is_kept_and_shown_to_its_author(twitter: SignedWalk) -> None:
    answer = twitter.access_token(*twitter.approved())
    ada, number = pair_of(answer), said(answer)["user_id"]
    twitter.box.login_as("grace")
    grace = twitter.tokens()
    assert twitter.send("GET", f"api/2/users/{number}/tweets", ada).json() == {
        "meta": {"result_count": 0}
    }
    made = [tweet(twitter, who, json={"text": text}) for who, text in ((ada, "one"), (grace, "x"))]
    made.append(tweet(twitter, ada, json={"text": "two"}))
    assert [each.status_code for each in made] == [201, 201, 201]
    first, _, last = (each.json()["data"] for each in made)
    assert first == {"id": first["id"], "text": "one", "edit_history_tweet_ids": [first["id"]]}
    assert first["id"].isdecimal()
    shown = twitter.send("GET", f"api/2/users/{number}/tweets?max_results=5", ada).json()
    assert shown["data"] == [last, first]
    meta = {"result_count": 2, "newest_id": last["id"], "oldest_id": first["id"]}
    assert shown["meta"] == meta
    kept = [(post.person, post.text) for post in twitter.box["twitter"].posts]
    assert kept == [("ada", "one"), ("grace", "x"), ("ada", "two")]
    assert control(twitter.box, "GET", "twitter/posts")[1]["text"] == "x"
    twitter.box.reset()
    assert twitter.box["twitter"].posts == []


@pytest.mark.parametrize("sent", [{}, {"text": ""}, {"text": " "}, {"text": 1}, ["text"]])
def test_a_post_without_a_text_is_refused(twitter: SignedWalk, sent: object) -> None:
    refused = tweet(twitter, twitter.tokens(), json=sent)
    assert (refused.status_code, refused.json()["title"]) == (400, "Invalid Request")
    assert twitter.box["twitter"].posts == []


def test_a_post_is_json_signed_and_new(twitter: SignedWalk) -> None:
    tokens = twitter.tokens()
    no_json = tweet(twitter, tokens, data=b"text")
    assert no_json.status_code == 400
    assert tweet(twitter, (tokens[0], "x"), json={"text": "one"}).status_code == 401
    assert twitter.box["twitter"].posts == []
    assert tweet(twitter, tokens, json={"text": "one"}).status_code == 201
    again = tweet(twitter, tokens, json={"text": "one"})
    assert again.json() == {
        "title": "Forbidden",
        "detail": "You are not allowed to create a Tweet with duplicate content.",
        "type": "about:blank",
        "status": 403,
    }
    assert again.status_code == 403
    assert len(twitter.box["twitter"].posts) == 1


def test_other_paths_echo(twitter: SignedWalk) -> None:
    tokens = twitter.tokens()
    echo = twitter.send("POST", "api/1.1/friendships/create.json", tokens, {"user_id": "1"}).json()
    assert (echo["account"], echo["body"]) == ("Ada Lovelace", "user_id=1")
    assert twitter.send("GET", "api/2/users/1/tweets", tokens).json()["path"] == "2/users/1/tweets"
