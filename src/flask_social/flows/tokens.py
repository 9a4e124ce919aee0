"""A fresh token for a stored connection: refreshed ahead of time, once, however many ask for it.

Who finds a token due takes a lease in its row, by compare-and-swap, and refreshes it; whoever
comes meanwhile looks at the row from time to time until the new one is there. No lock is held and
no transaction is open while the provider is asked, and a new pair is committed before anybody uses
it. If the holder of a lease dies, the next one takes it over once it is past.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from .. import clock
from ..datastore.base import ConnectionDatastore
from ..datastore.tokens import StoredToken
from ..errors import (
    ColumnTooShort,
    ProviderError,
    ProviderUnavailable,
    ReconnectNeeded,
    StoreUnavailable,
)
from ..protocols.refreshing import CHANGED, SPENT, STEP, Known
from ..values import Token, Unreadable
from .backoff import Backoff
from .needs import Held, Need, columns_of, is_leased, lasts, token_of

log = logging.getLogger("flask_social")

SHORTEST_PAUSE = 0.05
LONGEST_PAUSE = 0.5
ATTEMPTS = 5
"""How often a new pair is written to a database in trouble before it is given up."""

Refresh = Callable[[Token, Known], Token]
"""Asks the provider for a new token in place of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Keeps the tokens of one provider's connections fresh."""

    store: ConnectionDatastore
    refresh: Refresh | None
    """``None`` where the provider has no such thing."""
    lease: int
    """Seconds that one refresh may take. Nobody waits longer for it."""
    backoff: Backoff
    on_broken: Callable[[StoredToken, str], None]
    """Told, with the reason, of each connection that is found to be broken."""
    breaks_on_401: bool = True
    """Whether an API that refuses a token as good as new means that it is of no use any more."""

    def fresh(self, held: Held, need: Need) -> Held:
        """*held*, or what the row has by now or has been given, so that it meets *need*.

        :raises ReconnectNeeded: when the person has to consent again.
        :raises ProviderUnavailable: when there is none now, with the seconds to wait.
        """
        if held.meets(need):
            return held
        try:
            return Held.got(self._awaited(held, need))
        except StoreUnavailable as error:
            if not need.may_do_with(held.token):
                raise
            if isinstance(error, ColumnTooShort):  # the new pair is lost, and no page says so
                log.error("%s: %s", held.provider_id, error)
        except self.store.faults as fault:
            if self.store.trouble(fault) is None or not need.may_do_with(held.token):
                raise
        return held

    def give_up(self, held: Held, refused: str) -> None:
        """An API refused even a token that was refreshed for it.

        :raises ReconnectNeeded: ``unauthorized``, or ``needs_reauth`` where others found that out
            first; not if the row has another token by now.
        """
        if not self.breaks_on_401:
            return
        self.store.release()
        while (row := self.store.read_token(held.row)) and row.access_token == refused:
            if row.needs_reauth:
                raise _needed(row, "needs_reauth")
            self._break(row, "unauthorized")

    def _awaited(self, held: Held, need: Need) -> StoredToken:
        """The row once its token meets *need*, with a look at it from time to time.

        What others have got meanwhile will do, even if it lasts for less: another is no better.
        """
        self.store.release()
        waited, pause = 0.0, SHORTEST_PAUSE
        row = first = self._read(held)
        while (found := self._attempt(row, need)) is None:
            if waited >= self.lease:
                detail = "others were at it all the time"
                raise ProviderUnavailable(STEP, "too_slow", detail, status=504, retry_after=1)
            pause = min(pause, self.lease - waited)
            clock.pause(pause)
            waited, pause = waited + pause, min(2 * pause, LONGEST_PAUSE)
            row = self._read(held)
            if need.is_met_since(first, row):
                return row
        return found

    def _read(self, held: Held) -> StoredToken:
        """The row as it is now."""
        row = self.store.read_token(held.row)
        if row is None:
            raise ReconnectNeeded(held.provider_id, held.provider_user_id, "removed")
        if row.needs_reauth:
            raise _needed(row, "needs_reauth")
        return row

    # One look at the row: what is to be used, or None for another look.

    def _attempt(self, row: StoredToken, need: Need) -> StoredToken | None:
        if need.is_met_by(row):
            return row
        if self.refresh is None or not row.refresh_token:
            return self._without_refresh(row, need)
        if is_leased(row):
            return None
        if (delay := self.backoff.find(_account(row))) is not None:
            return _made_do(row, need, delay)
        leased = self._leased(row)
        return None if leased is None else self._renewed(leased, need, self.refresh)

    def _without_refresh(self, row: StoredToken, need: Need) -> StoredToken | None:
        """What becomes of a token that is due and cannot be refreshed.

        One that expired is nobody's fault, nor is a key that is missing: neither is marked.
        """
        if row.access_token and lasts(row, clock.now()):
            if row.access_token != need.refused or not self.breaks_on_401:
                return row
            if not isinstance(row.refresh_token, Unreadable):
                return self._break(row, "unauthorized")
        raise _needed(row, "unreadable" if row.unreadable else "expired")

    def _leased(self, row: StoredToken) -> StoredToken | None:
        """*row* with the lease on it; ``None`` if somebody was faster."""
        if row.version is None:  # the model has no place for one
            return row
        return self.store.swap_token(row, lease_until=clock.now() + self.lease)

    def _renewed(self, row: StoredToken, need: Need, refresh: Refresh) -> StoredToken | None:
        """The row with a new pair, by whoever has the lease."""
        known = Known(subject=row.provider_user_id, issuer=row.issuer)
        try:
            token = refresh(token_of(row), known)
        except ProviderError as error:
            return self._refused(row, need, error)
        except BaseException:
            self._let_go(row)
            raise
        return self._written(row, token)

    def _refused(self, row: StoredToken, need: Need, error: ProviderError) -> StoredToken | None:
        """What becomes of a row that the provider gave no new pair for."""
        if error.code == CHANGED:
            return self._break(row, "changed")
        if error.code in SPENT:
            return self._break(row, "invalid_grant")
        self._let_go(row)
        return _made_do(row, need, self.backoff.note(_account(row), error))

    def _written(self, row: StoredToken, token: Token) -> StoredToken | None:
        """The row with the new pair, if it still has the refresh token that this was made of.

        Whoever changed something else meanwhile is no reason to lose the pair: the provider may
        take the old one no more. What became of a commit that broke off, the row tells.
        """
        values = {**columns_of(token), "lease_until": None, "needs_reauth": False}
        current: StoredToken | None = row
        pause, attempts = SHORTEST_PAUSE, 0
        while current is not None and current.refresh_token == row.refresh_token:
            try:
                if (written := self.store.swap_token(current, **values)) is not None:
                    return written
                current = self.store.read_token(current)
            except ColumnTooShort:  # it will be so next time
                self._let_go(row)
                raise
            except self.store.faults as fault:
                attempts += 1
                if self.store.trouble(fault) is None or attempts == ATTEMPTS:
                    raise
                clock.pause(pause)
                pause *= 2
        return None

    def _break(self, row: StoredToken, reason: str) -> StoredToken | None:
        """Mark the connection as broken and tell it, once; ``None`` if its tokens are others now.

        :raises ReconnectNeeded: when it is marked.
        """
        current = self.store.read_token(row)
        if current is None or _tokens(current) != _tokens(row) or current.needs_reauth:
            return None
        marked = self.store.swap_token(current, needs_reauth=True, lease_until=None)
        if marked is None:
            return None
        if marked.needs_reauth:  # else the model has no place for it, and this would be told anew
            self.on_broken(marked, reason)
        raise _needed(marked, reason)

    def _let_go(self, row: StoredToken) -> None:
        """Give the lease back. If that fails, it ends by itself."""
        if row.version is not None:
            with suppress(ColumnTooShort, *self.store.faults):
                if self.store.swap_token(row, lease_until=None) is not None:
                    return
                now = self.store.read_token(row)  # somebody wrote something else meanwhile
                if now is not None and now.lease_until == row.lease_until:
                    self.store.swap_token(now, lease_until=None)


def _made_do(row: StoredToken, need: Need, error: ProviderUnavailable) -> StoredToken:
    """*row*, if its token will do for now. :raises ProviderUnavailable: *error*, if not."""
    if need.may_do_with(row):
        return row
    raise error


def _needed(row: StoredToken, reason: str) -> ReconnectNeeded:
    return ReconnectNeeded(*_account(row), reason)


def _account(row: StoredToken) -> tuple[str, str]:
    return row.provider_id, row.provider_user_id


def _tokens(row: StoredToken) -> tuple[str | None, str | None]:
    return row.access_token, row.refresh_token
