"""The line that the log has of each outcome, tied to its page or JSON by the correlation id."""

from __future__ import annotations

import logging
import secrets

from flask import g, request

from . import limits
from .errors import FlowStopped, ProviderError, StoreUnavailable

log = logging.getLogger("flask_social")

MISTAKES = {
    "invalid_client": "check consumer_key and consumer_secret of",
    "issuer_changed": "it is not the one that signed people in so far: check the issuer of",
}
"""What the operator should do about an error that only they can mend."""


def correlation_id() -> str:
    """What ties this request's page, JSON and log line together."""
    if "social_correlation_id" not in g:
        g.social_correlation_id = secrets.token_hex(8)
    return str(g.social_correlation_id)


def outcome(code: str, provider_id: str, status: int) -> None:
    """Note an outcome that lets the visitor go on."""
    _note(logging.INFO, code, provider_id, status)


def stop(error: FlowStopped, provider_id: str) -> None:
    """Note an early end, the more loudly the more it is the operator's to mend."""
    level = logging.WARNING if isinstance(error, ProviderError) else logging.INFO
    detail = error.detail
    if isinstance(error, StoreUnavailable):
        level = logging.ERROR
    elif advice := MISTAKES.get(error.code):
        level = logging.ERROR
        detail = f"{detail}: {advice} SOCIAL_{provider_id.upper()}"
    _note(level, error.code, provider_id, error.status, detail)


def _note(level: int, code: str, provider_id: str, status: int, detail: str = "") -> None:
    log.log(
        level,
        "%s %s: %s (%d)%s [%s]",
        _one_line(provider_id),
        request.endpoint,
        _one_line(code),
        status,
        f" {_one_line(detail)}" if detail else "",
        correlation_id(),
    )


def _one_line(text: str) -> str:
    """*text* as a log may show it: what came in an address could pretend to be another record."""
    return text.encode("unicode_escape").decode("ascii")[: limits.LOGGED]
