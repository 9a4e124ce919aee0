"""The few that speak a protocol of their own, on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_social.http import Request, Response
from flask_social.protocols.identity import STEP
from flask_social.protocols.openid2 import NS, SIGNED, OpenID2
from flask_social.protocols.session_key import SessionKey
from tests.protocols.paper import Answer, answer, flow


def answering(provider: OpenID2 | SessionKey, token: Mapping[str, Any]) -> dict[str, Answer]:
    """What the provider says of what the callback brought."""
    if isinstance(provider, SessionKey):
        return {provider.token_url: answer(token)}
    lines = "".join(f"{name}:{value}\n" for name, value in token.items())
    return {provider.authorize_url: answer(lines.encode(), media="text/plain")}


def both(tokens: Mapping[str, Answer], pages: Mapping[str, Answer]) -> dict[str, Answer]:
    """The answers to either, also where one address gives both."""

    def either(url: str) -> Answer:
        def say(request: Request) -> Response:
            found = (pages if request.purpose == STEP else tokens)[url]
            assert isinstance(found, Response)
            return found

        return say

    return {**tokens, **pages, **{url: either(url) for url in tokens.keys() & pages.keys()}}


def callback(provider: OpenID2 | SessionKey, told: Mapping[str, str]) -> dict[str, str]:
    """The whole of a callback that brings what is *told*."""
    state = {"state": flow().state}
    return (
        {**state, "token": "t"} if isinstance(provider, SessionKey) else assertion(provider, told)
    )


def assertion(provider: OpenID2, told: Mapping[str, str]) -> dict[str, str]:
    """A good assertion, changed by what is *told*; all of it is signed, if that does not differ."""
    here = {
        "openid.ns": NS,
        "openid.mode": "id_res",
        "openid.op_endpoint": provider.authorize_url,
        "openid.return_to": f"{flow().callback_url}?state={flow().state}",
        "openid.response_nonce": "2027-01-15T08:00:00Zunique",
        "openid.assoc_handle": "its-own",
        "openid.identity": told.get("openid.claimed_id", ""),
        "openid.sig": "its-signature",
        **told,
    }
    names = sorted(SIGNED | {each.removeprefix("openid.") for each in told})
    return {"state": flow().state, "openid.signed": ",".join(names), **here}
