"""What becomes of a request whose database breaks: it is undone, run again, or told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from flask import Flask, g, request, request_started, session

from . import security
from .datastore.base import ConnectionDatastore
from .datastore.trouble import Trouble, twice
from .errors import FlowStopped, StoreUnavailable
from .state import state

T = TypeVar("T")

BEGUN = "flask_social.begun"
"""Of a request's environment: it is one."""


def with_second_try(work: Callable[[], T]) -> T:
    """What *work* returns, the database's part of an outcome, up to its commit and signals.

    If another transaction is in its way it is undone, and done once more from the start. Not so
    where the application itself has changed something in this transaction: that would be lost.
    Nor after the :func:`commit`, which nothing undoes. Whatever else ends it early leaves nothing
    pending that an error handler of the application would commit, or wait for.
    """
    store = state().datastore
    g.social_final = not store.is_idle()

    def attempt() -> T:
        with _session_kept():
            store.begin()
            return work()

    def diagnose(error: BaseException) -> Trouble | None:
        return None if g.social_final else store.trouble(error)

    try:
        return twice(attempt, diagnose, store.rollback)
    except Exception:
        if not g.social_final:
            with suppress(*store.faults):
                store.rollback()
        raise


def commit() -> None:
    """Write everything of one outcome together: :func:`with_second_try` leaves it as it is then."""
    state().datastore.commit()
    g.social_final = True


def end_with_requests(app: Flask, store: ConnectionDatastore) -> None:
    """Let no request of *app* leave work to the next one of its thread.

    A context that is none, as ``test_request_context()`` makes for ``url_for``, ends no work of
    whoever is around it.
    """

    def begun(sender: Flask, **_more: object) -> None:
        request.environ[BEGUN] = True

    @app.teardown_request
    def ended(error: BaseException | None) -> None:
        if request.environ.pop(BEGUN, False):
            store.abandon()

    request_started.connect(begun, app)
    app.extensions[BEGUN] = begun  # signals hold on to nobody


def typed(error: Exception) -> FlowStopped:
    """*error* as an early end that can be answered. :raises Exception: itself, if it is none."""
    if isinstance(error, FlowStopped):
        return error
    store = state().datastore
    if store.trouble(error) is None:
        raise error
    return StoreUnavailable(store.told(error))


def settle() -> None:
    """Leave nothing in this request that would ask the database again."""
    store = state().datastore
    with suppress(*store.faults):
        store.rollback()
    security.forget_visitor()


@contextmanager
def _session_kept() -> Iterator[None]:
    """Put session and visitor back as they were when the block fails.

    So nobody is signed in by halves.
    """
    restore_visitor = security.visitor_now()
    before: dict[str, Any] = {
        key: value.copy() if isinstance(value, list | dict) else value
        for key, value in session.items()
    }
    try:
        yield
    except BaseException:
        session.clear()
        session.update(before)
        restore_visitor()
        raise
