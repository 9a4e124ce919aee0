"""An application registers itself, as servers of the fediverse take it: one form, no token.

RFC 7591 came later, and wants JSON; what is answered has the same names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import clock, limits
from ..errors import ProviderError
from ..http import Request, Response
from ..values import Discreet
from .base import read_object

STEP = "registering the application"
_VISIBLE = re.compile(r"[\x20-\x7e]+")
"""What ids and secrets are made of (RFC 6749 appendix A.1)."""
_NEVER = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered(Discreet):
    """What the server calls us from now on."""

    client_id: str
    client_secret: str = field(repr=False)
    expires_at: int | None = None
    """When the secret ends, in seconds since the epoch; ``None`` where it lasts."""


def request(
    url: str, *, name: str, website: str, redirect_uris: Sequence[str], scopes: Sequence[str]
) -> Request:
    """The request that registers us.

    :param name: what people there are shown, like *website*.
    """
    form = {
        "client_name": name,
        "redirect_uris": "\n".join(redirect_uris),
        **({"scopes": " ".join(scopes)} if scopes else {}),
        "website": website,
    }
    headers = {"Accept": "application/json"}
    return Request(method="POST", url=url, purpose=STEP, headers=headers, form=form)


def read(response: Response) -> Registered:
    """What the answer gives us. :raises ProviderError: when it is of no use."""
    if response.status not in (200, 201):
        raise ProviderError(STEP, "not_registered", f"status {response.status}")
    answer = read_object(response, STEP)
    return Registered(
        client_id=_text(answer, "client_id"),
        client_secret=_text(answer, "client_secret"),
        expires_at=_end(answer.get("client_secret_expires_at")),
    )


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or len(value) > limits.CLIENT or not _VISIBLE.fullmatch(value):
        raise ProviderError(STEP, "bad_answer", f"no usable {name}")
    return value


def _end(at: Any) -> int | None:
    """When the secret ends; zero is never (RFC 7591 section 3.2.1), and so is nonsense."""
    is_time = isinstance(at, int) and not isinstance(at, bool)
    return at if is_time and clock.now() < at < _NEVER else None
