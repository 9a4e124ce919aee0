"""A027: calls of a provider's API, and all that goes wrong with them, show no secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
import trustme
import tweepy

from flask_social.api import ApiSession
from flask_social.errors import ReconnectNeeded
from flask_social.protocols.credentials import in_query
from flask_social.sandbox import Fault, Hang, Redirect, Reset, Status, Truncate
from flask_social.values import Client, Token
from tests.attacks.leaks import U1, Echo, Watched
from tests.faulty import PATIENT, Faulty, server_tls

PATHS = {
    "acme": "userinfo",
    "plain": "me",
    "classic": "me",
    "twitter": "1.1/account/verify_credentials.json",
    "facebook": "me",
    "foursquare": "users/self",
}
FAILURES: tuple[type[Exception], ...] = (
    requests.RequestException,
    tweepy.TweepyException,
    ReconnectNeeded,
)


@contextmanager
def api_of(watched: Watched, provider_id: str) -> Iterator[Any]:
    """What ``get_api()`` gives for U1."""
    bed = watched.bed
    with bed.app.app_context():
        user = bed.db.session.get(bed.User, bed.user_id(U1))
        yield bed.social.providers[provider_id].get_api(user=user)


def session_of(api: Any) -> Any:
    """The authorised session, which may be behind a vendor's client."""
    return api.session._session if isinstance(api, tweepy.Client) else api


def faults(sink: str) -> list[Fault]:
    statuses = (Status(401), Status(403, "no"), Status(429), Status(500, "out of order"))
    return [*statuses, Reset(), Truncate(3), Redirect(sink, 307)]


@pytest.mark.parametrize("provider_id", PATHS)
def test_A027_api_calls_that_work_and_that_fail(watched: Watched, provider_id: str) -> None:
    browser = watched.connected(provider_id)
    provider = watched.bed.sandbox[provider_id]
    told: list[str] = []
    with api_of(watched, provider_id) as api:
        session = session_of(api)
        answer = session.get(PATHS[provider_id])
        assert answer.status_code == 200
        told += [f"{answer!r} {vars(answer)!r} {vars(answer.request)!r} {answer.request!r}"]
        for fault in faults(f"{watched.bed.sandbox.url}sink/caught"):
            provider.fail("api", fault)
            told += failures_of(lambda: session.get(PATHS[provider_id]).raise_for_status())
            if isinstance(api, tweepy.Client):
                told += failures_of(api.get_me)
            provider.clear()
        told += failures_of(lambda: session.get("https://evil.example/"), ValueError)
        provider.fail("api", Hang())
        told += failures_of(lambda: session.get(PATHS[provider_id], timeout=0.3))
    provider.clear()  # disconnecting asks some of them by their API
    browser.post(f"/disconnect/{provider_id}")
    assert len(told) >= 8
    watched.knows("cookie")
    assert watched.secrets.shown_in("\n".join(told)) == []


def failures_of(call: Callable[[], Any], kinds: Any = FAILURES) -> list[str]:
    """All that can be seen of how *call* failed; nothing where it did not."""
    try:
        call()
    except kinds as error:
        seen = [error, getattr(error, "request", None), getattr(error, "response", None)]
        return [f"{each} {each!r} {vars(each) if each is not None else {}!r}" for each in seen]
    return []


def test_A027_an_api_that_repeats_what_it_was_asked_with(watched: Watched) -> None:
    watched.connected("foursquare")
    watched.bed.sandbox["foursquare"].fail("api", Echo(403, "error_description"))
    with api_of(watched, "foursquare") as api:
        answer = api.get(PATHS["foursquare"])
        assert "oauth_token" in answer.text, "it does say it; whoever reads the body gets it"
        with pytest.raises(requests.HTTPError) as caught:
            answer.raise_for_status()
    watched.knows("access token")
    assert watched.secrets.shown_in(f"{caught.value} {caught.value!r} {answer!r}") == []


def test_A027_an_api_whose_certificate_nobody_knows(watched: Watched) -> None:
    watched.connected("acme")
    watched.secrets.add("canary", "a token of this very test")
    with Faulty(lambda exchange: exchange.hang_up(), server_tls(trustme.CA())) as server:
        session = ApiSession(
            base_url=server.url,
            token=Token(access_token="a token of this very test"),
            client=Client(id="id"),
            token_use=in_query("oauth_token"),
            options=PATIENT,
        )
        with watched.bed.app.app_context():
            told = failures_of(lambda: session.get("me"))
    assert "certificate" in told[0]
    watched.knows("canary")
    assert watched.secrets.shown_in("\n".join(told)) == []
