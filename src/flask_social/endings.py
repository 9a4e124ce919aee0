"""What a flow that came home does here, by what it set out for: decide, commit, tell, answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask.typing import ResponseReturnValue

from . import outage, pages, reading, security, signals
from .datastore.base import AlreadyConnected, Conflict
from .errors import FlowRejected
from .flows import accounts, offered
from .flows.accounts import Connected, Mine, Recognised, SomebodyElses, Unrecognised, WrongAccount
from .remote import RemoteApp
from .state import state
from .values import Flow, Grant, Intent

log = logging.getLogger("flask_social")


def finish(remote: RemoteApp, flow: Flow, grant: Grant) -> ResponseReturnValue:
    """End *flow* as what it was started for.

    :raises FlowRejected: ``expired``, when what it was about was removed at that very moment.
    """
    try:
        return outage.with_second_try(lambda: ENDINGS[flow.intent](remote, flow, grant))
    except Conflict as error:
        state().datastore.rollback()
        raise FlowRejected("expired", str(error)) from None


def finish_login(remote: RemoteApp, flow: Flow, grant: Grant) -> ResponseReturnValue:
    """Sign in whoever the grant's account is connected to."""
    match accounts.recognise(grant, state().datastore):
        case Recognised(connection, user):
            return welcome(remote, flow, grant, user, connection)
        case Unrecognised(is_orphan):
            if is_orphan:
                accounts.make_room(grant, state().datastore)
            return introduce(remote, flow, grant)


def welcome(
    remote: RemoteApp, flow: Flow, grant: Grant, user: Any, connection: Any, *, is_new: bool = False
) -> ResponseReturnValue:
    """Sign *user* in, if nothing that the password form looks at stands in the way.

    :param is_new: the connection was made by this very login.
    """
    store = state().datastore
    if reason := security.problem(user):
        return refuse(remote, grant, "not_allowed", reason)
    if not is_new:
        accounts.renew(connection, grant, store)
    second_factor = security.sign_in(
        user,
        provider_id=remote.id,
        remember=flow.remember,
        next_url=flow.next_url,
        keep=state().settings.session_keep,
    )
    outage.commit()
    security.commit()
    if is_new:
        signals.tell(signals.connection_created, user=user, connection=connection)
    if second_factor is not None:
        return _next_factor(second_factor)
    signals.tell(signals.login_completed, provider=remote, user=user)
    to = flow.next_url or security.after_login_url()
    return pages.outcome("logged_in", to=to, provider_id=remote.id, quiet=True)


def _next_factor(answer: ResponseReturnValue) -> ResponseReturnValue:
    """Flask-Security's *answer* to a login that a second factor is due for.

    Where it could not send the code, by mail for instance, it goes back to the login page, and
    answers JSON with 500.
    """
    response = current_app.make_response(answer)
    if response.status_code == 500 or response.location == security.login_url():
        log.warning("The code of a second factor could not be sent")
    if response.status_code == 500:
        response.status_code = 503
    return response


def introduce(remote: RemoteApp, flow: Flow, grant: Grant) -> ResponseReturnValue:
    """Ask the application who the visitor is; where it does not know, refuse."""
    store = state().datastore
    if (user := _newcomer(grant)) is None:
        return refuse(remote, grant, "not_linked")
    try:
        connection = accounts.create(grant, user, store)
    except AlreadyConnected:
        store.rollback()
    except Conflict as error:  # its cause quotes the whole row, so no traceback
        log.error("The newcomer handler's user cannot be written: %s", error)
        return refuse(remote, grant, "not_linked")
    else:
        return welcome(remote, flow, grant, user, connection, is_new=True)
    # The same person came twice at once; the other trip was first, and its user is the one.
    match accounts.recognise(grant, store):
        case Recognised(connection, user):
            return welcome(remote, flow, grant, user, connection)
        case Unrecognised():  # a row whose user is gone
            return refuse(remote, grant, "not_linked")


def _newcomer(grant: Grant) -> Any | None:
    """The user that the application says an unknown visitor is.

    A handler that raises says none, unless what it met is the database's trouble.
    """
    if (handler := state().hooks.newcomer) is None:
        return None
    try:
        user = current_app.ensure_sync(handler)(grant)
    except Exception as error:
        if state().datastore.trouble(error):
            raise
        signals.log_raised(error, "The newcomer handler raised; the visitor counts as unknown")
        return None
    if user is None or hasattr(user, "fs_uniquifier"):
        return user
    kind = type(user).__name__
    log.error("The newcomer handler returned no user but %s; the visitor counts as unknown", kind)
    return None


def refuse(
    remote: RemoteApp, grant: Grant, code: str, text: str | None = None
) -> ResponseReturnValue:
    """Send back whoever may not sign in, if nobody leads elsewhere; nothing of it is kept."""
    state().datastore.rollback()
    theirs = signals.tell_login_failed(provider=remote, oauth_response=grant.token.raw)
    if theirs is not None:
        return theirs
    to = security.login_url()
    return pages.outcome(code, to=to, provider_id=remote.id, status=403, text=text)


