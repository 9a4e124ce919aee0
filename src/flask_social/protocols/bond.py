"""What is kept with a token that is bound to a key and good for one server."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Self

from ..errors import ProviderError
from ..values import Discreet, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond(Discreet):
    """What is kept with a token: whom it is good for and where. It is :attr:`.Token.secret`."""

    key: str = field(repr=False)
    """The private key that the token is bound to."""
    server: str
    """The origin of the person's server, to which alone the token goes."""
    issuer: str
    """Who gave it."""

    @property
    def text(self) -> str:
        """The bond as it is kept."""
        members = {"jwk": json.loads(self.key), "server": self.server, "issuer": self.issuer}
        return json.dumps(members, separators=(",", ":"))

    @classmethod
    def of(cls, token: Token, step: str) -> Self:
        """The bond of *token*. :raises ProviderError: ``no_key``, when it has none."""
        try:
            kept = json.loads(token.secret or "")
            return cls(
                key=json.dumps(kept["jwk"], separators=(",", ":")),
                server=kept["server"],
                issuer=kept["issuer"],
            )
        except (ValueError, LookupError, TypeError):
            raise ProviderError(step, "no_key", "the token came without its key") from None
