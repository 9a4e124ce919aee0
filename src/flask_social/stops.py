"""What is answered when a flow stops early: tell who listens, and send on or show a page."""

from __future__ import annotations

from flask import g, request
from flask.typing import ResponseReturnValue

from . import pages, security, signals
from .errors import Denied, FlowRejected, FlowStopped, ProviderError
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


def answer(error: FlowStopped, provider_id: str | None = None) -> ResponseReturnValue:
    """Answer an early end: tell who listens, and send on or show a page.

    :param provider_id: the provider, where the address does not name it.
    """
    if provider_id is None:
        provider_id = str((request.view_args or {}).get("provider_id", ""))
    remote, flow = state().providers.get(provider_id), g.get("social_flow")
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
    remote = state().providers.get(provider_id)
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
    if provider_id not in state().providers:
        return None
    if flow is None:
        view = "login_callback" if security.visitor() is None else "connect_callback"
        return pages.url(view, provider_id=provider_id)
    return pages.url(STARTS[flow.intent], provider_id=provider_id, next=flow.next_url)


def _home(flow: Flow | None) -> str:
    """Where the visitor would have ended, as far as *flow*, or else this address, tells."""
    at_login = str(request.endpoint).endswith(".login_callback")
    if flow is not None:
        at_login = flow.intent is Intent.LOGIN
    return security.after_login_url() if at_login else pages.url("connections")


def _after_cancel_url() -> str:
    """Where a visitor goes who cancelled connecting: ``SOCIAL_CONNECT_DENY_REDIRECT``."""
    settings = state().settings
    view = settings.connect_deny_redirect or settings.connect_deny_view
    return security.url_of(view) if view else pages.url("connections")
