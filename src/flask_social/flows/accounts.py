"""What a grant means here: whose account it is, and what becomes of it.

Each function decides and writes, and returns an outcome. None commits, signals or answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..datastore.base import AlreadyConnected, ConnectionDatastore
from ..errors import ProviderError
from ..values import Flow, Grant, Token
from .revocation import held_token


@dataclass(frozen=True, slots=True)
class Recognised:
    """The grant is *user*'s: *connection* says so. Nothing is renewed until the gate is passed."""

    connection: Any
    user: Any


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """Nobody here is connected to the grant's account."""

    is_orphan: bool = False
    """There is a row, of a user who is gone."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The grant's account is *connection* now."""

    connection: Any


@dataclass(frozen=True, slots=True)
class Mine:
    """The account was connected to this user before; its tokens and profile are renewed."""

    connection: Any


@dataclass(frozen=True, slots=True)
class SomebodyElses:
    """The account is connected to another user. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class WrongAccount:
    """Another account came back than the one that was asked for. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Removed:
    """These connections are gone: pairs of provider id and provider user id."""

    accounts: Sequence[tuple[str, str]]
    tokens: Sequence[Token | None] = field(default=(), repr=False, compare=False)
    """What each of them held, to be given back; ``None`` for one that can be read no more."""
    issuers: Sequence[str | None] = field(default=(), compare=False)
    """Who gave it to each of them, as far as the row says."""


@dataclass(frozen=True, slots=True)
class NothingToRemove:
    """The user has no such connection."""


@dataclass(frozen=True, slots=True)
class LastWayIn:
    """Without it the user could not sign in any more. Nothing was changed."""


def recognise(grant: Grant, store: ConnectionDatastore) -> Recognised | Unrecognised:
    """Whose account the grant is. The provider's id and the subject decide, nothing else does."""
    connection = _find(grant, store)
    user = None if connection is None else connection.user
    if user is None:
        return Unrecognised(is_orphan=connection is not None)
    return Recognised(connection, user)


def connect(
    grant: Grant, user: Any, store: ConnectionDatastore
) -> Connected | Mine | SomebodyElses:
    """Tie the grant's account to *user*, if it is not somebody else's.

    Of two who do so at once, the unique constraint lets one win; the other reads who did. A row
    whose user is gone makes room: it is nobody's, and the visitor holds the account.
    """
    connection = _find(grant, store)
    if connection is not None and connection.user is None:
        make_room(grant, store)
        connection = _find(grant, store)
    if connection is None:
        try:
            return Connected(create(grant, user, store))
        except AlreadyConnected:
            connection = _find(grant, store, newest=True)
    if connection is None or connection.user != user:
        return SomebodyElses()
    return Mine(renew(connection, grant, store))


def make_room(grant: Grant, store: ConnectionDatastore) -> None:
    """Delete the row of the grant's account if its user is gone: it is nobody's."""
    store.delete_orphan(provider_id=grant.provider_id, provider_user_id=grant.identity.subject)


def create(grant: Grant, user: Any, store: ConnectionDatastore) -> Any:
    """A new row for the grant's account, ranked behind *user*'s others of this provider.

    :raises AlreadyConnected: when the account has a row by now.
    """
    others = store.find_connections(user=user, provider_id=grant.provider_id)
    ranks: list[Any] = [getattr(row, "rank", None) for row in others]
    # A row without a rank comes last; behind it is only another one.
    rank = None if None in ranks else max(ranks, default=0) + 1
    return store.create_connection(user=user, rank=rank, **columns(grant))


def reconnect(
    flow: Flow, grant: Grant, user: Any, store: ConnectionDatastore
) -> Mine | WrongAccount:
    """Renew the connection of *user* that *flow* set out to renew, if its account came back."""
    connection = _own(flow, grant, user, store)
    return WrongAccount() if connection is None else Mine(renew(connection, grant, store))


