"""Whatever a provider says, at whichever step, each stock provider ends in our error or goes on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_social import providers
from flask_social.errors import FlowStopped
from flask_social.http import Request, Response
from flask_social.protocols.oauth1 import OAuth1
from flask_social.protocols.refreshing import Known
from flask_social.values import Intent, Token
from tests.protocols.paper import flow
from tests.providers.golden import golden, registration, stock

from .strategies import bodies, json_values, often, texts

pytestmark = pytest.mark.usefixtures("_still")

T = TypeVar("T")

MEDIA = (
    *("application/json", "text/html", "text/plain", "application/x-www-form-urlencoded"),
    *("application/jwt", "text/javascript", ""),
)
GRANTED = {"access_token": "granted", "token_type": "Bearer", "expires_in": 3600}
answers = st.builds(
    lambda status, media, body, header: Response(
        status=status,
        headers={"content-type": media, "x-ausername": header, "dpop-nonce": header},
        body=body,
    ),
    st.sampled_from([200, 200, 200, 200, 201, 204, 400, 401, 403, 404, 410]),
    st.sampled_from(MEDIA),
    st.one_of(
        bodies(json_values),
        st.just(b'{"access_token": "granted", "token_type": "Bearer", "id": 7}'),
        st.just(b"oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=true"),
    ),
    texts,
)


class Anything:
    """A network on which anybody says anything."""

    def __init__(self, said: list[Response]) -> None:
        self.said = said
        self.asked = 0

    def __call__(self, request: Request) -> Response:
        self.asked += 1
        return self.said[self.asked % len(self.said)]

    def cached(
        self, request: Request, read: Callable[[Response], T], *, refetch: bool = False
    ) -> T:
        return read(self(request))


@pytest.mark.parametrize("provider_id", providers.names())
@often(8)
@given(st.lists(answers, min_size=1, max_size=4))
def test_every_step_ends_in_our_error_or_goes_on(provider_id: str, said: list[Response]) -> None:
    provider: Any = registration(provider_id).provider
    client, trip = registration(provider_id).client, flow(intent=Intent.CONNECT)
    with suppress(FlowStopped):
        provider.begin(client, trip, Anything(said))
    params = {
        "code": "c",
        "state": trip.state,
        **golden(provider_id, "profile").get("callback", {}),
    }
    if isinstance(provider, OAuth1):
        trip = replace(trip, request_token="t", request_secret="s")
        params = {"oauth_token": "t", "oauth_verifier": "v"}
    with suppress(FlowStopped):
        provider.complete(client, trip, {**params, "token": "t"}, Anything(said))
    kept = params.get(getattr(provider, "kept", None) or "")
    held = Token(access_token="7.a", refresh_token="r", secret=kept, raw=GRANTED)
    with suppress(FlowStopped):
        provider.fetch_profile(client, held, Anything(said))
    with suppress(FlowStopped):
        provider.revoke(client, held, Anything(said))
    if hasattr(provider, "refresh"):
        with suppress(FlowStopped):
            provider.refresh(client, held, Known(subject="7"), Anything(said))


NAMES = (
    *("code", "state", "error", "iss", "token", "hmac", "shop", "auth_code", "authCode", "user"),
    *("accounts-server", "realmId", "device_id", "oauth_token", "oauth_verifier", "denied"),
    *("openid.mode", "openid.ns", "openid.signed", "openid.response_nonce", "openid.claimed_id"),
    *("openid.return_to", "openid.op_endpoint", "openid.identity", "openid.sig"),
)


@pytest.mark.parametrize("provider_id", providers.names())
@often(8)
@given(st.dictionaries(st.sampled_from(NAMES), texts), st.lists(answers, min_size=1, max_size=2))
def test_so_does_any_callback(
    provider_id: str, params: dict[str, str], said: list[Response]
) -> None:
    provider = stock(provider_id)
    trip = flow(request_token="t", request_secret="s")
    with suppress(FlowStopped):
        provider.complete(registration(provider_id).client, trip, params, Anything(said))
