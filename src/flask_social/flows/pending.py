"""A flow on its way: remembered in a sealed cookie of its own, recalled once on the way back.

One cookie per attempt, named after a hash of the flow's key, so parallel tabs do not clobber
each other, the session never grows, and nothing in it can be read or changed in the browser.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import Any

from .. import clock, limits
from ..errors import FlowRejected
from ..http import Params
from ..seal import Broken, seal, unseal
from ..values import Flow, Intent, Secret

FORMAT = 1
PREFIX = "social-"
HOST = "__Host-"
FLOW, ANSWER = "flow", "answer"
DELETIONS = 20
"""The most in one answer: somebody may have planted more than fit into a proxy's buffer."""
OURS = re.compile(f"({HOST})?{PREFIX}({FLOW}|{ANSWER})-[0-9a-f]{{24}}")
"""Names of our cookies. What only begins like one may hold what no header of ours can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """A cookie to set or, with an empty *value*, to delete."""

    name: str
    value: str = field(repr=False)
    max_age: int
    secure: bool
    samesite: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a flow must have been started for, to end here."""

    provider_id: str
    intents: frozenset[Intent]
    issuer: str | None
    callback_url: str
    user_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Where one request keeps its flows.

    :param keys: the application's secrets; the first seals, all open.
    :param cookies: those that the browser sent.
    :param secure: the site is on https: only ``__Host-`` cookies count, which no sibling
        subdomain can plant.
    :param lifetime: how long a flow lives, in seconds.
    """

    keys: Sequence[str | bytes] = field(repr=False)
    cookies: Mapping[str, str] = field(repr=False)
    secure: bool
    lifetime: int = limits.FLOW_LIFETIME

    def remember(self, flow: Flow, *, cross_site: bool) -> list[Cookie]:
        """The cookies to set: *flow*'s own, and deletions of the oldest that leave no room.

        :param cross_site: the answer comes as a POST from the provider's own site, so the
            cookie must travel with it.
        """
        kept = self._cookie(FLOW, flow.key, _pack(flow), samesite="None" if cross_site else "Lax")
        room = limits.FLOW_COOKIES - len(kept.name) - len(kept.value)
        return [*islice(self._evicted(room), DELETIONS), kept]

    def recall(self, key: str, expected: Expected) -> Flow:
        """The flow of this browser that *key* names, if it was started for what is *expected*.

        Looking spends nothing.

        :raises FlowRejected: ``missing``, ``expired``, ``foreign`` or ``not_signed_in``.
        """
        flow = self.find(key)
        if flow is None:
            raise FlowRejected("missing", "no flow of this browser has this state")
        if not -limits.CLOCK_SKEW <= clock.now() - flow.created_at <= self.lifetime:
            raise FlowRejected("expired", "the flow is older than its lifetime")
        for name in ("provider_id", "issuer", "callback_url"):
            if getattr(flow, name) != getattr(expected, name):
                raise FlowRejected("foreign", f"the flow was started with another {name}")
        if flow.intent not in expected.intents:
            raise FlowRejected("foreign", f"the flow was started to {flow.intent}")
        if flow.intent is not Intent.LOGIN and flow.user_id != expected.user_id:
            code = "foreign" if expected.user_id else "not_signed_in"
            raise FlowRejected(code, "another user started the flow, or nobody is signed in")
        return flow

    def find(self, key: str) -> Flow | None:
        """The flow of this browser that *key* names, whatever it is for."""
        return _unpack(self._open(self._name(FLOW, key)), key)

    def forget(self, key: str) -> list[Cookie]:
        """The deletions of what this browser keeps under *key*."""
        names = (self._name(kind, key) for kind in (FLOW, ANSWER))
        return [self._deletion(name) for name in names if name in self.cookies]

    def keep_answer(self, key: str, params: Params) -> Cookie:
        """A cookie that carries the provider's answer to the same-site request that comes next.

        :raises FlowRejected: ``malformed`` when the answer does not fit.
        """
        cookie = self._cookie(ANSWER, key, dict(params), samesite="Lax")
        if len(cookie.value) > limits.FLOW_COOKIES:
            raise FlowRejected("malformed", "the provider's answer is too long")
        return cookie

    def kept_answer(self, key: str) -> Params | None:
        """The answer kept for *key*, if this browser has one."""
        found = self._open(self._name(ANSWER, key))
        return found if isinstance(found, dict) else None

    def _name(self, kind: str, key: str) -> str:
        digest = hashlib.sha256(key.encode(errors="replace")).hexdigest()[:24]
        return f"{HOST if self.secure else ''}{PREFIX}{kind}-{digest}"

    def _cookie(self, kind: str, key: str, content: Any, *, samesite: str) -> Cookie:
        name = self._name(kind, key)
        value = seal(json.dumps(content, separators=(",", ":")).encode(), self.keys, name)
        secure = self.secure or samesite == "None"
        return Cookie(
            name=name, value=value, max_age=self.lifetime, secure=secure, samesite=samesite
        )

    def _deletion(self, name: str) -> Cookie:
        return Cookie(name=name, value="", max_age=0, secure=self.secure, samesite="Lax")

    def _open(self, name: str) -> Any | None:
        """What is sealed in the cookie *name*; ``None`` when nothing of ours is."""
        try:
            return json.loads(unseal(self.cookies.get(name, ""), self.keys, name))
        except Broken:
            return None

    def _evicted(self, room: int) -> Iterator[Cookie]:
        """Deletions of flows, the oldest first, until the others fit into *room* bytes."""
        named = [name for name in self.cookies if OURS.fullmatch(name)]
        mine = [name for name in named if name.startswith(HOST) == self.secure]
        # Of one second, those that a browser sends first are older (RFC 6265 section 5.4).
        ages = [(self._born(name), place) for place, name in enumerate(mine)]
        for name in (mine[place] for _, place in sorted(ages, reverse=True)):
            room -= len(name) + len(self.cookies[name])
            if room < 0:
                yield self._deletion(name)

    def _born(self, name: str) -> int:
        """When the flow in the cookie *name* set out; what holds none is older than everything."""
        flow = _unpack(self._open(name), "")
        return flow.created_at if flow else 0


def _pack(flow: Flow) -> list[Any]:
    """*flow* as a list of its members, without the key: the callback brings that."""
    key = "request_token" if flow.request_token else "state"
    members = {each.name: getattr(flow, each.name) for each in fields(Flow)}
    return [FORMAT, *(members | {key: None}).values()]


def _unpack(packed: Any, key: str) -> Flow | None:
    """The flow out of :func:`_pack`'s list; ``None`` when another version packed it."""
    names = [each.name for each in fields(Flow)]
    if not isinstance(packed, list) or len(packed) != len(names) + 1 or packed[0] != FORMAT:
        return None
    members = dict(zip(names, packed[1:], strict=True))
    if members["intent"] not in list(Intent):
        return None
    members["intent"] = Intent(members["intent"])
    for name in ("state", "code_verifier", "nonce", "request_token", "request_secret"):
        members[name] = Secret(key if members[name] is None else members[name])
    return Flow(**members)
