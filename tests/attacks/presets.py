"""Each stock provider's trip on paper, and every secret in it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from flask_social.protocols.atproto import Atproto
from flask_social.protocols.oauth1 import OAuth1
from flask_social.values import Client, Flow, Grant
from tests.protocols.paper import Paper, flow
from tests.providers import pushed
from tests.providers.golden import golden, registration
from tests.providers.on_paper import complete, network

CODE = "c4n4ry-of-the-code"
TOKENS = ("c4n4ry-of-the-access-token", "c4n4ry-of-the-refresh-token", "c4n4ry-of-the-secret")
LONG = 12
"""Characters of a token that is in no text by chance."""
SECRET_SETTINGS = ("api_key", "application_key", "encryption_key", "request_key")
"""What applications are given beside id and secret, and tell nobody but the provider."""


@dataclass(frozen=True, kw_only=True)
class Trip:
    """What a trip was made of, and what became of it."""

    provider: Any
    client: Client
    flow: Flow
    send: Paper
    url: str
    grant: Grant

    @property
    def token(self) -> str:
        return str(self.grant.token.access_token)

    def secrets(self) -> dict[str, str]:
        """What nobody may read anywhere, by what it is."""
        token = self.grant.token
        mine = {name: self.client.more.get(name) for name in SECRET_SETTINGS}
        found = {
            "client secret": self.client.secret,
            "private key": self.client.private_key,
            **mine,
            "code": CODE,
            "state": self.flow.state,
            "verifier": self.flow.code_verifier,
            "access token": token.access_token,
            "refresh token": token.refresh_token,
            "id token": token.id_token,
            "token secret": token.secret if isinstance(self.provider, OAuth1) else None,
        }
        return {name: str(value) for name, value in found.items() if value}

    def shown_in(self, text: str, *, but: str = "") -> list[str]:
        """The kinds of secrets that *text* shows, *but* one."""
        known = self.secrets().items()
        return sorted(name for name, secret in known if secret in text and name != but)


def trip(provider_id: str) -> Trip:
    """A person has said yes, and what came of it."""
    profile = told(provider_id)
    token = granted(provider_id, profile)
    provider: Any = registration(provider_id).provider
    send = network(provider, token, profile)
    url = begin(provider_id, send)
    grant = complete(provider, send, profile)
    client = registration(provider_id).client
    return Trip(provider=provider, client=client, flow=flow(), send=send, url=url, grant=grant)


def told(provider_id: str) -> dict[str, Any]:
    """The golden profile; the callback beside it brings a code that is known again."""
    profile: dict[str, Any] = golden(provider_id, "profile")
    words = getattr(registration(provider_id).provider, "callback_words", {})
    code = {"code": CODE, words.get("code", "code"): CODE}
    return {**profile, "callback": {**profile.get("callback", {}), **code}}


def granted(provider_id: str, profile: dict[str, Any]) -> dict[str, Any]:
    """The golden token answer, its tokens such as are known again."""
    answer: Any = golden(provider_id, "token")
    provider: Any = registration(provider_id).provider
    token = complete(provider, network(provider, answer, profile), profile).token
    secret = token.secret if isinstance(provider, OAuth1) else None
    for canary, plain in zip(
        TOKENS, (token.access_token, token.refresh_token, secret), strict=True
    ):
        if plain and len(plain) <= LONG:
            answer = replaced(answer, str(plain), canary)
    return dict(answer)


def replaced(document: Any, text: str, canary: str) -> Any:
    """*document* with the *canary* wherever it says *text*."""
    if isinstance(document, dict):
        return {name: replaced(each, text, canary) for name, each in document.items()}
    if isinstance(document, list):
        return [replaced(each, text, canary) for each in document]
    return canary if document == text else copy.deepcopy(document)


def begin(provider_id: str, send: Paper) -> str:
    """Where people are sent; empty where that is a request token that nobody wrote down."""
    provider: Any = registration(provider_id).provider
    if isinstance(provider, OAuth1):
        return ""
    if isinstance(provider, Atproto):
        send = Paper(pushed.answering(provider, {}, {}))
    _, url = provider.begin(registration(provider_id).client, flow(), send)
    return str(url)
