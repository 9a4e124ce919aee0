"""What is answered when a view of the application's own asks for a token, and none is to be had."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue

from . import outage, pages, security, signals
from .errors import FlowStopped, ProviderUnavailable, ReconnectNeeded, SocialError, StoreUnavailable
from .origins import safe_path
from .state import state

ASKED_FOR = (ReconnectNeeded, ProviderUnavailable, StoreUnavailable)
"""What ``get_api()`` raises, and what it gives raises when it is used."""


def install(app: Flask) -> None:
    """Let *app* answer them, unless it has error handlers of its own for these classes."""
    handlers = app.error_handler_spec[None][None]
    for kind in ASKED_FOR:
        if kind not in handlers:
            app.register_error_handler(kind, answer)


def answer(error: FlowStopped) -> ResponseReturnValue:
    """A page or JSON, for what is one of :data:`ASKED_FOR`.

    If the application has a handler for a class above it, as far up as ``SocialError``, that one
    answers: Flask would ask it, if ours did not stand nearer.
    """
    if (theirs := _handler_above(type(error))) is not None:
        answered: ResponseReturnValue = current_app.ensure_sync(theirs)(error)
        return answered
    _tell(error)
    try:
        page = _page(error)
    except state().datastore.faults:  # a receiver left the database unusable, say
        outage.settle()
        page = _page(error)
    return pages.furnish(current_app.make_response(page))


def _handler_above(kind: type[Exception]) -> Callable[[Any], Any] | None:
    handlers = current_app.error_handler_spec[None][None]
    above = (each for each in kind.__mro__ if issubclass(each, SocialError))
    return next(
        (handlers[each] for each in above if handlers.get(each, answer) is not answer), None
    )


def _tell(error: FlowStopped) -> None:
    remote = state().at_hand(_provider_id(error))
    if isinstance(error, StoreUnavailable):
        outage.settle()
        signals.tell(signals.store_failed, provider=remote, error=error)
    elif isinstance(error, ProviderUnavailable):
        signals.tell(signals.provider_failed, provider=remote, error=error)


def _page(error: FlowStopped) -> ResponseReturnValue:
    if not isinstance(error, ReconnectNeeded):
        return pages.stopped(error, _provider_id(error), _here())
    told = {"reconnect_url": error.reconnect_url if _is_visitors(error) else None}
    return pages.stopped(error, error.provider_id, _here(), "reconnect.html", **told)


def _provider_id(error: FlowStopped) -> str:
    return str(getattr(error, "provider_id", None) or "")


def _is_visitors(error: ReconnectNeeded) -> bool:
    """Whether whoever sees the page can mend it: the connection is nobody else's."""
    visitor = security.visitor()
    if visitor is None or error.reason == "removed":
        return visitor is not None
    try:
        return bool(getattr(error.connection, "user", None) == visitor)
    except Exception:  # noqa: BLE001 - what an ORM raises for a row whose session ended
        return False


def _here() -> str | None:
    """The page that the visitor was about to see, if it can be asked for again."""
    if request.method != "GET":
        return None
    return safe_path(request.script_root + request.full_path.rstrip("?"))
