"""What is answered when a flow stops early: tell who listens, and send on or show a page."""

from __future__ import annotations

from flask import current_app, g, request
from flask.typing import ResponseReturnValue

from . import outage, pages, security, signals
from .errors import Denied, FlowRejected, FlowStopped, ProviderError, StoreUnavailable
from .remote import RemoteApp
from .state import state
from .values import Flow, Intent

STARTS = {
    Intent.LOGIN: "login_callback",
    Intent.CONNECT: "connect_callback",
    Intent.RECONNECT: "reconnect",
    Intent.VERIFY: "verify",
}
"""The endpoint that answers GET with a button to set out, for each intent."""

RETRIES = {
    "login": "login_callback",
    "login_callback": "login_callback",
    "callback": "login_callback",
    "connect": "connect_callback",
    "connect_callback": "connect_callback",
    "reconnect": "reconnect",
    "verify": "verify",
}
"""The same for each endpoint of ours, where no flow is known and nobody can say who is there."""


def stoppers() -> tuple[type[Exception], ...]:
    """What :func:`answer` answers: early ends, and what a database that broke may raise."""
    return FlowStopped, *state().datastore.faults


def answer(error: Exception, provider_id: str | None = None) -> ResponseReturnValue:
    """Answer one of the :func:`stoppers`: tell who listens, and send on or show a page.

    :param provider_id: the provider, where the address does not name it.
    :raises Exception: *error* itself, if it tells of a mistake and not of the database.
    """
    if provider_id is None:
        provider_id = str((request.view_args or {}).get("provider_id", ""))
    try:
        return _answer(outage.typed(error), provider_id)
    except state().datastore.faults as fault:  # while the answer was made
        return _answer(outage.typed(fault), provider_id)


def answer_ours(error: Exception) -> ResponseReturnValue:
    """Answer what one of our routes raised. A mistake is left to the application's own handler.

    Flask would ask it, if ours, which stands nearer to our routes, did not take its place.
    """
    try:
        return answer(error)
    except state().datastore.faults as mistake:
        handlers = current_app.error_handler_spec[None][None]
        kind = next((each for each in type(mistake).__mro__ if each in handlers), None)
        if kind is None:
            raise
        theirs: ResponseReturnValue = current_app.ensure_sync(handlers[kind])(mistake)
        return theirs


def _answer(error: FlowStopped, provider_id: str) -> ResponseReturnValue:
    remote, flow = state().at_hand(provider_id), g.get("social_flow")
    if isinstance(error, StoreUnavailable):
        outage.settle()
        signals.tell(signals.store_failed, provider=remote, error=error)
        return pages.stopped(error, provider_id, _retry_later_url(provider_id, flow))
    if error.code in ("used", "signed_in") and security.visitor() is not None:
        to = (flow and flow.next_url) or _home(flow)
        return pages.outcome("signed_in", to=to, provider_id=provider_id, quiet=True)
    retry_url = _retry_url(provider_id, flow)  # before a receiver can spoil the session
    if isinstance(error, FlowRejected):
        signals.tell(signals.flow_rejected, provider=remote, reason=error.code)
    elif isinstance(error, ProviderError):
        signals.tell(signals.provider_failed, provider=remote, error=error)
    elif isinstance(error, Denied) and flow is not None:
        return _refused(error, provider_id, flow)
    if error.code == "not_signed_in":
        to = security.login_url()
        return pages.outcome(error.code, to=to, provider_id=provider_id, status=error.status)
    return pages.stopped(error, provider_id, retry_url)


def _refused(error: Denied, provider_id: str, flow: Flow) -> ResponseReturnValue:
    """The visitor, or the application, said no: back to where they were."""
    remote = state().at_hand(provider_id)
    if error.code == "denied":
        tell_cancelled(remote, flow)
    elif flow.intent is not Intent.LOGIN:
        signals.tell(signals.connection_failed, user=security.visitor())
    elif (theirs := signals.tell_login_failed(provider=remote, oauth_response=None)) is not None:
        return theirs
    to = security.login_url() if flow.intent is Intent.LOGIN else _after_cancel_url()
    return pages.outcome(error.code, to=to, provider_id=provider_id, status=error.status)


def tell_cancelled(remote: RemoteApp | None, flow: Flow) -> None:
    """Tell that somebody pressed cancel at the provider."""
    if flow.intent is Intent.LOGIN:
        signals.tell(signals.login_denied, provider=remote)
    else:
        signals.tell(signals.connection_denied, user=security.visitor(), provider=remote)


def _retry_url(provider_id: str, flow: Flow | None) -> str | None:
    """The page to start the same thing again from."""
    if not state().may_have(provider_id):
        return None
    if flow is None:
        view = "login_callback" if security.visitor() is None else "connect_callback"
        return pages.url(view, provider_id=provider_id)
    return pages.url(STARTS[flow.intent], provider_id=provider_id, next=flow.next_url)


def _retry_later_url(provider_id: str, flow: Flow | None) -> str:
    """The same, without asking the database who the visitor is."""
    if flow is not None:
        return pages.url(STARTS[flow.intent], provider_id=flow.provider_id, next=flow.next_url)
    view = RETRIES.get(str(request.endpoint).rpartition(".")[2])
    if view is None or not state().may_have(provider_id):
        return pages.url("connections")
    return pages.url(view, provider_id=provider_id)


def _home(flow: Flow | None) -> str:
    """Where the visitor would have ended, as far as *flow*, or else this address, tells."""
    if flow is None:
        at_login, verifying = str(request.endpoint).endswith(".login_callback"), False
    else:
        at_login, verifying = flow.intent is Intent.LOGIN, flow.intent is Intent.VERIFY
    if at_login or verifying:
        return security.after_login_url() if at_login else pages.url("connections")
    settings = state().settings
    return _first_of(settings.connect_allow_redirect, settings.connect_allow_view)


def _after_cancel_url() -> str:
    """Where a visitor goes who cancelled connecting: ``SOCIAL_CONNECT_DENY_REDIRECT``."""
    settings = state().settings
    return _first_of(settings.connect_deny_redirect, settings.connect_deny_view)


def _first_of(*views: str | None) -> str:
    """The address of the first of *views* that is set, else of the visitor's connections."""
    view = next(filter(None, views), None)
    return security.url_of(view) if view else pages.url("connections")
