"""The signals: what happened, told once it is committed. They never steer.

The sender is the application. The five documented ones keep their names and arguments; take
``**extra`` in every receiver, since arguments may be added.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from typing import Any

from blinker import NamedSignal, Namespace
from flask import current_app

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

connection_denied = _signals.signal("connection-denied")
"""``user``, ``provider``: cancelled at the provider while connecting."""

login_denied = _signals.signal("login-denied")
"""``provider``: cancelled at the provider while signing in."""

flow_rejected = _signals.signal("flow-rejected")
"""``provider``, ``reason``: a callback that belongs to no trip of this browser."""

provider_failed = _signals.signal("provider-failed")
"""``provider``, ``error``: the provider did not answer, or not as it must."""


def tell(signal: NamedSignal, **arguments: Any) -> None:
    """Send *signal* from the current application.

    A receiver may be async, and need not take every argument, so that one written before an
    argument was added goes on working. One that raises is logged, and changes nothing.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    for receiver in signal.receivers_for(app):
        try:
            app.ensure_sync(receiver)(app, **_taken(receiver, arguments))
        except Exception:
            log.exception("A receiver of %s raised", signal.name)


def _taken(receiver: Callable[..., Any], arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those of *arguments* that *receiver* takes."""
    parameters = inspect.signature(receiver).parameters.values()
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        return arguments
    names = {each.name for each in parameters}
    return {name: value for name, value in arguments.items() if name in names}
