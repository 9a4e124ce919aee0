"""The same client where people come by OAuth 2.0: ``twitter2`` beside ``twitter``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, Literal

import pytest
import tweepy

from flask_social.api import ApiSession
from flask_social.sandbox import Status
from flask_social.testing import ServedSandbox
from flask_social.vendors import twitter as vendor
from tests.bed import Bed
from tests.vendors.test_twitter import EMAIL, HELLO

Kind = Literal["tweepy", "session"]
KEYS = {"consumer_key": "twitter2 key", "consumer_secret": "twitter2 secret"}


@pytest.fixture(params=["tweepy", "session"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kind:
    """With tweepy, and without."""
    kind: Kind = request.param
    if kind == "session":
        monkeypatch.setitem(sys.modules, "tweepy", None)
        monkeypatch.delitem(sys.modules, "flask_social.vendors.tweepy_client", raising=False)
        vendor._say_what_is_missing.cache_clear()
    return kind


@pytest.fixture
def connected(make_bed: Callable[..., Bed], box: ServedSandbox) -> Bed:
    """A user who has connected an account of X, over HTTP."""
    bed = make_bed(SOCIAL_SANDBOX=box.url, SOCIAL_TWITTER2=KEYS)
    bed.add_user(EMAIL)
    assert bed.browser().sign_in(EMAIL).trip("/connect/twitter2").status_code == 303
    box.reset_counters()
    return bed


def api_of(bed: Bed) -> Any:
    user = bed.db.session.get(bed.User, bed.user_id(EMAIL))
    return bed.social.twitter2.get_api(user=user)


def last(bed: Bed) -> Any:
    """The latest call of the API."""
    return [each for each in bed.sandbox.requests if each.endpoint == "api"][-1]


def test_who_connects_is_asked_for_what_the_client_needs(connected: Bed) -> None:
    [row] = connected.rows()
    assert row.refresh_token
    assert {"users.read", "tweet.read"} <= set(row.scopes.split())
    assert row.secret is None


def test_either_client_speaks_for_the_account_by_its_bearer_token(
    connected: Bed, kind: Kind
) -> None:
    with connected.app.test_request_context():
        api: Any = api_of(connected)
        assert type(api).__mro__.count(tweepy.Client if kind == "tweepy" else ApiSession) == 1
        if kind == "tweepy":
            told = api.get_me(user_auth=False)
            assert str(told.data.id) == connected.rows()[0].provider_user_id
        else:
            told = api.get("2/users/me")
            assert told.json()["data"]["id"] == connected.rows()[0].provider_user_id
    sent = last(connected)
    assert sent.path == "/twitter2/api/2/users/me"
    assert sent.headers["Authorization"] == f"Bearer {connected.rows()[0].access_token}"


@pytest.mark.parametrize("user_auth", [True, False])
def test_tweepy_posts_whichever_way_it_is_told_to_sign(connected: Bed, user_auth: bool) -> None:
    with connected.app.test_request_context():
        api = api_of(connected)
        api.create_tweet(text=HELLO, user_auth=user_auth)
    sent = last(connected)
    assert (sent.method, sent.path) == ("POST", "/twitter2/api/2/tweets")
    assert json.loads(sent.body) == {"text": HELLO}
    assert sent.headers["Authorization"].startswith("Bearer ")


def test_the_documented_name_posts_by_either_client(connected: Bed, kind: Kind) -> None:
    post = {"id": "1445880548472328192", "text": HELLO}
    said = Status(201, json.dumps({"data": post}), {"Content-Type": "application/json"})
    connected.sandbox["twitter2"].fail("api", said)
    with connected.app.test_request_context():
        assert api_of(connected).PostUpdate(HELLO) == post
    sent = last(connected)
    assert (sent.method, sent.path) == ("POST", "/twitter2/api/2/tweets")
    assert json.loads(sent.body) == {"text": HELLO}


def test_a_token_that_is_due_is_refreshed_for_either_client(connected: Bed, kind: Kind) -> None:
    [row] = connected.rows()
    with connected.app.app_context():
        held: Any = connected.db.session.get(connected.Connection, row.id)
        held.expires_at = 1
        connected.db.session.commit()
    with connected.app.test_request_context():
        api = api_of(connected)
        if kind == "tweepy":
            api.get_me(user_auth=False)
        else:
            api.get("2/users/me")
    [renewed] = connected.rows()
    assert renewed.access_token != row.access_token
    assert last(connected).headers["Authorization"] == f"Bearer {renewed.access_token}"
