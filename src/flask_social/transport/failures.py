"""What a failed call means, in our own words: nothing of a URL, header or body gets into them."""

from __future__ import annotations

import ssl

from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from ..errors import ProviderError, ProviderUnavailable
from .connections import TooLarge
from .guard import Barred


def failed(step: str, error: Exception) -> ProviderError:
    """What to raise when no answer began."""
    cause = _cause(error)
    if isinstance(cause, Barred):
        return ProviderUnavailable(step, "private_address", cause.host)
    if isinstance(cause, NewConnectionError | NameResolutionError):
        detail = "unknown host" if isinstance(cause, NameResolutionError) else "no connection"
        return ProviderUnavailable(step, "unreachable", detail)
    if isinstance(cause, ssl.SSLError):
        return ProviderUnavailable(step, "unreachable", f"TLS: {_reason(cause)}")
    if isinstance(cause, OSError) and not _timed_out(cause):
        return ProviderUnavailable(step, "unreachable", "the connection was closed")
    return broken_off(step, cause)


def broken_off(step: str, error: Exception) -> ProviderError:
    """What to raise when an answer began and is not whole."""
    cause = _cause(error)
    if _timed_out(cause):
        return ProviderUnavailable(step, "too_slow", status=504)
    if isinstance(cause, TooLarge):
        return ProviderError(step, "bad_answer", "too large")
    if isinstance(cause, ValueError) and not isinstance(cause, HTTPError):
        return ProviderError(step, "bad_answer", "a value that no header can carry")
    return ProviderError(step, "bad_answer", "not a whole HTTP answer")


def _cause(error: Exception) -> Exception:
    """What urllib3 wrapped, as often as it did."""
    while True:
        inner = error.original_error if isinstance(error, ProxyError) else None
        if isinstance(error, ProtocolError | SSLError) and error.args:
            inner = error.args[-1]
        if not isinstance(inner, Exception):
            return error
        error = inner


def _timed_out(error: Exception) -> bool:
    return isinstance(error, TimeoutError | ConnectTimeoutError | ReadTimeoutError)


def _reason(error: ssl.SSLError) -> str:
    """OpenSSL's own words, such as "certificate has expired"."""
    return str(getattr(error, "verify_message", "") or error.reason or "failed")
