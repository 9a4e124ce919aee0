"""A token that the callback brings, exchanged for a session by a signed call: Last.fm's own way.

Older than OAuth 2.0, it knows no state: ours travels inside the callback's address. Calls are
signed with an MD5 of names, values and the application's secret, as the provider has it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from ..errors import Denied, ProviderError, ProviderUnavailable
from ..http import Params, Request, Response, Send, with_query
from ..values import Client, Flow, Grant, Intent, Token
from .base import read_object, unguessable
from .credentials import TokenUse
from .profile import ApiProvider
from .token_answer import masked, read_secret

CALLBACK_STEP = "reading the callback"
TOKEN_STEP = "exchanging the token"
UNSIGNED = frozenset({"format", "callback"})
"""Parameters that a signature leaves out."""
REFUSED = {4: "invalid_grant", 14: "invalid_grant", 15: "invalid_grant"}
"""Errors about the token: it is none, the person has not said yes, it has expired."""
OUR_FAULT = frozenset({10, 13, 26})
"""Errors about the application: its key is none, its signature is wrong, it was suspended."""


def with_session(request: Request, token: Token, client: Client) -> Request:
    """The call in the name of the session, signed over its query or its form."""
    told = {"api_key": client.id, "sk": token.access_token, "format": "json"}
    if request.form is not None:
        return replace(request, form=signed({**request.form, **told}, client))
    asked = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    return request.with_query(**signed({**asked, **told}, client))


def signed(members: Mapping[str, str], client: Client) -> dict[str, str]:
    """*members* with their signature as ``api_sig``."""
    text = "".join(f"{name}{members[name]}" for name in sorted(members.keys() - UNSIGNED))
    digest = hashlib.md5(f"{text}{client.secret}".encode(), usedforsecurity=False)
    return {**members, "api_sig": digest.hexdigest()}


@dataclass(frozen=True, kw_only=True)
class SessionKey(ApiProvider):
    """A provider whose sessions have a key, which does not expire and is not taken back."""

    authorize_url: str = ""
    token_url: str = ""
    """Where the session is asked for."""
    token_use: TokenUse = field(default=with_session)

    # Out ...

    def begin(self, client: Client, flow: Flow, send: Send) -> tuple[Flow, str]:
        """The flow with its state, and where to send the person."""
        if flow.intent is Intent.VERIFY:
            raise Denied("cannot_verify", f"{self.id} cannot prove that the person is there now")
        flow = replace(flow, state=unguessable())
        back = with_query(flow.callback_url, {"state": flow.state})
        return flow, with_query(self.authorize_url, {"api_key": client.id, "cb": back})

    # ... and back.

    def complete(self, client: Client, flow: Flow, params: Params, send: Send) -> Grant:
        """What the callback brings home: a session, then whatever tells who it is of."""
        if (brought := read_secret(params, "token", CALLBACK_STEP)) is None:
            raise ProviderError(CALLBACK_STEP, "missing_code", "there is no token")
        asked = {"method": "auth.getSession", "api_key": client.id, "token": brought}
        request = Request(
            method="POST",
            url=self.token_url,
            purpose=TOKEN_STEP,
            headers={"Accept": "application/json"},
            form=signed({**asked, "format": "json"}, client),
        )
        token = _read_session(send(self.with_headers(request, client)))
        identity = self.read_identity(client, token, send)
        return Grant(provider_id=self.id, token=token, identity=identity)

    def moved_to(self, base_url: str, played_as: str | None = None) -> Self:
        """The same provider, played by a sandbox at *base_url* (which ends in a slash).

        :param played_as: under what name, if not its id.
        """
        home = f"{base_url}{played_as or self.id}"
        return replace(
            self,
            authorize_url=f"{home}/authorize",
            token_url=f"{home}/token",
            api_url=f"{home}/api/",
            played_at=home,
        )


def _read_session(response: Response) -> Token:
    """The session out of the answer. :raises ProviderError: when there is none in it."""
    answer = read_object(response, TOKEN_STEP)
    if error := answer.get("error"):
        _refuse(error)
    session = answer.get("session")
    session = session if isinstance(session, dict) else {}
    key = read_secret(session, "key", TOKEN_STEP)
    if response.status != 200 or key is None:
        raise ProviderError(TOKEN_STEP, "bad_answer", "there is no session key")
    return Token(access_token=key, token_type="session", raw=masked({**session, "key": key}))


def _refuse(error: Any) -> None:
    """Raise what an error's number means."""
    if isinstance(error, int) and error in OUR_FAULT:
        raise ProviderUnavailable(TOKEN_STEP, "invalid_client", "consumer_key or _secret is wrong")
    known = REFUSED.get(error, "unknown_error") if isinstance(error, int) else "unknown_error"
    raise ProviderError(TOKEN_STEP, known)
