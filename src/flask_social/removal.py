"""Connections are removed: the rows first and in any case, then the tokens at the provider."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask.typing import ResponseReturnValue

from . import outage, pages, reading, security, signals
from .flows import accounts
from .flows.accounts import LastWayIn, NothingToRemove, Removed
from .flows.revocation import NotRevoked
from .origins import safe_path
from .state import state


def remove(provider_id: str, provider_user_id: str | None) -> ResponseReturnValue:
    """Remove, unless it is the last way in; then give the tokens back, as far as that goes."""
    to = safe_path(reading.asked("next")) or pages.url("connections")
    ways_in = _ways_in()
    match outage.with_second_try(lambda: _remove(provider_id, provider_user_id, ways_in)):
        case Removed() as removed:
            tell_removed(removed)
            code = "removed_all" if provider_user_id is None else "removed"
            if not revoke_all(provider_id, removed):
                code = f"{code}_not_revoked"
            return pages.outcome(code, to=to, provider_id=provider_id)
        case NothingToRemove():
            state().remote(provider_id)  # one that is unknown is no page here, as anywhere
            return pages.outcome("not_found", to=to, provider_id=provider_id, status=404)
        case LastWayIn():
            return pages.outcome("last_way_in", to=to, provider_id=provider_id, status=409)


def _remove(
    provider_id: str, provider_user_id: str | None, ways_in: Collection[str]
) -> Removed | NothingToRemove | LastWayIn:
    store, user = state().datastore, security.visitor()

    def keeps_one(remaining: Sequence[Any]) -> bool:
        """Whether the visitor could still sign in with the *remaining* connections."""
        usable = any(row.provider_id in ways_in for row in remaining)
        allowed = state().settings.allow_last_disconnect
        return allowed or usable or security.has_way_in(user)

    done = accounts.disconnect(user, provider_id, provider_user_id, store, keeps_one)
    if isinstance(done, Removed):
        outage.commit()
    else:
        store.rollback()
    return done


def tell_removed(removed: Removed) -> None:
    """Send the signal for each connection that is gone."""
    for provider_id, subject in removed.accounts:
        signals.tell(
            signals.connection_removed,
            user=security.visitor(),
            provider_id=provider_id,
            provider_user_id=subject,
        )


def revoke_all(provider_id: str, removed: Removed) -> bool:
    """Let the provider revoke the tokens of rows that are gone already; False if it did not.

    There is one attempt for each, and all of them have the time of one request.
    """
    remote = state().find(provider_id)
    if remote is None or not state().settings.revoke_on_disconnect:
        return True
    state().datastore.release()
    send = remote.wire.for_request()
    held = zip(removed.accounts, removed.tokens, removed.issuers, strict=True)
    outcomes = [
        remote.at(subject).give_back(token, send, issuer=issuer)
        for (_, subject), token, issuer in held
    ]
    return not any(isinstance(each, NotRevoked) for each in outcomes)


def _ways_in() -> Collection[str]:
    """The providers that there are, also those of the visitor that a source has to be asked for.

    That is done before anything is locked: it may take a query, which may fail.
    """
    configured = state().providers
    if state().sourced is None:
        return configured
    mine = state().datastore.find_connections(user=security.visitor())
    others = {row.provider_id for row in mine} - configured.keys()
    return {*configured, *(each for each in others if state().find(each))}
