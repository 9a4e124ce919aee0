"""What ``social.twitter.get_api()`` gives: tweepy's client, or the session where tweepy is not.

``recorded/post_tweet.json`` is the one exchange of the documentation's example as X documents it,
with the addresses of the pages that say so.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import pytest
import requests
import tweepy
from oauthlib.oauth1.rfc5849.signature import collect_parameters, verify_hmac_sha1
from requests.adapters import HTTPAdapter

from flask_social import providers
from flask_social.api import ApiSession
from flask_social.protocols.oauth1 import OAuth1
from flask_social.testing import ServedSandbox
from flask_social.values import Client, Token
from flask_social.vendors import twitter as vendor
from tests.bed import Bed
from tests.faulty import PATIENT, TRIES, Exchange, Faulty

RECORDED = json.loads((Path(__file__).parent / "recorded/post_tweet.json").read_text("utf-8"))
HELLO = "hello from my Flask app!"
CLIENT = Client(id="the-consumer-key", secret="the-consumer-secret")
TOKEN = Token(access_token="783214-the-access-token", secret="the-token-secret", token_type="OAuth")
SECRETS = (CLIENT.secret or "", TOKEN.access_token, TOKEN.secret or "")
EMAIL = "user@example.org"

Kind = Literal["tweepy", "session"]


def forget_tweepy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an environment that has no tweepy, and in a process that has not said so yet."""
    monkeypatch.setitem(sys.modules, "tweepy", None)
    monkeypatch.delitem(sys.modules, "flask_social.vendors.tweepy_client", raising=False)
    vendor._say_what_is_missing.cache_clear()


