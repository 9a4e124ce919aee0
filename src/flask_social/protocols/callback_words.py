"""OAuth 2.0 whose callback has words of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..http import Params
from .endpoints import Answer, Endpoints
from .oauth2 import OAuth2


@dataclass(frozen=True, kw_only=True)
class CallbackWords(OAuth2):
    """A provider that calls parameters of its answer otherwise than the standard."""

    callback_words: Mapping[str, str] = field(default_factory=dict)
    """By the standard's names: ``{"code": "auth_code"}``."""

    def read_callback(self, endpoints: Endpoints, params: Params) -> Answer:
        """As inherited, by the standard's names."""
        words = self.callback_words.items()
        found = {ours: params[theirs] for ours, theirs in words if theirs in params}
        return super().read_callback(endpoints, {**params, **found})
