"""OAuth 2.0 at a gateway where each call is signed by the application's RSA key: Alipay's RSA2.

The signature is over the names and values of a form, sorted; that of an answer, by the gateway's
own key, over the text of its first member, as it was sent.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from .. import clock
from ..errors import ProviderError
from ..http import Params, Request, Response, Send
from ..values import Client, Flow, Grant, Token
from .base import read_object
from .callback_words import CallbackWords
from .credentials import ClientAuth, TokenUse, is_rsa_signed, rsa_signature
from .refreshing import Known

T = TypeVar("T")

BESIDE = frozenset({"sign", "alipay_cert_sn"})
"""Members of an answer that are not signed."""
COMMON = {"format": "JSON", "charset": "utf-8", "sign_type": "RSA2", "version": "1.0"}
HERE = timezone(timedelta(hours=8))
"""Where the gateway's clock hangs."""


def as_application(request: Request, client: Client, audience: str) -> Request:
    """The call in the application's name; its signature stands for a secret."""
    told = {
        **COMMON,
        **(request.form or {}),
        "app_id": client.id,
        "timestamp": datetime.fromtimestamp(clock.now(), HERE).strftime("%Y-%m-%d %H:%M:%S"),
    }
    return replace(request, form=signed(told, client))


def as_person(request: Request, token: Token, client: Client) -> Request:
    """The call in the name of a person."""
    return as_application(request.with_form(auth_token=token.access_token), client, "")


@dataclass(frozen=True, kw_only=True)
class Gateway(CallbackWords):
    """A provider whose tokens and profiles are had from one gateway, by calls that are signed."""

    gateway_key: str | None = None
    """The gateway's public key, a PEM or what is inside one. With it, its answers are checked."""
    client_auth: ClientAuth = field(default=as_application)
    token_use: TokenUse = field(default=as_person)

    def complete(self, client: Client, flow: Flow, params: Params, send: Send) -> Grant:
        """As inherited, the answers checked."""
        return super().complete(client, flow, params, self._checking(send))

    def refresh(self, client: Client, token: Token, known: Known, send: Send) -> Token:
        """As inherited, the answer checked."""
        return super().refresh(client, token, known, self._checking(send))

    def _checking(self, send: Send) -> Send:
        return Checking(send, self.gateway_key) if self.gateway_key else send


def signed(members: Mapping[str, str], client: Client) -> dict[str, str]:
    """*members*, of which empty ones are none, with their signature as ``sign``."""
    told = {name: value for name, value in sorted(members.items()) if value}
    text = "&".join(f"{name}={value}" for name, value in told.items())
    sign = base64.b64encode(rsa_signature(text.encode(), client)).decode("ascii")
    return {**told, "sign": sign}


@dataclass(frozen=True, slots=True)
class Checking:
    """A way to a gateway on which each answer has to bear its signature."""

    send: Send
    public_key: str
    """The gateway's, a PEM or what is inside one."""

    def __call__(self, request: Request) -> Response:
        """What the gateway answers. :raises ProviderError: when it is not signed by it."""
        response = self.send(request)
        check(response, self.public_key, request.purpose)
        return response

    def cached(
        self, request: Request, read: Callable[[Response], T], *, refetch: bool = False
    ) -> T:
        return self.send.cached(request, read, refetch=refetch)


def check(response: Response, public_key: str, step: str) -> None:
    """:raises ProviderError: when *response* does not bear the signature of *public_key*."""
    labelled = Response(
        status=response.status, headers={"content-type": "application/json"}, body=response.body
    )
    answer = read_object(labelled, step)
    try:
        [name] = answer.keys() - BESIDE
        text = _member(name, response.body)
        found = is_rsa_signed(text, base64.b64decode(answer["sign"]), public_key)
    except (binascii.Error, LookupError, TypeError, ValueError):
        found = False
    if not found:
        raise ProviderError(step, "bad_signature", "the answer does not bear the gateway's")


def _member(name: str, body: bytes) -> bytes:
    """The value of the first member of the JSON object *body*, byte by byte as it was sent.

    :raises ValueError: when it is not called *name*, or there are blanks that nobody sends.
    """
    text = body.decode("utf-8")
    if not text.startswith(before := f'{{"{name}":'):
        raise ValueError("another member comes first")
    _, end = json.JSONDecoder().raw_decode(text, len(before))
    return text[len(before) : end].encode()