def verify(
    flow: Flow, grant: Grant, user: Any, store: ConnectionDatastore
) -> Recognised | WrongAccount:
    """Whether the account that came back is a connection of *user*: by its row, not its e-mail."""
    connection = _own(flow, grant, user, store)
    return WrongAccount() if connection is None else Recognised(connection, user)


def renew(connection: Any, grant: Grant, store: ConnectionDatastore) -> Any:
    """Write the grant's tokens and profile into *connection*; what it does not bring stays.

    So does the lease of a process that refreshes the token now, unless its refresh token is
    replaced: then it finds that out by itself.
    """
    brought = {name: value for name, value in columns(grant).items() if value is not None}
    if "email" not in brought:
        del brought["email_verified"]
    brought |= {"expires_at": grant.token.expires_at, "needs_reauth": False}
    if "refresh_token" in brought:
        brought["lease_until"] = None
    elif getattr(connection, "needs_reauth", False):
        brought["refresh_token"] = None  # the old one is of no use, and would be tried again
    elif getattr(connection, "refresh_token", None):
        brought.pop("id_token", None)  # what the old one brings is compared with the one beside it
    return store.update_connection(connection, **brought)


def disconnect(
    user: Any,
    provider_id: str,
    provider_user_id: str | None,
    store: ConnectionDatastore,
    has_other_way_in: Callable[[Sequence[Any]], bool],
) -> Removed | NothingToRemove | LastWayIn:
    """Remove one of *user*'s connections, or with no *provider_user_id* all to a provider.

    :param has_other_way_in: told which connections would remain, says whether the user could
        still sign in. The rows are held meanwhile, so that two removals cannot both be right.
    """
    rows = store.lock_connections(user)
    doomed = [
        row
        for row in rows
        if row.provider_id == provider_id and provider_user_id in (None, str(row.provider_user_id))
    ]
    if not doomed:
        return NothingToRemove()
    if not has_other_way_in([row for row in rows if row not in doomed]):
        return LastWayIn()
    accounts = [(row.provider_id, row.provider_user_id) for row in doomed]
    tokens = [held_token(row) for row in doomed]
    issuers = [getattr(row, "issuer", None) for row in doomed]
    for row in doomed:
        store.delete(row)
    return Removed(accounts, tokens, issuers)


def _find(grant: Grant, store: ConnectionDatastore, *, newest: bool = False) -> Any | None:
    """The row of the grant's account; a row that another issuer made is not it."""
    find = store.find_newest if newest else store.find_connection
    connection = find(provider_id=grant.provider_id, provider_user_id=grant.identity.subject)
    recorded = getattr(connection, "issuer", None)
    if recorded and recorded != grant.identity.issuer:
        raise ProviderError("recognising the account", "issuer_changed", "the row has another")
    return connection


def _own(flow: Flow, grant: Grant, user: Any, store: ConnectionDatastore) -> Any | None:
    """*user*'s own row of the grant's account, if that is the account *flow* asked for."""
    if flow.subject not in (None, grant.identity.subject):
        return None
    connection = _find(grant, store)
    return connection if connection is not None and connection.user == user else None


def columns(grant: Grant) -> dict[str, Any]:
    """A grant in the words of a connection's columns. A store drops those its model lacks."""
    token, identity = grant.token, grant.identity
    return {
        "provider_id": grant.provider_id,
        "issuer": identity.issuer,
        "provider_user_id": identity.subject,
        "access_token": token.access_token,
        "secret": token.secret,
        "refresh_token": token.refresh_token,
        "id_token": token.id_token,
        "token_type": token.token_type,
        "scopes": None if token.scopes is None else " ".join(token.scopes),
        "expires_at": token.expires_at,
        "display_name": identity.username or identity.name,
        "full_name": identity.name,
        "email": identity.email,
        "email_verified": identity.email_verified,
        "profile_url": identity.profile_url,
        "image_url": identity.image_url,
    }
