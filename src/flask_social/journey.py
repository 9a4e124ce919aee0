"""A visitor sets out to a provider, and comes back with a grant."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import current_app, g, request, session
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from . import clock, limits, pages, security
from .errors import Denied, FlowRejected
from .flows.pending import Expected, Pending
from .http import Params
from .origins import external_url, safe_path
from .remote import RemoteApp
from .state import state
from .values import Flow, Grant, Intent

log = logging.getLogger("flask_social")

ANSWER = ("state", "code", "error", "oauth_token", "denied")
"""Parameters by which a request to a callback is one; without any it is somebody looking."""


def set_out(
    remote: RemoteApp, intent: Intent, *, subject: str | None = None
) -> ResponseReturnValue:
    """Remember a new flow and send the visitor to the provider with it.

    :param subject: the account that must come back, where one is asked for.
    """
    flow = Flow(
        provider_id=remote.id,
        intent=intent,
        callback_url=callback_url(remote, intent),
        created_at=clock.now(),
        user_id=security.visitor_id(),
        subject=subject,
        next_url=next_path(intent),
        remember=wants_remembering(),
    )
    state().datastore.release()
    flow, url = remote.provider.begin(remote.client, flow, state().wire.for_request())
    pages.keep(pending().remember(flow, cross_site=answers_by_post(remote)))
    return pages.leave(url, remote.id)


def come_back(remote: RemoteApp, intents: frozenset[Intent]) -> tuple[Flow, Grant]:
    """The flow that this request ends, spent, and what it brought home.

    :param intents: what a flow that ends here may have been started for.
    :raises FlowRejected: when this browser has no such flow, or it was spent before.
    :raises Denied: when the person pressed cancel, or a grant checker refused.
    :raises ProviderError: when the provider's answer is of no use.
    """
    params = read_answer(request.args)
    key = key_of(params)
    flow = recall(remote, key, intents)
    if set(params) == {"state"}:
        params = kept_answer(key)
    spend(key, flow)
    state().datastore.release()
    grant = remote.provider.complete(remote.client, flow, params, state().wire.for_request())
    check(grant)
    return flow, grant


def recall(remote: RemoteApp, key: str, intents: frozenset[Intent]) -> Flow:
    """The flow of this browser that *key* names, if it may end at this address.

    :raises FlowRejected: when there is none; ``used`` when there was.
    """
    expected = Expected(
        provider_id=remote.id,
        intents=intents,
        issuer=getattr(remote.provider, "issuer", None),
        callback_url=_address(str(request.endpoint), remote),
        user_id=security.visitor_id(),
    )
    try:
        g.social_flow = pending().recall(key, expected)
    except FlowRejected as error:
        if error.code == "missing" and state().ledger.is_spent(key):
            raise FlowRejected("used", "the flow was spent before") from None
        raise
    if g.social_flow.intent is Intent.LOGIN and security.visitor() is not None:
        raise FlowRejected("signed_in", "a login ends where somebody is signed in by now")
    return g.social_flow  # type: ignore[no-any-return]


def kept_answer(key: str) -> Params:
    """The answer that :func:`bounce` kept. :raises FlowRejected: when this browser has none."""
    if (params := pending().kept_answer(key)) is None:
        raise FlowRejected("missing", "a state without an answer")
    return params


def spend(key: str, flow: Flow) -> None:
    """Let *flow* end here and never again.

    :raises FlowRejected: ``used``, for all but the first to come.
    """
    state().datastore.release()
    # Not forgotten before every clock that allows it takes the flow for expired.
    forget_at = flow.created_at + pending().lifetime + limits.CLOCK_SKEW + 1
    if not state().ledger.spend(key, forget_at):
        raise FlowRejected("used", "the flow was spent before")
    pages.keep(pending().forget(key))


def check(grant: Grant) -> None:
    """Ask every grant checker. :raises Denied: when one refuses, or fails to decide."""
    for checker in state().hooks.checkers:
        try:
            checker(grant)
        except Denied:
            raise
        except Exception:
            log.exception("A grant checker raised; the grant counts as refused")
            raise Denied("refused", "a grant checker failed") from None


# The detour of an answer that comes from the provider's own site.


def bounce(remote: RemoteApp, answer: MultiDict[str, str]) -> ResponseReturnValue:
    """Keep a cross-site answer in a cookie and lead, by a page of this site, to the callback.

    Cookies that are ``SameSite`` travel only with the request that the page makes. Nothing is
    spent yet, and the code does not get into a URL.
    """
    params = read_answer(answer)
    key = key_of(params)
    if pending().find(key) is None:
        raise FlowRejected("missing", "no flow of this browser has this state")
    pages.keep([pending().keep_answer(key, params)])
    return pages.page("bounce.html", provider_name=remote.name, state=key)


def needs_bounce() -> bool:
    """Whether the session was left behind: it is ``Strict``, and this comes from another site."""
    strict = str(current_app.config.get("SESSION_COOKIE_SAMESITE")).lower() == "strict"
    beyond_state = set(request.args) != {"state"}
    return strict and beyond_state and request.headers.get("Sec-Fetch-Site") != "same-origin"


def answers_by_post(remote: RemoteApp) -> bool:
    """Whether the provider's answer is a form post (OAuth 2.0 Form Post Response Mode)."""
    return getattr(remote.provider, "response_mode", None) == "form_post"


# Reading the request.


def is_answer() -> bool:
    """Whether this request is a provider's answer, and not somebody looking."""
    return any(name in request.args for name in ANSWER)


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
    """What the client says of *name*: in a form, in JSON, or in the query.

    :raises FlowRejected: ``malformed``, for a body that says JSON and is no object: taken for
        an empty one it would disconnect every account instead of the one it names.
    """
    value = _json_body().get(name)
    value = request.form.get(name, request.args.get(name)) if value is None else value
    if isinstance(value, dict | list):
        raise FlowRejected("malformed", f"{name} is no text")
    return None if value is None else str(value)


def _json_body() -> dict[str, Any]:
    if not request.is_json or not request.get_data():
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
    purpose = "login" if intent is Intent.LOGIN else "connect"
    kept = session.pop(getattr(state().settings, f"post_oauth_{purpose}_session_key"), None)
    return safe_path(asked("next")) or safe_path(kept if isinstance(kept, str) else None)


def wants_remembering() -> bool:
    """Whether the visitor ticked "remember me", or the application does it for everyone."""
    ticked = asked("remember")
    if ticked is None:
        return bool(current_app.config.get("SECURITY_DEFAULT_REMEMBER_ME"))
    return ticked.lower() in ("1", "true", "on", "y", "yes")


# Addresses.


def callback_url(remote: RemoteApp, intent: Intent) -> str:
    """The redirect URI for *intent*, as it is registered at the provider."""
    own = "login_callback" if intent is Intent.LOGIN else "connect_callback"
    view = "callback" if answers_by_post(remote) or state().settings.single_callback else own
    return _address(f"{state().settings.blueprint_name}.{view}", remote)


def pending() -> Pending:
    """Where this request keeps its flows."""
    settings, config = state().settings, current_app.config
    return Pending(
        keys=[config["SECRET_KEY"], *(config.get("SECRET_KEY_FALLBACKS") or ())],
        cookies=request.cookies,
        secure=_address(f"{settings.blueprint_name}.connections").startswith("https://"),
        lifetime=settings.flow_lifetime,
    )


def _address(endpoint: str, remote: RemoteApp | None = None) -> str:
    values = {"provider_id": remote.id} if remote else {}
    return external_url(endpoint, state().settings.app_url, request, **values)
