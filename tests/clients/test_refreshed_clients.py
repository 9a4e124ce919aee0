"""Clients of connections whose tokens expire, in a whole application, with the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from flask_social import clock
from flask_social.errors import ReconnectNeeded
from flask_social.testing import ServedSandbox
from tests.bed import Bed
from tests.freshness import Connected, config

Call = Callable[[Any, str], Any]


def by_github(api: Any, url: str) -> Any:
    return api.requester.requestJsonAndCheck("GET", "/whatever")[1]


CALLS: dict[str, Call] = {
    "PyGithub": by_github,
    "google-auth": lambda api, url: api.get(f"{url}whatever").json(),
    "notion-client": lambda api, url: api.request("whatever", "GET"),
    "python-gitlab": lambda api, url: api.http_get("/whatever"),
    "praw": lambda api, url: api.request(method="GET", path="whatever"),
    "simple-salesforce": lambda api, url: api.restful("whatever"),
    "spotipy": lambda api, url: api._get("whatever"),
}
"""How each library is asked for a path that it knows nothing of."""
every = pytest.mark.parametrize("name", CALLS)
those_told_of_401 = pytest.mark.parametrize("name", sorted(CALLS.keys() - {"PyGithub"}))


class Client(Connected):
    """Ada, and a client of one library for her connection."""

    def __init__(self, bed: Bed, name: str) -> None:
        super().__init__(bed)
        self.url = str(bed.app.config["SOCIAL_ACME"]["api_url"])
        self.name = name

    def later(self) -> AbstractContextManager[None]:
        """The time at which the token has expired."""
        expired = float(self.row().expires_at)
        return clock.replaced(lambda: expired)

    def call(self, api: Any) -> str:
        """Who the API says that the token is of."""
        return str(CALLS[self.name](api, self.url)["account"])


@pytest.fixture
def ada(name: str, make_bed: Callable[..., Bed], box: ServedSandbox) -> Client:
    return Client(make_bed(**config(box, api_client=name)), name)


@every
def test_a_token_that_expired_is_refreshed_before_the_client_has_it(name: str, ada: Client) -> None:
    before = ada.row().access_token
    ada.expire()
    with ada.api() as api:
        assert ada.call(api) == "Ada Lovelace"
    assert ada.asked() == (1, 1)
    assert ada.row().access_token != before


@every
def test_a_client_that_is_kept_has_the_refreshed_token(name: str, ada: Client) -> None:
    with ada.api() as api:
        ada.call(api)
        with ada.later():
            assert ada.call(api) == "Ada Lovelace"
    assert ada.asked() == (1, 2)


@those_told_of_401
def test_a_token_that_the_api_takes_no_more_is_refreshed_in_the_store(
    name: str, ada: Client
) -> None:
    before = ada.row().access_token
    ada.provider.access_tokens[before].expires_at = 1
    with ada.api() as api:
        assert ada.call(api) == "Ada Lovelace"
    assert ada.asked() == (1, 2)
    assert ada.row().access_token != before


@every
def test_a_consent_that_was_taken_back_is_told_as_that(name: str, ada: Client) -> None:
    with ada.api() as api:
        ada.revoke()
        with ada.later(), pytest.raises(ReconnectNeeded):
            ada.call(api)
    assert ada.broken() == ["invalid_grant"]
