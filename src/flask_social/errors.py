"""Everything that can go wrong, as one tree.

::

    SocialError
    ├── ConfigurationError        the operator's: stops the start, names the key
    └── FlowStopped               a trip that ends without its purpose
        ├── FlowRejected          the callback does not belong to a trip of this browser   400
        ├── NotHere               no such provider, or nothing of that name                404
        ├── CrossSite             another site sent the request                           403
        ├── Denied                the person, or the application, said no                 403
        ├── ReconnectNeeded       a connection's tokens are of no use any more            409
        ├── StoreUnavailable      the application's database, or its ledger, is away       503
        │   └── ColumnTooShort        a column cannot hold what a provider gave            503
        └── ProviderError         the provider answered badly                             502
            └── ProviderUnavailable   it did not answer, or not now                   503, 504

No text here ever holds a secret, and none is shown to a person: pages take their words from
``messages.py`` by :attr:`FlowStopped.code`.
"""

from __future__ import annotations

from typing import Any


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

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is, for a queue of jobs: but for a connection, which holds tokens."""
        told = {name: value for name, value in vars(self).items() if name != "connection"}
        return _again, (type(self), self.args), told


def _again(kind: type[FlowStopped], arguments: tuple[Any, ...]) -> FlowStopped:
    """An error that another process had, before its attributes."""
    return kind.__new__(kind, *arguments)


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


class ReconnectNeeded(FlowStopped):
    """The tokens of a connection are of no use any more: the person has to consent again.

    *reason* is why: ``invalid_grant`` (the provider takes the refresh token no more),
    ``unauthorized`` (its API refuses the access token), ``changed`` (a refresh answered for another
    person or issuer, or the row is of another issuer than the provider's), ``needs_reauth`` (one of
    these, found out before); ``expired`` (nothing to refresh it with), ``unreadable`` (no key opens
    what is stored), ``removed`` (the row is gone). *connection* is what the application asked with.
    *reconnect_url* is the path of the page that reconnects it, outside requests its address;
    ``None`` where none can be built.
    """

    status = 409
    connection: Any = None

    def __init__(
        self, provider_id: str, provider_user_id: str, reason: str, *, connection: Any = None
    ) -> None:
        super().__init__("reconnect_needed", f"{provider_id}: {reason}")
        self.provider_id = provider_id
        self.provider_user_id = provider_user_id
        self.reason = reason
        self.connection = connection
        self.reconnect_url: str | None = None


class StoreUnavailable(FlowStopped):
    """The application's own database cannot be used now, or what keeps its spent flows.

    What was pending was rolled back. Its code is ``store_unavailable``; *detail*, for the log, says
    what is wrong, without a statement and without a value.
    """

    status = 503
    named = "store_unavailable"

    def __init__(self, detail: str = "") -> None:
        super().__init__(self.named, detail)


class ColumnTooShort(StoreUnavailable):
    """What a provider gave, a token mostly, does not fit into its column: the operator's to mend.

    Nothing of it was written. Its code is ``not_stored``; *detail* names the column, and has
    nothing of the value but its length.
    """

    named = "not_stored"


class ProviderError(FlowStopped):
    """The provider's answer cannot be used.

    *step* says what was being done ("exchanging the code"), *code* what was wrong with it.
    *provider_id* names the provider where a token was asked for, outside of a trip.
    """

    status = 502

    def __init__(self, step: str, code: str, detail: str = "") -> None:
        super().__init__(code, f"{step}: {detail}" if detail else step)
        self.step = step
        self.provider_id: str | None = None


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
