"""What a grant means here: whose account it is, and what becomes of it.

Each function decides and writes, and returns an outcome. None commits, signals or answers:
the caller does, so that everything of one outcome is committed together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..datastore.base import AlreadyConnected, ConnectionDatastore
from ..errors import ProviderError
from ..protocols.identity import read_subject
from ..values import Flow, Grant, Identity, Secret, Token

SECRETS = ("access_token", "secret", "refresh_token", "id_token")


@dataclass(frozen=True, slots=True)
class Recognised:
    """The grant is *user*'s: *connection* says so. Nothing is renewed until the gate is passed."""

    connection: Any
    user: Any


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """Nobody here is connected to the grant's account."""


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
    return Unrecognised() if user is None else Recognised(connection, user)


def connect(
    grant: Grant, user: Any, store: ConnectionDatastore
) -> Connected | Mine | SomebodyElses:
    """Tie the grant's account to *user*, if it is not somebody else's.

    Of two who do so at once, the unique constraint lets one win; the other reads who did.
    """
    connection = _find(grant, store)
    if connection is None:
        try:
            return Connected(create(grant, user, store))
        except AlreadyConnected:
            connection = _find(grant, store)
    if connection is None or connection.user != user:
        return SomebodyElses()
    return Mine(renew(connection, grant, store))


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
    """Write the grant's tokens and profile into *connection*; what it does not bring stays."""
    brought = {name: value for name, value in columns(grant).items() if value is not None}
    if "email" not in brought:
        del brought["email_verified"]
    brought |= {"expires_at": grant.token.expires_at, "needs_reauth": False}
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
    for row in doomed:
        store.delete(row)
    return Removed(accounts)


def _find(grant: Grant, store: ConnectionDatastore) -> Any | None:
    """The row of the grant's account; a row that another issuer made is not it."""
    connection = store.find_connection(
        provider_id=grant.provider_id, provider_user_id=grant.identity.subject
    )
    recorded = getattr(connection, "issuer", None)
    if recorded and recorded != grant.identity.issuer:
        raise ProviderError(
            "recognising the account", "wrong_issuer", "the row names another issuer"
        )
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


def grant_from(values: Mapping[str, Any]) -> Grant:
    """The grant that *values* tell of, in the words of a connection's columns.

    :raises ValueError: when the provider, the account or the token is not among them, or is none.
    """
    wanted = ("provider_id", "provider_user_id", "access_token")
    if missing := [name for name in wanted if not values.get(name)]:
        raise ValueError(f"There is no {' and no '.join(missing)} to connect by.")
    token = Token(
        **{name: _secret(name, values.get(name)) for name in SECRETS},
        token_type=values.get("token_type") or "Bearer",
        expires_at=values.get("expires_at"),
        scopes=tuple(values["scopes"].split()) if values.get("scopes") else None,
    )
    identity = Identity(
        subject=_subject(values["provider_user_id"]),
        issuer=values.get("issuer"),
        username=values.get("display_name"),
        name=values.get("full_name"),
        email=values.get("email"),
        email_verified=bool(values.get("email_verified")),
        profile_url=values.get("profile_url"),
        image_url=values.get("image_url"),
    )
    return Grant(provider_id=str(values["provider_id"]), token=token, identity=identity)


def _subject(value: Any) -> str:
    try:
        return read_subject(value)
    except ProviderError:
        raise ValueError("The provider_user_id among the values names no account.") from None


def _secret(name: str, value: Any) -> Any:
    if not isinstance(value, str | None):
        raise ValueError(f"The {name} among the values is no text.")
    return None if value is None else Secret(value)
