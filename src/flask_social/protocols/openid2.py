"""OpenID Authentication 2.0, where one server speaks for everybody that it knows.

The server is one whose address we know, and it says who somebody is by an identifier of its own.
There is no discovery of addresses that a visitor gives, and no association: the server itself is
asked about each assertion (section 11.4.2). Our state travels inside ``return_to``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self
from urllib.parse import urlsplit

from .. import clock, limits
from ..errors import Denied, ProviderError
from ..http import Params, Request, Response, Send, with_query
from ..values import Client, Flow, Grant, Intent, Token
from .base import read_or_refuse, unguessable
from .credentials import TokenUse
from .profile import ApiProvider

CALLBACK_STEP = "reading the callback"
VERIFY_STEP = "verifying the assertion"
NS = "http://specs.openid.net/auth/2.0"
SELECT = f"{NS}/identifier_select"
SREG = "http://openid.net/extensions/sreg/1.1"
BEFORE = "openid."
SIGNED = frozenset(
    {"op_endpoint", "return_to", "response_nonce", "assoc_handle", "claimed_id", "identity"}
)
"""What a signature has to cover (section 10.1)."""
OF_THE_TRIP = frozenset({"return_to", "response_nonce", "assoc_handle", "sig"})
"""What an assertion says of this trip, our state among it, and not of the person."""
NONCE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z[\x21-\x7e]{0,235}", re.ASCII)
"""Section 10.1: when it was made, in UTC, and what makes it unique."""


def tokenless(request: Request, token: Token, client: Client) -> Request:
    """The request as it is: an assertion tells who somebody is, and gives no token."""
    return request


@dataclass(frozen=True, kw_only=True)
class OpenID2(ApiProvider):
    """A provider of OpenID 2.0.

    What it asserts of the person is the ``raw`` of a token that is empty otherwise, by the names
    of the protocol without ``openid.``, with the stable id as ``subject``. So no token is stored,
    and ``get_api()`` has nothing to give.
    """

    authorize_url: str = ""
    """The server, which people are sent to, and which is asked about what it asserted."""
    claimed_id: str = ""
    """A pattern for the whole of the identifiers that it may assert. Its group, if it has one, is
    the stable id."""
    sreg: tuple[str, ...] = ()
    """What to ask for of Simple Registration 1.1: ``("nickname", "email")``."""
    token_use: TokenUse = field(default=tokenless)

    # Out ...

    def begin(self, client: Client, flow: Flow, send: Send) -> tuple[Flow, str]:
        """The flow with its state, and where to send the person (section 9.1)."""
        if flow.intent is Intent.VERIFY:
            raise Denied("cannot_verify", f"{self.id} cannot prove that the person is there now")
        flow = replace(flow, state=unguessable())
        here = urlsplit(flow.callback_url)
        params = {
            "ns": NS,
            "mode": "checkid_setup",
            "claimed_id": SELECT,
            "identity": SELECT,
            "return_to": _return_to(flow),
            "realm": f"{here.scheme}://{here.netloc}/",
            **({"ns.sreg": SREG, "sreg.optional": ",".join(self.sreg)} if self.sreg else {}),
        }
        return flow, with_query(self.authorize_url, _prefixed(params))

    # ... and back.

    def complete(self, client: Client, flow: Flow, params: Params, send: Send) -> Grant:
        """What the callback asserts, once the server says that it did so."""
        asserted = self.read_callback(flow, params)
        self._verify(params, send)
        token = Token(access_token="", token_type="none", raw=asserted)
        identity = self.read_identity(client, token, send)
        return Grant(provider_id=self.id, token=token, identity=identity)

    def read_callback(self, flow: Flow, params: Params) -> dict[str, str]:
        """What is asserted and signed, once it is known to be this server's to this trip.

        Sections 11.1 to 11.3: where it was to return to, who made it, about whom, and when.
        """
        answer = {
            name.removeprefix(BEFORE): value
            for name, value in params.items()
            if name.startswith(BEFORE)
        }
        _require_assertion(answer)
        names = frozenset(answer.get("signed", "").split(","))
        signed = {name: value for name, value in answer.items() if name in names}
        if SIGNED - signed.keys():
            raise ProviderError(CALLBACK_STEP, "bad_answer", "not all of it is signed")
        if signed["return_to"] != _return_to(flow):
            raise ProviderError(CALLBACK_STEP, "bad_answer", "return_to is another trip's")
        if signed["op_endpoint"] != self.authorize_url:
            raise ProviderError(CALLBACK_STEP, "bad_answer", "op_endpoint is another server")
        _require_fresh(signed["response_nonce"])
        found = re.fullmatch(self.claimed_id, signed["claimed_id"])
        if found is None or signed["identity"] != signed["claimed_id"]:
            raise ProviderError(CALLBACK_STEP, "no_subject", "claimed_id is none of its own")
        return {**_known(signed), "subject": found[found.lastindex or 0]}

    def _verify(self, params: Params, send: Send) -> None:
        """Ask the server whether it made this assertion (section 11.4.2). It says yes once.

        :raises ProviderError: when it does not say so.
        """
        sent = {name: value for name, value in params.items() if name.startswith(BEFORE)}
        request = Request(
            method="POST",
            url=self.authorize_url,
            purpose=VERIFY_STEP,
            headers={"Accept": "text/plain"},
            form={**sent, "openid.mode": "check_authentication"},
        )
        answer = read_or_refuse(lambda: _key_values(send(request)), VERIFY_STEP)
        if answer.get("is_valid") != "true":
            raise ProviderError(VERIFY_STEP, "invalid_grant", "the server did not assert this")

    def moved_to(self, base_url: str, played_as: str | None = None) -> Self:
        """The same provider, played by a sandbox at *base_url* (which ends in a slash).

        :param played_as: under what name, if not its id.
        """
        home = f"{base_url}{played_as or self.id}"
        return replace(
            self, authorize_url=f"{home}/authorize", api_url=f"{home}/api/", played_at=home
        )


def _return_to(flow: Flow) -> str:
    return with_query(flow.callback_url, {"state": flow.state})


def _prefixed(members: Mapping[str, str]) -> dict[str, str]:
    return {f"{BEFORE}{name}": value for name, value in members.items()}


def _require_assertion(answer: Mapping[str, str]) -> None:
    """:raises Denied: when the person pressed cancel (section 10.2.2).

    :raises ProviderError: for any other answer that is no assertion.
    """
    mode = answer.get("mode")
    if mode == "cancel":
        raise Denied("denied")
    if answer.get("ns") != NS or mode != "id_res":
        code = "unknown_error" if mode == "error" else "bad_answer"
        raise ProviderError(CALLBACK_STEP, code, "it is no assertion of OpenID 2.0")


def _require_fresh(nonce: str) -> None:
    """:raises ProviderError: for an assertion that was made before any trip of now set out."""
    found = NONCE.fullmatch(nonce)
    made = read_or_refuse(lambda: _seconds(found[1] if found else ""), CALLBACK_STEP)
    if not -limits.CLOCK_SKEW <= clock.now() - made <= limits.FLOW_LIFETIME + limits.CLOCK_SKEW:
        raise ProviderError(CALLBACK_STEP, "bad_answer", "the assertion is not of now")


def _seconds(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC).timestamp())


def _known(signed: Mapping[str, str]) -> dict[str, str]:
    """What *signed* says of the person.

    That is without what an extension that we did not ask for may have put in its place.
    """
    known = {name: value for name, value in signed.items() if name not in OF_THE_TRIP}
    if signed.get("ns.sreg") == SREG:
        return known
    return {name: value for name, value in known.items() if not name.startswith("sreg.")}


def _key_values(response: Response) -> dict[str, str]:
    """The lines ``name:value`` of a direct answer (section 4.1.1).

    :raises ValueError: for another status, and for what repeats a name or is no text.
    """
    if response.status != 200:
        raise ValueError(f"status {response.status}")
    lines = [line.partition(":") for line in response.body.decode("utf-8").splitlines()]
    pairs = [(name, value) for name, colon, value in lines if colon]
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name is repeated")
    return dict(pairs)
