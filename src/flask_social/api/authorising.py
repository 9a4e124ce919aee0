"""How a token gets on a request of requests, and how its next one gets on the same request.

A server may want something beside the token that it tells in an answer alone, a nonce for a proof.
It is remembered for each server, and goes with whatever is sent there next.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.auth import AuthBase

from ..http import Params, Request, Response
from ..values import Client, Secret, Token

TokenUse = Callable[[Request, Token, Client], Request]
"""A request to the same request with the token on it."""
Challenged = Callable[[Request, Response], Request | None]
"""A request without its token to the same one with what the answer wants in it, if anything."""

_FORM = "application/x-www-form-urlencoded"
_ERROR = re.compile(r'\berror="?(\w+)')
_OTHER_REASONS = ("insufficient_scope", "invalid_request", "use_dpop_nonce")


class TokenAuth(AuthBase):
    """A provider's ``token_use``, as requests wants it."""

    def __init__(
        self,
        token: Callable[[], Token],
        client: Client,
        token_use: TokenUse,
        challenged: Challenged | None = None,
    ) -> None:
        self._token = token
        self._client = client
        self._token_use = token_use
        self._challenged = challenged
        self._wanted: dict[str, Params] = {}

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        token = self._token()
        r.token = Secret(token.access_token)  # type: ignore[attr-defined]  # for token_on()
        r.plain_url = r.url  # type: ignore[attr-defined]  # what the answer calls itself
        plain = _described(r)
        wanted = self._wanted.get(urlsplit(plain.url).netloc, {})
        asked = replace(plain, headers={**plain.headers, **wanted})
        authorised = self._token_use(asked, token, self._client)
        r.url = _hidden(authorised.url, plain.url)
        for name, value in authorised.headers.items():
            r.headers[name] = _hidden(value, plain.headers.get(name))
        if authorised.form is not None and authorised.form != plain.form:
            r.prepare_body(authorised.form, None)
        return r

    def heeds(self, answer: requests.Response, request: requests.PreparedRequest) -> bool:
        """Whether *answer* wants something said in *request*, which is known from now on."""
        if self._challenged is None or answer.request is not request:
            return False
        headers = {name.lower(): text for name, text in answer.headers.items()}
        bare = Request(url=str(request.url), purpose="calling the API")
        again = self._challenged(bare, Response(status=answer.status_code, headers=headers))
        if again is not None:
            self._wanted[urlsplit(bare.url).netloc] = again.headers
        return again is not None


def token_on(request: requests.PreparedRequest) -> str:
    """The access token that *request* carries; an empty text for none of ours."""
    return str(getattr(request, "token", ""))


def is_refusal(answer: requests.Response, request: requests.PreparedRequest) -> bool:
    """Whether *answer* says to *request*, and not to one that it led to, that its token is bad.

    A challenge may name another reason (RFC 6750 section 3.1, RFC 9449 section 9).
    """
    if answer.status_code != 401 or answer.request is not request or not token_on(request):
        return False
    error = _ERROR.search(answer.headers.get("WWW-Authenticate", ""))
    return error is None or error[1] not in _OTHER_REASONS


def may_be_sent_again(request: requests.PreparedRequest) -> bool:
    """Whether the body of *request* is still there: one that was read from a file is not."""
    return isinstance(request.body, str | bytes | None)


def anew(request: requests.PreparedRequest, auth: AuthBase) -> requests.PreparedRequest:
    """The same request, authorised again."""
    again = request.copy()
    again.url = request.plain_url  # type: ignore[attr-defined]  # of TokenAuth
    again.headers.pop("Authorization", None)
    again.prepare_auth(auth)
    return again


def _described(prepared: requests.PreparedRequest) -> Request:
    """The request as a value; a form is shown as one unless it repeats a name."""
    body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
    form = None
    if isinstance(body, bytes) and prepared.headers.get("Content-Type", "").startswith(_FORM):
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
        form = dict(pairs) if len(dict(pairs)) == len(pairs) else None
    return Request(
        url=str(prepared.url),
        purpose="calling the API",
        method=str(prepared.method),
        headers=dict(prepared.headers),
        form=form,
        body=body if isinstance(body, bytes) and form is None else None,
    )


def _hidden(text: str, plain: str | None) -> str:
    """*text*, as one that no ``repr`` shows where it is not the *plain* one any more."""
    return text if text == plain else Secret(text)
