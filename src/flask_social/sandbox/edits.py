"""Changes to what a provider would honestly say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TARGETS = (
    "claims",
    "header",
    "token",
    "request_token",
    "userinfo",
    "discovery",
    "jwks",
    "callback",
    "api",
    "emails",
    "access_token",
)
"""What can be edited: the ID token's claims and JOSE header, the answers of the token endpoint
(``access_token`` of OAuth 1.0a), of ``request_token``, UserInfo, discovery, JWKS and profile
endpoints, lists of e-mail addresses, the authorization answer's parameters, and the claims of an
access token that has some."""


@dataclass(slots=True)
class Edit:
    """The changes to one answer, applied in the order of the fields."""

    members: dict[str, Any] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    function: Callable[[Any], Any] | None = None
    replacement: list[Any] = field(default_factory=list)

    def apply(self, honest: Any) -> Any:
        """*honest*, changed. A text or bytes then stand for the whole body."""
        if self.replacement:
            return self.replacement[0]
        if isinstance(honest, dict):
            merged = honest | self.members
            honest = {name: value for name, value in merged.items() if name not in self.deleted}
        return self.function(honest) if self.function else honest
