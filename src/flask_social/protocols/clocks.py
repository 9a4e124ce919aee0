"""Two clocks that disagree: what the operator is told when an ID token's times are wrong."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar

from .. import clock
from ..errors import ProviderError
from ..http import Request, Response, Send

T = TypeVar("T")


class WrongTime(ProviderError):
    """A time in an ID token that cannot be, by our clock."""

    def beside(self, ahead: int | None) -> ProviderError:
        """The same, with what the answer's ``Date`` tells: *ahead* seconds of our clock.

        Where the two agree the token is wrong, else one of the machines.
        """
        told = (
            "the answer has no Date" if ahead is None else f"by its Date the provider {_is(ahead)}"
        )
        detail = self.detail.removeprefix(f"{self.step}: ")
        return ProviderError(self.step, self.code, f"{detail}; {told}")


class Listening:
    """A :class:`~flask_social.http.Send` that notes the ``Date`` of what is not kept."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.ahead: int | None = None

    def __call__(self, request: Request) -> Response:
        response = self._send(request)
        self.ahead = seconds_ahead(response)
        return response

    def cached(
        self, request: Request, read: Callable[[Response], T], *, refetch: bool = False
    ) -> T:
        return self._send.cached(request, read, refetch=refetch)


def seconds_ahead(response: Response) -> int | None:
    """By how much its ``Date`` is ahead of our clock (RFC 9110 section 6.6.1)."""
    try:
        moment = parsedate_to_datetime(response.headers.get("date", ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return int(moment.timestamp()) - clock.now() if moment.tzinfo else None


def _is(ahead: int) -> str:
    return f"is {abs(ahead)} s {'behind' if ahead < 0 else 'ahead of'} us"
