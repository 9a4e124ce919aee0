"""What a provider is to the rest of the library, and the steps every protocol shares."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from .. import limits
from ..errors import Denied, ProviderError, ProviderUnavailable
from ..http import Params, Response, Send
from ..values import Client, Flow, Grant, Secret

T = TypeVar("T")

SURROGATE = re.compile(r"[\ud800-\udfff]")
"""Half a character, which can be neither signed nor sent."""
CANCELLED = frozenset(
    {"access_denied", "user_denied", "user_cancelled_login", "user_cancelled_authorize"}
)
"""Codes by which providers say that the person pressed cancel (RFC 6749 section 4.1.2.1)."""

KNOWN_ERRORS = frozenset(
    {
        "invalid_request",
        "unauthorized_client",
        "unsupported_response_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "interaction_required",
        "login_required",
        "account_selection_required",
        "consent_required",
        "invalid_client",
        "invalid_grant",
        "unsupported_grant_type",
    }
)
"""Registered error codes; everything else a provider says is ``unknown_error``."""


class Provider(Protocol):
    """Anything that can send a person away and read what comes back."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    def begin(self, client: Client, flow: Flow, send: Send) -> tuple[Flow, str]:
        """The flow with its secrets, and the address to send the person to."""

    def complete(self, client: Client, flow: Flow, params: Params, send: Send) -> Grant:
        """What the callback's *params* bring home.

        :raises Denied: when the person pressed cancel.
        :raises ProviderError: when the answer, or any answer behind it, cannot be trusted.
        """


def unguessable() -> str:
    """256 random bits in unreserved characters: a state, a nonce or a code verifier."""
    return Secret(secrets.token_urlsafe(limits.SECRET_BYTES))


def s256(verifier: str) -> str:
    """The code challenge of *verifier* (RFC 7636 section 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def refuse_error(params: Params, step: str) -> None:
    """Raise what an ``error`` in a provider's answer means; the provider's own words stay out.

    :raises Denied: the person pressed cancel.
    :raises ProviderUnavailable: ``temporarily_unavailable``.
    :raises ProviderError: any other error, by its registered code or as ``unknown_error``.
    """
    if not (code := params.get("error")):
        return
    if code in CANCELLED:
        raise Denied("denied")
    if code == "temporarily_unavailable":
        raise ProviderUnavailable(step, code)
    raise ProviderError(step, code if code in KNOWN_ERRORS else "unknown_error")


def read_object(response: Response, step: str) -> dict[str, Any]:
    """A JSON object out of *response*. :raises ProviderError: when it is anything else."""
    return require_object(read_or_refuse(response.json, step), step)


def require_object(document: Any, step: str) -> dict[str, Any]:
    """*document*, if it is a JSON object. :raises ProviderError: when it is anything else."""
    if not isinstance(document, dict):
        raise ProviderError(step, "bad_answer", "not a JSON object")
    return document


def read_or_refuse(read: Callable[[], T], step: str, code: str = "bad_answer") -> T:
    """What *read* returns, its ``ValueError`` made a :class:`ProviderError`."""
    try:
        return read()
    except ValueError as error:
        raise ProviderError(step, code, str(error)[: limits.LOGGED]) from None


def read_by_hook(read: Callable[[], T], step: str) -> T:
    """What a provider file's function makes of an answer.

    :raises ProviderError: when the answer has not the shape that the function expects.
    """
    try:
        return read()
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        detail = f"the answer has another shape ({type(error).__name__})"
        raise ProviderError(step, "bad_answer", detail) from None
