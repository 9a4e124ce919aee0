"""Mistakes of the operator's that the start lets pass: they show when somebody sets out.

The visitor is answered as if the provider were away, and the log names the key.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import ConfigurationError, FlowStopped, ProviderUnavailable

log = logging.getLogger("flask_social")

STEP = "reading the configuration"


@contextmanager
def answered(key: str) -> Iterator[None]:
    """Where what is wrong with *key* is the trouble of its provider.

    :raises ProviderUnavailable: ``misconfigured``, in place of a ``ConfigurationError``.
    """
    try:
        yield
    except ConfigurationError as error:
        said = str(error)
        log.error("%s", said if said.startswith(key) else f"{key}: {said}")
        raise ProviderUnavailable(STEP, "misconfigured", key) from None


@contextmanager
def at_first_use(key: str) -> Iterator[None]:
    """The same where a provider's file is read only now, which may raise anything.

    :raises ProviderUnavailable: ``misconfigured``.
    """
    try:
        with answered(key):
            yield
    except FlowStopped:
        raise
    except Exception as error:
        log.error("%s: the provider's file cannot be used", key, exc_info=error)
        raise ProviderUnavailable(STEP, "misconfigured", key) from None
