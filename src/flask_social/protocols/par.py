"""The authorization request goes to the provider first, and the person follows with its name.

Pushed authorization requests (RFC 9126): nobody can read or change in the person's browser what
was asked for.
"""

from __future__ import annotations

from typing import Any

from ..errors import ProviderError, ProviderUnavailable
from ..http import Request, Response
from .base import read_object
from .token_answer import read_secret, refuse_token_error

STEP = "pushing the authorization request"
OF_OUR_METADATA = ("invalid_client_metadata", "invalid_redirect_uri")
"""Errors about what an application says of itself (RFC 7591 section 3.2.2)."""


def asked_at(url: str) -> Request:
    """The request as it begins (section 2.1)."""
    return Request(method="POST", url=url, purpose=STEP, headers={"Accept": "application/json"})


def read_request_uri(response: Response) -> str:
    """What stands for the request from now on (section 2.2).

    It is used at once and for one trip, so that when it expires need not be known.

    :raises ProviderUnavailable: ``invalid_client``; what we say of ourselves is of no use there.
    :raises ProviderError: for any other error (section 2.3), and for what cannot be read.
    """
    said = _members(response)
    if said.get("error") in OF_OUR_METADATA:
        raise ProviderUnavailable(STEP, "invalid_client", f"it says {said['error']} of ours")
    refuse_token_error(said, STEP)
    if response.status not in (200, 201):
        raise ProviderError(STEP, "bad_answer", f"status {response.status}")
    if (found := read_secret(said, "request_uri", STEP)) is None:
        raise ProviderError(STEP, "bad_answer", "request_uri is missing")
    return found


def _members(response: Response) -> dict[str, Any]:
    try:
        return read_object(response, STEP)
    except ProviderError:
        if response.status in (200, 201):
            raise
        return {}
