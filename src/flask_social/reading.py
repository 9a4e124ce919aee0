"""What a request to one of our routes says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app, request, session
from werkzeug.datastructures import MultiDict

from . import origins
from .errors import FlowRejected
from .http import Params
from .origins import origin_of, safe_path
from .state import state
from .values import Intent

ANSWER = ("state", "code", "error", "oauth_token", "denied")
"""Parameters by which a request to a callback is one; without any it is somebody looking."""


def is_answer() -> bool:
    """Whether this request is a provider's answer, and not somebody looking."""
    return any(name in request.args for name in ANSWER)


def is_cross_site() -> bool:
    """Whether another site's page sent this request."""
    settings = state().settings
    trusted = [*settings.trusted_origins, origin_of(settings.app_url)]
    return origins.is_cross_site(request, trusted)


def is_speculative() -> bool:
    """Whether nobody meant this request yet: a ``HEAD``, or a browser fetching ahead."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return request.method == "HEAD" or any("prefetch" in purpose.lower() for purpose in purposes)


def read_answer(answer: MultiDict[str, str]) -> Params:
    """The parameters of an answer (RFC 6749 section 3.1).

    :raises FlowRejected: ``malformed``, when one is repeated.
    """
    if any(len(answer.getlist(name)) > 1 for name in answer):
        raise FlowRejected("malformed", "a parameter is repeated")
    return answer.to_dict()


def key_of(params: Mapping[str, str]) -> str:
    """What names the flow: the state, or OAuth 1.0a's request token."""
    key = params.get("state") or params.get("oauth_token") or params.get("denied")
    if not key:
        raise FlowRejected("missing", "the answer has no state")
    return key


def asked(name: str) -> str | None:
    """What the client says of *name*: in JSON, where ``null`` is empty, a form, or the query.

    :raises FlowRejected: ``malformed``, for a body that is neither a JSON object nor a form:
        taken for an empty one it would disconnect every account instead of the one it names.
    """
    body = _json_body()
    if name in body:
        value = "" if body[name] is None else body[name]
    else:
        value = request.form.get(name, request.args.get(name))
    if isinstance(value, dict | list):
        raise FlowRejected("malformed", f"{name} is no text")
    return None if value is None else str(value)


def _json_body() -> dict[str, Any]:
    if not request.is_json:
        sent = request.content_length or "Transfer-Encoding" in request.headers
        if sent and not (request.form or request.files):
            raise FlowRejected("malformed", "the body is neither a form nor JSON")
        return {}
    if not request.get_data():
        return {}
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        body = None
    if not isinstance(body, dict):
        raise FlowRejected("malformed", "the body is no JSON object")
    return body


def next_path(intent: Intent) -> str | None:
    """Where to go when all is done, if the form or the application says so."""
    settings = state().settings
    key = (
        settings.post_oauth_login_session_key
        if intent is Intent.LOGIN
        else settings.post_oauth_connect_session_key
    )
    kept = session.pop(key, None)
    return safe_path(asked("next")) or safe_path(kept if isinstance(kept, str) else None)


def wants_remembering() -> bool:
    """Whether the visitor ticked "remember me", or the application does it for everyone."""
    ticked = asked("remember")
    if ticked is None:
        return bool(current_app.config.get("SECURITY_DEFAULT_REMEMBER_ME"))
    return ticked.lower() in ("1", "true", "on", "y", "yes")
