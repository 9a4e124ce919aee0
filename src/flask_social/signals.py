"""The signals: what happened, told once it is committed. They do not steer.

The one exception is ``login_failed``, whose receiver may lead elsewhere: see
:func:`tell_login_failed`. The sender is the application. The five documented ones keep their names
and arguments; take ``**extra`` in every receiver, since arguments may be added.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from blinker import NamedSignal, Namespace
from flask import Flask, current_app
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, default_exceptions

from .errors import FlowStopped

log = logging.getLogger("flask_social")

_signals = Namespace()

connection_created = _signals.signal("connection-created")
"""``user``, ``connection``: an account was connected."""

connection_failed = _signals.signal("connection-failed")
"""``user``: the account is connected already, to this user or to another."""

connection_removed = _signals.signal("connection-removed")
"""``user``, ``provider_id``, ``provider_user_id``: one connection was removed."""

login_failed = _signals.signal("login-failed")
"""``provider``, ``oauth_response``: nobody here is connected, or the user may not sign in."""

login_completed = _signals.signal("login-success")
"""``provider``, ``user``: somebody signed in; with a second factor, once it has passed."""

connection_updated = _signals.signal("connection-updated")
"""``user``, ``connection``: tokens and profile of a connection were renewed."""

connection_broken = _signals.signal("connection-broken")
"""``user``, ``connection``, ``reason``: its tokens are of no use any more; the person has to
consent again. Sent once, until a later login or connect mends it."""

connection_denied = _signals.signal("connection-denied")
"""``user``, ``provider``: cancelled at the provider while connecting."""

login_denied = _signals.signal("login-denied")
"""``provider``: cancelled at the provider while signing in."""

flow_rejected = _signals.signal("flow-rejected")
"""``provider``, ``reason``: a callback that belongs to no trip of this browser."""

provider_failed = _signals.signal("provider-failed")
"""``provider``, ``error``: the provider did not answer, or not as it must."""

store_failed = _signals.signal("store-failed")
"""``provider``, ``error``: the application's own database could not be used. Do not ask it now."""


GENERAL = frozenset({BaseException, Exception, HTTPException, *default_exceptions.values()})
"""What a handler of is no handler of a receiver's own exception: the page for 404, say."""


def tell(signal: NamedSignal, **arguments: Any) -> None:
    """Send *signal* from the current application.

    A receiver may be async, and need not take every argument, so that one written before an
    argument was added goes on working. One that raises is logged, and changes nothing.
    """
    for error in _raised(_sender(), signal, arguments):
        _log(signal, error)


def tell_login_failed(*, provider: Any, oauth_response: Any) -> ResponseReturnValue | None:
    """Send ``login_failed``; the answer, where a receiver leads elsewhere.

    A receiver does so by raising an exception that the application has an error handler for, to
    its class or one above it that is narrower than :class:`Exception` and no HTTP status. Once
    all receivers are told, that handler answers in place of us. Any other exception is logged.
    """
    app, leading = _sender(), None
    arguments = {"provider": provider, "oauth_response": oauth_response}
    for error in _raised(app, login_failed, arguments):
        if leading is None and _has_handler(app, error):
            leading = error
        else:
            _log(login_failed, error)
    return None if leading is None else _led(app, leading)


def _sender() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


def _raised(app: Flask, signal: NamedSignal, arguments: Mapping[str, Any]) -> Iterator[Exception]:
    """Tell every receiver; the exceptions they raise."""
    for receiver in signal.receivers_for(app):
        try:
            app.ensure_sync(receiver)(app, **_taken(receiver, arguments))
        except Exception as error:  # noqa: BLE001 - the caller says what becomes of it
            yield error


def _log(signal: NamedSignal, error: Exception) -> None:
    log_raised(error, "A receiver of %s raised", signal.name)


def log_raised(error: Exception, message: str, *arguments: Any) -> None:
    """Log what the application's own code raised, with a traceback.

    Not so where a database's exception is in it: its text is the statement with its parameters.
    """
    store = getattr(current_app.extensions.get("social"), "datastore", None)
    faults = () if store is None else store.faults
    fault = next((each for each in _printed(error) if isinstance(each, faults)), None)
    if store is None or fault is None:
        log.error(message, *arguments, exc_info=error)
    else:
        log.error(f"{message}: %s, %s", *arguments, type(error).__name__, store.told(fault))


def _printed(error: BaseException | None) -> Iterator[BaseException]:
    """*error*, what it came of, and so on: all that a traceback prints."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _led(app: Flask, leading: Exception) -> ResponseReturnValue | None:
    """What the handler of *leading* answers; ``None`` for one that fails, or answers nothing."""
    try:
        answer = app.handle_user_exception(leading)
        app.make_response(answer)
    except HTTPException as error:  # abort(403), say
        return app.handle_http_exception(error)
    except Exception as error:  # noqa: BLE001 - the login failed anyhow
        log_raised(error, "The error handler that %s leads to failed", type(leading).__name__)
        return None
    return answer


def _has_handler(app: Flask, error: Exception) -> bool:
    """Whether *app* itself, no blueprint, registered an error handler that is for *error*.

    Flask keeps them by status, those of classes without one under ``None``, and looks for the class
    and those it inherits from.
    """
    kinds = {kind for by_kind in app.error_handler_spec[None].values() for kind in by_kind}
    wanted = (kinds - GENERAL).intersection(type(error).__mro__)
    return bool(wanted) and not isinstance(error, FlowStopped)


def _taken(receiver: Callable[..., Any], arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those of *arguments* that *receiver* takes."""
    parameters = inspect.signature(receiver).parameters.values()
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        return arguments
    names = {each.name for each in parameters}
    return {name: value for name, value in arguments.items() if name in names}
