"""What a request to one of our routes says."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import abort, current_app, request, session
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import HTTPException

from . import limits, origins
from .errors import FlowRejected
from .http import Params
from .origins import origin_of, safe_path
from .state import state
from .values import Intent

log = logging.getLogger("flask_social")

ANSWER = ("state", "code", "error", "oauth_token", "denied")
"""Parameters by which a request to a callback is one; without any it is somebody looking."""

AHEAD = ("prefetch", "prerender", "preview")
"""What browsers call a request for a page that they may never show."""


def take_in(endpoint: str | None, values: Mapping[str, Any] | None) -> None:
    """Read what a client sent before anybody else does, who might stumble over it.

    No more of a body is read than a form of ours may need: a longer one is a 413, and one that the
    server cannot read a 400.

    :raises FlowRejected: ``malformed``, for a query that is not UTF-8.
    """
    bound = current_app.config.get("MAX_CONTENT_LENGTH")
    request.max_content_length = min(limits.REQUEST, limits.REQUEST if bound is None else bound)
    try:
        request.get_data(parse_form_data=True)
    except HTTPException:
        raise
    except Exception:  # noqa: BLE001 - each server has its own for chunks that are none
        abort(400)
    require_readable()


def leave_out_odd_cookie(endpoint: str | None, values: Mapping[str, Any] | None) -> None:
    """Leave out, of any request to the application, a remembering cookie that no server ever set.

    Flask-Login compares its signature, and raises for letters that a signature never has; and
    before a view of the application's own sets out or comes back, somebody asked it already.
    """
    name = current_app.config.get("REMEMBER_COOKIE_NAME", "remember_token")
    if not all(value.isascii() for value in request.cookies.getlist(name)):
        others = [each for each in request.cookies.items(multi=True) if each[0] != name]
        request.cookies = ImmutableMultiDict(others)


def cookies() -> dict[str, str]:
    """The cookies that came once. Of two of one name one was planted, and nothing says which."""
    return {name: values[0] for name, values in request.cookies.lists() if len(values) == 1}


def require_one_session() -> None:
    """:raises FlowRejected: ``two_sessions``, when two different session cookies came.

    A hostile sibling subdomain can have its own sent first, by a longer path, and so have what a
    visitor does be done for somebody else.
    """
    name = current_app.session_interface.get_cookie_name(current_app)
    if len(set(request.cookies.getlist(name))) > 1:
        log.warning(
            "A browser sent two different session cookies: another site of this domain set one, or "
            "this one did with another SESSION_COOKIE_DOMAIN or SESSION_COOKIE_PATH. Where "
            "SESSION_COOKIE_NAME begins with __Host-, neither can."
        )
        raise FlowRejected("two_sessions", "two different session cookies came")


def require_readable() -> None:
    """:raises FlowRejected: ``malformed``, for a query that is not UTF-8.

    Asking for it raises, whoever asks, be it Flask-Security or an error page; so it is dropped.
    """
    try:
        request.args  # noqa: B018 - reading it is the test
    except UnicodeDecodeError:
        request.query_string = b""
        raise FlowRejected("malformed", "the query is not UTF-8") from None


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
    headers = ("Sec-Purpose", "Purpose", "X-Moz", "X-Purpose")
    purposes = " ".join(request.headers.get(name, "").lower() for name in headers)
    return request.method == "HEAD" or any(each in purposes for each in AHEAD)


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
    if name in request.files:
        raise FlowRejected("malformed", f"{name} is a file")
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
