"""What must not be written down anywhere: every secret that went over the wire in a test."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus

FIXED = ("acme secret", "plain secret", "a secret of this test")
"""Of the configuration: what the application proves itself by, and what it seals with."""
SECRET_PARAMETERS = (
    "client_secret",
    "code",
    "code_verifier",
    "nonce",
    "refresh_token",
    "state",
    "token",
)
SHORT = 12
"""Characters below which a value may stand in a text by chance."""


def canaries(box: Any, cookies: set[str | None]) -> set[str]:
    """All secrets that the sandbox saw or gave out, and the browsers' cookies."""
    found = {*FIXED, *(cookie for cookie in cookies if cookie), *granted(box), *received(box)}
    found |= {quote(each) for each in found} | {quote_plus(each) for each in found}
    found |= {base64.b64encode(each.encode()).decode() for each in found}
    return {each for each in found if len(each) >= SHORT or each in FIXED}


def granted(box: Any) -> Iterator[str]:
    """Codes and tokens that the providers gave out."""
    for provider in box.providers.values():
        yield from provider.codes
        yield from provider.access_tokens
        yield from provider.refresh_tokens


def received(box: Any) -> Iterator[str]:
    """Secrets in requests to the providers, from the browser and from the application."""
    for request in list(box.requests):
        given = [*parse_qs(request.query).items(), *parse_qs(request.body).items()]
        for name, values in given:
            if name in SECRET_PARAMETERS:
                yield from values
        if credentials := request.headers.get("Authorization"):
            yield credentials.partition(" ")[2]