@pytest.fixture(params=["tweepy", "session"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kind:
    """With tweepy, and without."""
    kind: Kind = request.param
    if kind == "session":
        forget_tweepy(monkeypatch)
    return kind


def stock() -> OAuth1:
    provider = providers.find("twitter")
    assert isinstance(provider, OAuth1)
    return provider


def client_at(base_url: str, timeout: float | None = None) -> Any:
    """The client of an account, at *base_url*."""
    provider = stock()
    session = ApiSession(
        base_url=base_url,
        token=TOKEN,
        client=CLIENT,
        token_use=provider.token_use,
        options=PATIENT,
        timeout=timeout,
    )
    row = SimpleNamespace(
        provider_user_id="783214", access_token=str(TOKEN.access_token), secret=str(TOKEN.secret)
    )
    assert provider.api is not None
    return provider.api(session, row, CLIENT)


def respond(exchange: Exchange, document: Any, status: int = 200) -> None:
    """*document*, as X would send it."""
    content_type = RECORDED["answer"]["content_type"]
    exchange.reply(json.dumps(document).encode(), status, Content_Type=content_type)


def post_recorded(exchange: Exchange) -> None:
    """X, as far as it is recorded."""
    respond(exchange, RECORDED["answer"]["body"], RECORDED["answer"]["status"])


def oauth_parameters(authorization: str) -> dict[str, str]:
    """The parameters of an ``Authorization`` header (RFC 5849 section 3.5.1)."""
    scheme, _, rest = authorization.partition(" ")
    assert scheme == "OAuth"
    pairs = (pair.strip().partition("=") for pair in rest.split(","))
    return {name: unquote(value.strip('"')) for name, _, value in pairs}


def is_signed(method: str, url: str, authorization: str, signed: list[str]) -> bool:
    """Whether oauthlib's server takes the signature, over the query and over *signed* alone."""
    parameters = oauth_parameters(authorization)
    query = collect_parameters(uri_query=urlsplit(url).query)
    request: Any = SimpleNamespace(
        http_method=method,
        uri=url,
        params=[*query, *((name, parameters[name]) for name in signed)],
        signature=parameters["oauth_signature"],
    )
    return bool(verify_hmac_sha1(request, CLIENT.secret, TOKEN.secret))


# The documented example.


@pytest.fixture
def connected(make_bed: Callable[..., Bed], box: ServedSandbox) -> Iterator[Bed]:
    """A user who has connected a Twitter account, over HTTP."""
    keys = {"consumer_key": "twitter-key", "consumer_secret": "twitter-secret"}
    bed = make_bed(SOCIAL_SANDBOX=box.url, SOCIAL_TWITTER=keys)
    bed.add_user(EMAIL)
    answer = bed.browser().sign_in(EMAIL).trip("/connect/twitter")
    assert answer.status_code == 303
    with bed.app.app_context():
        yield bed


def api_of(bed: Bed) -> Any:
    user = bed.db.session.get(bed.User, bed.user_id(EMAIL))
    return bed.social.twitter.get_api(user=user)


def test_a_connected_user_posts_the_documented_tweet(
    kind: Kind, connected: Bed, box: ServedSandbox
) -> None:
    twitter_api = api_of(connected)
    expected = tweepy.Client if kind == "tweepy" else ApiSession
    assert issubclass(type(twitter_api), expected)
    tweet = twitter_api.PostUpdate(HELLO)
    [post] = box["twitter"].posts
    assert (post.person, post.text, post.client_id) == ("ada", HELLO, "twitter-key")
    assert tweet == {"id": post.id, "text": HELLO, "edit_history_tweet_ids": [post.id]}


def test_a_refusal_is_the_client_s_own_error_and_tells_no_secret(
    kind: Kind, connected: Bed
) -> None:
    twitter_api = api_of(connected)
    twitter_api.PostUpdate(HELLO)
    expected: Any = tweepy.Forbidden if kind == "tweepy" else requests.HTTPError
    with pytest.raises(expected, match=r"^403") as refused:
        twitter_api.PostUpdate(HELLO)
    [row] = connected.rows()
    assert row.access_token
    assert row.secret
    told = f"{refused.value} {refused.value!r} {refused.value.response!r}"
    assert not any(each in told for each in ("twitter-secret", row.access_token, row.secret))


def test_the_rest_of_tweepy_acts_for_the_account_too(connected: Bed) -> None:
    client = api_of(connected)
    [row] = connected.rows()
    client.PostUpdate(HELLO)
    for user_auth in (True, False):
        assert str(client.get_me(user_auth=user_auth).data.id) == row.provider_user_id
    [tweet] = client.get_users_tweets(row.provider_user_id, max_results=5, user_auth=True).data
    assert tweet.text == HELLO


# What is sent, compared with what X documents.


def test_what_is_sent_is_what_x_documents(kind: Kind) -> None:
    wanted = RECORDED["request"]
    with Faulty(post_recorded) as server:
        tweet = client_at(server.url).PostUpdate(wanted["body"]["text"])
    [sent] = server.requests
    assert tweet == RECORDED["answer"]["body"]["data"]
    assert (sent.method, sent.target) == (wanted["method"], urlsplit(wanted["url"]).path)
    assert sent.headers["content-type"] == wanted["content_type"]
    assert json.loads(sent.body) == wanted["body"]
    authorization, documented = sent.headers["authorization"], wanted["authorization"]
    parameters = oauth_parameters(authorization)
    assert sorted(parameters) == documented["parameters"]
    assert parameters["oauth_signature_method"] == documented["oauth_signature_method"]
    assert parameters["oauth_version"] == documented["oauth_version"]
    assert parameters["oauth_consumer_key"] == CLIENT.id
    assert parameters["oauth_token"] == TOKEN.access_token
    url = server.url + sent.target
    assert is_signed("POST", url, authorization, wanted["signed"])
    assert not is_signed("POST", f"{url}?text=other", authorization, wanted["signed"])


class Recording(HTTPAdapter):
    """Answers as recorded whatever is asked, and keeps what was."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[requests.PreparedRequest] = []

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, **_: Any
    ) -> requests.Response:
        self.sent.append(request)
        response = requests.Response()
        response.status_code, response.url = RECORDED["answer"]["status"], str(request.url)
        response._content = json.dumps(RECORDED["answer"]["body"]).encode()
        return response


def test_without_any_override_the_address_is_x_s_own(kind: Kind) -> None:
    client, recording = client_at(stock().api_url), Recording()
    session = client if kind == "session" else client.session._session
    session.mount("https://", recording)
    client.PostUpdate(HELLO)
    [sent] = recording.sent
    url = RECORDED["request"]["url"]
    assert sent.url == session.url_for("2/tweets") == url
    assert is_signed("POST", url, sent.headers["Authorization"], RECORDED["request"]["signed"])


def test_the_query_is_signed_and_no_bearer_token_is_sent() -> None:
    found = {"data": {"id": "783214", "name": "Ada", "username": "ada"}}
    with Faulty(lambda exchange: respond(exchange, found)) as server:
        client = client_at(f"{server.url}/twitter/api/")
        for user_auth in (True, False):
            assert client.get_me(user_fields=["name", "id"], user_auth=user_auth).data.id == 783214
    assert len(server.requests) == 2
    for sent in server.requests:
        assert sent.target == "/twitter/api/2/users/me?user.fields=name%2Cid"
        url, authorization = server.url + sent.target, sent.headers["authorization"]
        assert is_signed("GET", url, authorization, RECORDED["request"]["signed"])
        assert sent.headers["user-agent"].endswith(f"Tweepy/{tweepy.__version__}")


def test_the_account_s_id_is_the_connection_s_and_costs_no_request() -> None:
    done = {"data": {"liked": True}}
    with Faulty(lambda exchange: respond(exchange, done)) as server:
        client = client_at(server.url)
        client.access_token = "a token that does not begin with an id"
        for user_auth in (True, False):
            assert client.like("20", user_auth=user_auth).data == {"liked": True}
    assert [each.target for each in server.requests] == ["/2/users/783214/likes"] * 2


# What goes wrong.


def test_the_deadline_is_ours(kind: Kind) -> None:
    for seconds in TRIES:
        with (
            Faulty(lambda exchange: exchange.stall()) as server,
            pytest.raises(requests.RequestException) as late,
        ):
            client_at(server.url, timeout=seconds).PostUpdate(HELLO)
        assert not any(secret in repr(late.value) for secret in SECRETS)
        if server.requests:
            break
    assert isinstance(late.value, requests.ReadTimeout)


@pytest.mark.parametrize("document", [{}, {"data": None}, {"data": {"text": "x"}}])
def test_an_answer_without_a_post_is_no_success(kind: Kind, document: dict[str, Any]) -> None:
    with (
        Faulty(lambda exchange: respond(exchange, document, 201)) as server,
        pytest.raises(ValueError, match="without a post"),
    ):
        client_at(server.url).PostUpdate(HELLO)


def test_no_secret_is_in_a_repr_or_in_what_anybody_logs(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Faulty(post_recorded) as server:
        client = client_at(server.url)
        client.PostUpdate(HELLO)
        if kind == "tweepy":
            client.get_tweet("20", user_auth=False)
    loggers = {record.name for record in caplog.records}
    assert ("tweepy.client" in loggers) is (kind == "tweepy")
    shown = [repr(client), str(client), repr(vars(client)), caplog.text]
    shown += [f"{record.msg!r} {record.args!r}" for record in caplog.records]
    assert not any(secret in text for text in shown for secret in SECRETS)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the library says of itself."""
    return [each.getMessage() for each in caplog.records if each.name == "flask_social"]


def test_that_tweepy_is_missing_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    client_at("http://127.0.0.1:9/")
    assert said(caplog) == []
    forget_tweepy(monkeypatch)
    for _ in range(2):
        assert isinstance(client_at("http://127.0.0.1:9/"), ApiSession)
    [line] = said(caplog)
    assert "tweepy is not installed" in line


def test_a_broken_tweepy_is_not_taken_for_a_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in list(sys.modules) if each.partition(".")[0] == "tweepy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "flask_social.vendors.tweepy_client", raising=False)
    monkeypatch.setitem(sys.modules, "requests_oauthlib", None)
    with pytest.raises(ModuleNotFoundError, match="requests_oauthlib"):
        client_at("http://127.0.0.1:9/")
