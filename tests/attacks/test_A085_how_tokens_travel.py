"""A085: a person's token goes to the provider's API, in the header, and nowhere else."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import requests
import tweepy

from flask_social import providers
from flask_social.api import ApiSession
from flask_social.protocols.credentials import bearer
from flask_social.sandbox import Recorded, Redirect
from flask_social.testing import ServedSandbox
from flask_social.transport import TransportOptions
from flask_social.values import Client, Token
from tests.attacks.leaks import U1, keys
from tests.bed import Bed
from tests.faulty import Faulty

PATHS = {
    "acme": "me",
    "plain": "me",
    "facebook": "me?fields=id",
    "foursquare": "users/self",
    "github": "user",
    "google": "oauth2/v3/userinfo",
    "linkedin": "v2/userinfo",
    "twitter": "1.1/account/verify_credentials.json",
    "vk": "method/users.get",
}
IN_THE_QUERY = {"foursquare": "oauth_token", "vk": "access_token"}
"""Presets whose API knows no header for the token, by the parameter that it knows."""
PRESETS = [each for each in PATHS if each not in ("acme", "plain")]


@pytest.fixture
def connected(make_bed: Callable[..., Bed], box: ServedSandbox) -> Callable[[str], Bed]:
    """A function that serves an application where U1 is connected to a provider."""

    def connect(provider_id: str) -> Bed:
        given = (
            {f"SOCIAL_{provider_id.upper()}": keys(provider_id)} if provider_id in PRESETS else {}
        )
        bed = make_bed(SOCIAL_SANDBOX=box.url, **given)
        bed.add_user(U1)
        answer = bed.browser().sign_in(U1).trip(f"/connect/{provider_id}")
        assert answer.status_code == 303
        assert len(bed.rows()) == 1
        return bed

    return connect


@contextmanager
def session_of(bed: Bed, provider_id: str) -> Iterator[ApiSession]:
    with bed.app.app_context():
        user = bed.db.session.get(bed.User, bed.user_id(U1))
        api: Any = bed.social.providers[provider_id].get_api(user=user)
        yield api.session._session if isinstance(api, tweepy.Client) else api


def where(request: Recorded, secret: str) -> set[str]:
    """The places of *request* that hold *secret*."""
    places = {
        "address": unquote(f"{request.path}?{request.query}"),
        "body": unquote(request.body),
        **{f"header {name}": unquote(value) for name, value in request.headers.items()},
    }
    return {place for place, text in places.items() if secret in text}


@pytest.mark.parametrize("provider_id", PATHS)
def test_A085_only_in_the_header_and_only_to_the_api(
    connected: Callable[[str], Bed], provider_id: str
) -> None:
    bed = connected(provider_id)
    [row] = bed.rows()
    with session_of(bed, provider_id) as session:
        assert session.get(PATHS[provider_id]).status_code == 200

    carrying = [each for each in bed.sandbox.requests if where(each, row.access_token)]
    assert carrying
    assert {each.endpoint for each in carrying} <= {"api", "userinfo"}
    expected = "address" if provider_id in IN_THE_QUERY else "header Authorization"
    assert [where(each, row.access_token) for each in carrying] == [{expected}] * len(carrying)
    for kept in filter(None, (row.secret, row.refresh_token, row.id_token)):
        assert [where(each, kept) for each in bed.sandbox.requests if where(each, kept)] == []
    for each in carrying:
        assert where(each, f"{provider_id} secret") == set()


def test_A085_facebook_calls_carry_the_proof_of_the_app_s_secret(
    connected: Callable[[str], Bed],
) -> None:
    bed = connected("facebook")
    [row] = bed.rows()
    with session_of(bed, "facebook") as session:
        session.get("me")
        session.post("me/feed", data={"message": "x"})
    proof = hmac.digest(b"facebook secret", row.access_token.encode(), "sha256").hex()
    calls = [each for each in bed.sandbox.requests if each.endpoint == "api"]
    assert len(calls) == 3
    assert [parse_qs(each.query)["appsecret_proof"] for each in calls] == [[proof]] * 3


def test_A085_twitter_calls_are_signed_one_by_one(connected: Callable[[str], Bed]) -> None:
    bed = connected("twitter")
    with session_of(bed, "twitter") as session:
        for _ in range(2):
            assert session.get(PATHS["twitter"]).status_code == 200  # the sandbox verifies it
        said = session.get(PATHS["twitter"]).request.headers["Authorization"]
        again = session.get(PATHS["twitter"], auth=lambda request: stolen(request, said))
    assert again.status_code == 401, "a signature is good once"
    calls = [
        each.headers["Authorization"] for each in bed.sandbox.requests if each.endpoint == "api"
    ]
    assert all(each.startswith("OAuth ") for each in calls)
    assert len(set(calls)) == len(calls) - 1


def stolen(request: Any, signature: str) -> Any:
    request.headers["Authorization"] = signature
    return request


@pytest.mark.parametrize("provider_id", ["acme", "facebook", "foursquare", "twitter"])
def test_A085_no_token_to_another_host(connected: Callable[[str], Bed], provider_id: str) -> None:
    bed = connected(provider_id)
    with (
        Faulty(lambda exchange: exchange.reply(b"{}")) as sink,
        session_of(bed, provider_id) as api,
    ):
        with pytest.raises(ValueError, match="not where this token may go"):
            api.get(f"{sink.url}/me")
        with pytest.raises(ValueError, match="not where this token may go"):
            api.send(requests.Request("GET", f"{sink.url}/me", auth=api.auth).prepare())
        for status in (301, 302, 303, 307, 308):
            fault = bed.sandbox[provider_id].fail("api", Redirect(f"{sink.url}/stolen", status))
            answer = api.post(PATHS[provider_id], data={"a": "b"})
            assert (answer.status_code, answer.history) == (status, []), fault
            bed.sandbox[provider_id].clear()
        assert sink.connections == 0


@pytest.mark.parametrize("provider_id", PRESETS)
def test_A085_the_preset_s_own_api_over_https_and_no_other(provider_id: str) -> None:
    provider: Any = providers.find(provider_id)
    base = str(getattr(provider, "api_url", None) or provider.issuer)
    assert urlsplit(base).scheme == "https"
    session = ApiSession(
        base_url=base,
        token=Token(access_token="a token", secret="a secret"),
        client=Client(id="id", secret="secret"),
        token_use=getattr(provider, "token_use", bearer),
        options=TransportOptions(proxy="http://127.0.0.1:9"),
    )
    plain = base.replace("https://", "http://")
    host = urlsplit(base).hostname
    for url in (
        plain,
        f"https://evil.example/{host}",
        f"https://{host}.evil.example",
        f"https://{host}:444/",
    ):
        with pytest.raises(ValueError, match=r"may go|unless by https"):
            session.get(url)
