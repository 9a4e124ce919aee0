"""The few that speak a protocol of their own, in an application: its views guard them as any.

What they are when all goes well is in tests/catalogue, with all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flask_social import clock
from tests.bed import Bed, end, make_app
from tests.protocols.paper import NOW
from tests.providers import others
from tests.providers.golden import golden, settings, stock
from tests.providers.on_paper import network

NAMES = ("lastfm", "launchpad", "steam")


@pytest.fixture(params=NAMES)
def provider_id(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bed(provider_id: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bed]:
    key = f"SOCIAL_{provider_id.upper()}"
    bed = make_app({key: settings(provider_id), "SOCIAL_APP_URL": "http://localhost"})
    paper = network(
        stock(provider_id), golden(provider_id, "token"), golden(provider_id, "profile")
    )
    monkeypatch.setattr(bed.app.extensions["social"].wire, "for_request", lambda: paper)
    with clock.replaced(lambda: NOW):
        yield bed
    end(bed)


def came_back(url: str, provider_id: str) -> dict[str, str]:
    """What the provider sends people back with, for the trip that *url* began."""
    sent = {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}
    back = sent.get("cb") or sent["openid.return_to"]
    state = parse_qs(urlsplit(back).query)["state"][0]
    told = golden(provider_id, "profile").get("callback", {})
    provider: Any = stock(provider_id)
    params = others.callback(provider, told)
    if "openid.return_to" in params:
        params["openid.return_to"] = back
    return {**params, "state": state}


def test_a_state_of_another_browser_is_refused(bed: Bed, provider_id: str) -> None:
    away = bed.app.test_client().post(f"/login/{provider_id}")
    thief = bed.app.test_client()
    answer = thief.get(f"/login/{provider_id}", query_string=came_back(away.location, provider_id))
    assert answer.status_code == 400


def test_an_answer_is_taken_once(bed: Bed, provider_id: str) -> None:
    visitor = bed.app.test_client()
    away = visitor.post(f"/login/{provider_id}")
    params = came_back(away.location, provider_id)
    for status in (303, 400):
        answer = visitor.get(f"/login/{provider_id}", query_string=params)
        assert answer.status_code == status
