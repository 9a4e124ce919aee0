"""Everything that can go wrong, as one tree.

::

    SocialError
    ├── ConfigurationError        the operator's: stops the start, names the key
    └── FlowStopped               a trip that ends without its purpose
        ├── FlowRejected          the callback does not belong to a trip of this browser   400
        ├── NotHere               no such provider, or nothing of that name                404
        ├── CrossSite             another site sent the request                           403
        ├── Denied                the person, or the application, said no                 403
        ├── StoreUnavailable      the application's database, or its ledger, is away       503
        └── ProviderError         the provider answered badly                             502
            └── ProviderUnavailable   it did not answer, or not now                   503, 504

No text here ever holds a secret, and none is shown to a person: pages take their words from
``messages.py`` by :attr:`FlowStopped.code`.
"""

from __future__ import annotations


class SocialError(Exception):
    """The root of the tree."""


class ConfigurationError(SocialError):
    """A setting that cannot work. The message names the key and what to do about it."""


class FlowStopped(SocialError):
    """A trip ended early; *code* is stable and *status* is the HTTP status it answers with."""

    status = 400

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class FlowRejected(FlowStopped):
    """The callback matches no trip of this browser.

    The code says why: ``missing``, ``expired``, ``foreign``, ``used``, ``malformed``, and so on.
    """


class NotHere(FlowStopped):
    """The address names a provider or a connection that is not here."""

    status = 404


class CrossSite(FlowStopped):
    """Another site's page sent the request."""

    status = 403


class Denied(FlowStopped):
    """The person pressed cancel (``denied``), or a grant checker refused; the code says which."""

    status = 403


class StoreUnavailable(FlowStopped):
    """The application's own database cannot be used now, or what keeps its spent flows.

    What was pending was rolled back. Its code is ``store_unavailable``; *detail*, for the log, says
    what is wrong, without a statement and without a value.
    """

    status = 503

    def __init__(self, detail: str = "") -> None:
        super().__init__("store_unavailable", detail)


class ProviderError(FlowStopped):
    """The provider's answer cannot be used.

    *step* says what was being done ("exchanging the code"), *code* what was wrong with it.
    """

    status = 502

    def __init__(self, step: str, code: str, detail: str = "") -> None:
        super().__init__(code, f"{step}: {detail}" if detail else step)
        self.step = step


class ProviderUnavailable(ProviderError):
    """The provider cannot be reached, is busy (503) or too slow (504).

    *retry_after* is its wish in seconds, where it has one.
    """

    status = 503

    def __init__(
        self,
        step: str,
        code: str,
        detail: str = "",
        *,
        status: int = 503,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(step, code, detail)
        self.status = status
        self.retry_after = retry_after
