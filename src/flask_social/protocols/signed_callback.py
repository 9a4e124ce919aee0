"""OAuth 2.0 of instances that sign the callback with the client's secret, and name themselves."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from ..errors import ConfigurationError, ProviderError
from ..http import Params, Send
from ..values import Client, Flow, Grant
from .oauth2 import CALLBACK_STEP, OAuth2

UNSIGNED = frozenset({"hmac", "signature"})
"""What a signature does not cover: itself, and the one that came before it."""


@dataclass(frozen=True, kw_only=True)
class SignedCallback(OAuth2):
    """A provider of many instances. A code is used only if the one that we asked has signed it."""

    signed_by_secret: ClassVar[bool] = True
    """Callbacks are, so that the secret is wanted however an application proves who it is."""

    instance: str = ""
    """The address of the one; its callbacks name it by the host."""
    instance_pattern: str = ""
    """What the whole address has to be like: a configuration fills in a part of it."""
    instance_name: str = "shop"
    """The callback's parameter that names it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if "{" not in self.instance and not re.fullmatch(self.instance_pattern, self.instance):
            raise ConfigurationError(f"{self.id}: {self.instance!r} is none of this provider.")

    def complete(self, client: Client, flow: Flow, params: Params, send: Send) -> Grant:
        """As inherited, once the callback is known to be signed, and this instance's."""
        if not params.get("error"):
            self._check(client, params)
        return super().complete(client, flow, params, send)

    def _check(self, client: Client, params: Params) -> None:
        """:raises ProviderError: when the callback is not what the instance that we asked signed.

        HMAC-SHA-256 over the sorted query, in hexadecimal digits.
        """
        pairs = sorted((name, value) for name, value in params.items() if name not in UNSIGNED)
        text = urlencode(pairs, errors="replace").encode()
        expected = hmac.digest((client.secret or "").encode(), text, "sha256").hex()
        said = params.get("hmac", "").encode(errors="replace")
        if not (client.secret and hmac.compare_digest(said, expected.encode())):
            raise ProviderError(CALLBACK_STEP, "bad_signature", "the callback is not signed so")
        if params.get(self.instance_name) != self.instance.removeprefix("https://"):
            raise ProviderError(CALLBACK_STEP, "wrong_instance", "another instance answered")
