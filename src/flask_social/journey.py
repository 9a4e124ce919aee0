"""A visitor sets out to a provider, and comes back with a grant."""

from __future__ import annotations

import logging

from flask import current_app, g, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from . import choosing, clock, limits, mistakes, naming, pages, reading, security, signals
from .errors import Denied, FlowRejected, ProviderError
from .flows.pending import Expected, Pending
from .http import Params
from .origins import external_url
from .remote import RemoteApp
from .state import state
from .values import Flow, Grant, Intent

log = logging.getLogger("flask_social")


def set_out(
    remote: RemoteApp,
    intent: Intent,
    *,
    subject: str | None = None,
    come_back_to: str | None = None,
) -> ResponseReturnValue:
    """Remember a new flow and send the visitor to the provider with it.

    :param subject: the account that must come back, where one is asked for.
    :param come_back_to: the redirect URI, where it is none of ours.
    """
    reading.require_one_session()
    if (asking := choosing.ask(remote, intent)) is not None:
        return asking
    flow = Flow(
        provider_id=remote.id,
        intent=intent,
        callback_url=come_back_to or callback_url(remote, intent),
        created_at=clock.now(),
        user_id=security.visitor_id(),
        subject=subject,
        next_url=reading.next_path(intent),
        remember=reading.wants_remembering(),
    )
    state().datastore.release()
    callbacks = [callback_url(remote, each) for each in (Intent.LOGIN, Intent.CONNECT)]
    remote, flow = choosing.chosen(remote, flow, callbacks)
    with mistakes.answered(naming.key_of(remote.id)):
        flow, url = remote.provider.begin(remote.client, flow, remote.wire.for_request())
    pages.keep(pending().remember(flow, cross_site=answers_by_post(remote)))
    return pages.leave(url, remote.id)


def come_back(
    remote: RemoteApp, intents: frozenset[Intent], *, here: str | None = None
) -> tuple[Flow, Grant]:
    """The flow that this request ends, spent, and what it brought home.

    What came home stays at hand for the rest of the request, as ``g.social_grant``.

    :param intents: what a flow that ends here may have been started for.
    :param here: the redirect URI that this address is, where it is none of ours.
    :raises FlowRejected: when this browser has no such flow, or it was spent before.
    :raises Denied: when the person pressed cancel, or a grant checker refused.
    :raises ProviderError: when the provider's answer is of no use.
    """
    params = reading.read_answer(request.args)
    key = reading.key_of(params)
    here = here or _address(str(request.endpoint), remote)
    here = choosing.reached(remote, here, pending().kept_answer(key) or params)
    remote = choosing.returned(remote, pending().find(key))
    flow = recall(remote, key, intents, here)
    if set(params) == {"state"}:
        params = kept_answer(key)
    if not flow.request_token and "state" not in params:
        raise FlowRejected("missing", "the state came by another name")
    spend(key, flow)
    refuse_exposed(remote)
    state().datastore.release()
    grant = choosing.completed(remote, flow, params)
    check(grant)
    require_user(flow)  # last, since a checker may take its time
    g.social_grant = grant
    return flow, grant


def recall(remote: RemoteApp, key: str, intents: frozenset[Intent], here: str) -> Flow:
    """The flow of this browser that *key* names, if it may end *here*.

    :raises FlowRejected: when there is none; ``used`` when there was.
    """
    reading.require_one_session()
    expected = Expected(
        provider_id=remote.id,
        intents=intents,
        issuer=getattr(remote.provider, "issuer", None),
        callback_url=here,
        user_id=security.visitor_id(),
    )
    try:
        g.social_flow = pending().recall(key, expected)
    except FlowRejected as error:
        state().datastore.release()  # The ledger may take a connection of its own.
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


def refuse_exposed(remote: RemoteApp) -> None:
    """:raises ProviderError: when a code that was to come by form post came in the address."""
    if _is_exposed(remote):
        detail = "response_mode: form_post was asked for, and the code came in the address"
        raise ProviderError("reading the callback", "wrong_response_mode", detail)


def require_user(flow: Flow) -> None:
    """:raises FlowRejected: when the user who set out may not sign in any more, or is gone."""
    if flow.user_id is None:
        return
    user = security.find_user(fs_uniquifier=flow.user_id)
    if user is None or security.problem(user):
        raise FlowRejected("not_signed_in", "the user is gone or may not sign in by now")


def check(grant: Grant) -> None:
    """Ask every grant checker. :raises Denied: when one refuses, or fails to decide."""
    for checker in state().hooks.checkers:
        try:
            answer = current_app.ensure_sync(checker)(grant)
        except Denied:
            raise
        except Exception as error:
            if state().datastore.trouble(error):
                raise
            signals.log_raised(error, "A grant checker raised; the grant counts as refused")
            raise Denied("refused", "a grant checker failed") from None
        if answer is not None and answer is not True:
            kind = type(answer).__name__
            log.error("A grant checker returned %s; one refuses by raising Denied", kind)
            raise Denied("refused", "a grant checker did not decide")


# The detour of an answer that comes from the provider's own site.


def detour(remote: RemoteApp) -> ResponseReturnValue | None:
    """What is answered to a request that ends no flow yet; ``None`` to one that may."""
    if reading.is_speculative():
        return "", 425
    return bounce(remote, request.args) if needs_bounce() and not _is_exposed(remote) else None


def bounce(remote: RemoteApp, answer: MultiDict[str, str]) -> ResponseReturnValue:
    """Keep a cross-site answer in a cookie and lead, by a page of this site, to the callback.

    Cookies that are ``SameSite`` travel only with the request that the page makes. Nothing is
    spent yet, and the code does not get into a URL.
    """
    params = reading.read_answer(answer)
    key = reading.key_of(params)
    if (flow := pending().find(key)) is None:
        raise FlowRejected("missing", "no flow of this browser has this state")
    if flow.provider_id != remote.id:
        raise FlowRejected("foreign", "the flow was started with another provider_id")
    pages.keep([pending().keep_answer(key, params)])
    return pages.page("bounce.html", provider_name=remote.name, state=key)


def needs_bounce() -> bool:
    """Whether the session was left behind: it is ``Strict``, and this comes from another site."""
    strict = str(current_app.config.get("SESSION_COOKIE_SAMESITE")).lower() == "strict"
    beyond_state = set(request.args) != {"state"}
    return strict and beyond_state and request.headers.get("Sec-Fetch-Site") != "same-origin"


def _is_exposed(remote: RemoteApp) -> bool:
    return answers_by_post(remote) and "code" in request.args


def answers_by_post(remote: RemoteApp) -> bool:
    """Whether the provider's answer is a form post (OAuth 2.0 Form Post Response Mode)."""
    return getattr(remote.provider, "response_mode", None) == "form_post"


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
        cookies=reading.cookies(),
        secure=_address(f"{settings.blueprint_name}.connections").startswith("https://"),
        lifetime=settings.flow_lifetime,
    )


def _address(endpoint: str, remote: RemoteApp | None = None) -> str:
    values = {"provider_id": remote.id} if remote else {}
    return external_url(endpoint, state().settings.app_url, request, **values)
