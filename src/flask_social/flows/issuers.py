"""Whose a stored token is: a name in a configuration may pass from one server to another.

A row says which issuer gave its token, where there is such a thing. Nobody else gets to see it.
"""

from __future__ import annotations

from typing import Any

from ..errors import ProviderError
from ..protocols.profile import ApiProvider


def require_own(provider: Any, issuer: str | None, step: str) -> None:
    """:raises ProviderError: ``issuer_changed``, where a row's *issuer* is none of *provider*'s.

    :param issuer: what the row says, if anything: without it nothing can be told.
    """
    if issuer and is_foreign(provider, issuer):
        raise ProviderError(step, "issuer_changed", "the row has another")


def is_foreign(provider: Any, issuer: str) -> bool:
    """Whether *issuer* is known to be another server than those that *provider* speaks to.

    Those of several tenants tell their issuers themselves. One of the application's own making may
    have none and yet say in each identity who it is: of that, nothing is known.
    """
    if (is_issuer := getattr(provider, "is_issuer", None)) is not None:
        return not is_issuer(issuer)
    own = getattr(provider, "issuer", None)
    return own != issuer if own else isinstance(provider, ApiProvider)