def finish_connect(remote: RemoteApp, flow: Flow, grant: Grant) -> ResponseReturnValue:
    """Tie the grant's account to the visitor, who is the user that set out."""
    return tie(remote, grant, _present(), to=flow.next_url or after_connect_url())


def _present() -> Any:
    """The visitor. :raises FlowRejected: when they were deleted at that very moment."""
    if (user := security.visitor()) is None:
        raise FlowRejected("not_signed_in", "the user is gone by now")
    return user


def tie(remote: RemoteApp, grant: Grant, user: Any, *, to: str) -> ResponseReturnValue:
    """Tie the grant's account to *user*, if it is not somebody else's.

    :param to: where a browser goes on.
    """
    store = state().datastore
    match accounts.connect(grant, user, store):
        case Connected(connection):
            outage.commit()
            signals.tell(signals.connection_created, user=user, connection=connection)
            return pages.outcome("connected", to=to, provider_id=remote.id, status=201)
        case Mine(connection):
            outage.commit()
            signals.tell(signals.connection_failed, user=user)
            signals.tell(signals.connection_updated, user=user, connection=connection)
            return pages.outcome("already_connected", to=to, provider_id=remote.id)
        case SomebodyElses():
            store.rollback()
            signals.tell(signals.connection_failed, user=user)
            return pages.outcome("somebody_elses", to=to, provider_id=remote.id, status=409)


def connect_values(values: Mapping[str, Any], remote: RemoteApp | None) -> ResponseReturnValue:
    """Tie the account that *values* tell of, as a trip that connects would have.

    :param values: those of a connection's columns. ``user_id`` is whose it becomes; without it,
        whoever is signed in. With a ``granted_at`` they count for half an hour: what waits in a
        browser any longer may be another person's than the one who registers there.
    :param remote: the provider, if it is not to be looked up by the values' ``provider_id``.
    :raises ValueError: when something is missing, or nobody is there to connect to.
    :raises FlowRejected: ``expired``, when the row was removed at that very moment.
    """
    grant = offered.grant_from(values)
    if (remote := remote or state().find(grant.provider_id)) is None:
        raise ValueError("No provider of these values' provider_id is configured.")
    if remote.id != grant.provider_id:
        raise ValueError(f"These values are not from {remote.name}.")
    user_id = values.get("user_id")
    user = security.visitor() if user_id is None else security.find_user(id=user_id)
    if user is None:
        raise ValueError("There is no user to connect to: give a user_id, or sign somebody in.")
    to = reading.next_path(Intent.CONNECT) or after_connect_url()
    if offered.is_stale(values):
        return pages.outcome("expired", to=to, provider_id=remote.id, status=400)
    try:
        return outage.with_second_try(lambda: tie(remote, grant, user, to=to))
    except Conflict as error:
        state().datastore.rollback()
        raise FlowRejected("expired", str(error)) from None


def finish_reconnect(remote: RemoteApp, flow: Flow, grant: Grant) -> ResponseReturnValue:
    """Renew the visitor's connection with a new consent."""
    store, user = state().datastore, _present()
    to = flow.next_url or after_connect_url()
    match accounts.reconnect(flow, grant, user, store):
        case Mine(connection):
            outage.commit()
            signals.tell(signals.connection_updated, user=user, connection=connection)
            return pages.outcome("reconnected", to=to, provider_id=remote.id)
        case WrongAccount():
            store.rollback()
            return pages.outcome("wrong_account", to=to, provider_id=remote.id, status=409)


def finish_verify(remote: RemoteApp, flow: Flow, grant: Grant) -> ResponseReturnValue:
    """Take the visitor for the user again, if the account that came back is connected to them."""
    store, user = state().datastore, _present()
    outcome = accounts.verify(flow, grant, user, store)
    store.release()
    match outcome:
        case Recognised():
            security.freshen()
            to = flow.next_url or pages.url("connections")
            return pages.outcome("verified", to=to, provider_id=remote.id)
        case WrongAccount():
            to = pages.url("connections")
            return pages.outcome("wrong_account", to=to, provider_id=remote.id, status=409)


ENDINGS = {
    Intent.LOGIN: finish_login,
    Intent.CONNECT: finish_connect,
    Intent.RECONNECT: finish_reconnect,
    Intent.VERIFY: finish_verify,
}


def after_connect_url() -> str:
    """Where a connected visitor goes: ``SOCIAL_CONNECT_ALLOW_REDIRECT``, else their connections."""
    settings = state().settings
    view = settings.connect_allow_redirect or settings.connect_allow_view
    return security.url_of(view) if view else pages.url("connections")
