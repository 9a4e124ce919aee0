"""HTTP in, HTTP out: a visitor sets out, comes back, and looks at what is connected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue

from . import endings, journey, pages, reading, removal, security, stops
from .errors import FlowRejected, NotHere
from .origins import safe_path
from .remote import RemoteApp
from .state import state
from .values import Intent

AT_LOGIN = frozenset({Intent.LOGIN})
AT_CONNECT = frozenset({Intent.CONNECT, Intent.RECONNECT, Intent.VERIFY})


def confirm_first() -> ResponseReturnValue:
    """Send somebody without a password to the provider that can confirm who they are."""
    return pages.outcome("confirm_first", to=pages.url("connections"), provider_id="", status=401)


# Setting out.


@security.unforged
def login(provider_id: str) -> ResponseReturnValue:
    """POST: sign in with a provider."""
    remote = state().remote(provider_id)
    if security.visitor() is not None:
        to = reading.next_path(Intent.LOGIN) or security.after_login_url()
        return pages.outcome("signed_in", to=to, provider_id=provider_id, quiet=True)
    return journey.set_out(remote, Intent.LOGIN)


@security.freshly_signed_in(confirm_first)
def connect(provider_id: str) -> ResponseReturnValue:
    """POST: connect an account to the user who is signed in."""
    return journey.set_out(state().remote(provider_id), Intent.CONNECT)


@security.signed_in
def reconnect(provider_id: str) -> ResponseReturnValue:
    """POST: ask for consent anew, for a connection that exists. GET: a page to press the button."""
    remote = state().remote(provider_id)
    subject = reading.asked("provider_user_id")
    if request.method != "POST":
        return continue_page("reconnect", provider_id, subject)
    if remote.get_connection(provider_user_id=subject) is None:
        raise NotHere("not_found")
    return journey.set_out(remote, Intent.RECONNECT, subject=subject)


@security.signed_in
def verify(provider_id: str) -> ResponseReturnValue:
    """POST: prove by a connected account that it is still you. GET: a page to press the button."""
    remote = state().remote(provider_id)
    if request.method != "POST":
        return continue_page("verify", provider_id)
    if remote.get_connection() is None:
        raise NotHere("not_found")
    return journey.set_out(remote, Intent.VERIFY)


# Coming back.


def login_callback(provider_id: str) -> ResponseReturnValue:
    """GET: the provider's answer to a login. Without one, a page to press the button."""
    if not reading.is_answer():
        return continue_page("login", provider_id)
    return arrive(provider_id, AT_LOGIN)


def connect_callback(provider_id: str) -> ResponseReturnValue:
    """GET: the provider's answer to a connect, reconnect or verify. Without one, a page."""
    if not reading.is_answer():
        return continue_page("connect", provider_id)
    return arrive(provider_id, AT_CONNECT)


def callback(provider_id: str) -> ResponseReturnValue:
    """The one address for every intent. POST: an answer by form post, from the provider's site."""
    remote = state().remote(provider_id)
    pages.tell_no_referrer()
    if request.method == "POST":
        if not journey.answers_by_post(remote):
            abort(405)
        return journey.bounce(remote, request.form)
    return arrive(provider_id, AT_LOGIN | AT_CONNECT)


def arrive(provider_id: str, intents: frozenset[Intent]) -> ResponseReturnValue:
    """End the flow that this request answers."""
    pages.tell_no_referrer()
    remote = state().remote(provider_id)
    if (answer := journey.detour(remote)) is not None:
        return answer
    flow, grant = journey.come_back(remote, intents)
    return endings.finish(remote, flow, grant)


def connect_handler(
    values: Mapping[str, Any], provider: RemoteApp | None = None
) -> ResponseReturnValue:
    """Keep a connection that an application's own view knows the values of, and commit.

    For somebody who came back from a provider before they were a user: the view registers them,
    and hands over what :func:`~flask_social.utils.get_connection_values_from_oauth_response` gave.
    Outcomes, signals and flashed texts are those of connecting. Take no values from a form: who
    can choose them can connect an account that is not theirs.

    :param values: the connection's columns, with ``user_id`` to say whose; without it, it is the
        visitor's.
    :param provider: the provider; without it, the one that ``values["provider_id"]`` names.
    :returns: the answer, on to where connecting leads; the view may answer otherwise.
    :raises ValueError: when something is missing, or nobody is there to connect to.
    """
    try:
        return endings.connect_values(values, provider)
    except stops.stoppers() as error:
        return stops.answer(error, str(values["provider_id"]))


def client_metadata(provider_id: str) -> ResponseReturnValue:
    """GET: what a provider reads that knows this application by the address of a document."""
    remote = state().remote(provider_id)
    if (describe := getattr(remote.provider, "client_document", None)) is None:
        raise NotHere("not_found")
    uris = [journey.callback_url(remote, intent) for intent in (Intent.LOGIN, Intent.CONNECT)]
    return dict(describe(remote.client, tuple(dict.fromkeys(uris))))


# Looking at connections, and removing them.


@security.signed_in
def connections() -> ResponseReturnValue:
    """GET: the visitor's connections, and what else there is to connect."""
    mine = state().datastore.find_connections(user=security.visitor())
    return pages.page("connections.html", connections=mine, providers=_offered(mine))


@security.signed_in
def confirm_removal(provider_id: str, provider_user_id: str) -> ResponseReturnValue:
    """GET: a page to confirm a removal, which is also where a ``method="DELETE"`` form leads."""
    state().find(provider_id)  # for its name
    return pages.page(
        "confirm.html",
        connection=_mine(provider_id, provider_user_id),
        provider_name=pages.provider_name(provider_id),
        next_url=safe_path(request.args.get("next")),
    )


@security.freshly_signed_in(confirm_first)
def remove_connection(provider_id: str, provider_user_id: str) -> ResponseReturnValue:
    """DELETE or POST: remove one connection."""
    return removal.remove(provider_id, provider_user_id)


@security.freshly_signed_in(confirm_first)
def remove_all_connections(provider_id: str) -> ResponseReturnValue:
    """DELETE: remove every connection to a provider."""
    return removal.remove(provider_id, None)


@security.freshly_signed_in(confirm_first)
def disconnect(provider_id: str) -> ResponseReturnValue:
    """POST: remove the connection that the body names, or with no name all to the provider."""
    return removal.remove(provider_id, reading.asked("provider_user_id"))


def back_from_verifying(provider_id: str) -> ResponseReturnValue:
    """GET: show what there is to somebody whom a verify page leads back to a POST's address."""
    return redirect(pages.url("connections"))


def _offered(mine: Sequence[Any]) -> list[RemoteApp]:
    """The providers of the configuration, and those of the visitor's connections *mine* besides."""
    configured = state().providers
    others = dict.fromkeys(row.provider_id for row in mine if row.provider_id not in configured)
    return [*configured.values(), *filter(None, map(state().find, others))]


def _mine(provider_id: str, provider_user_id: str) -> Any:
    mine = state().datastore.find_connections(user=security.visitor())
    for row in mine:
        if (row.provider_id, str(row.provider_user_id)) == (provider_id, provider_user_id):
            return row
    raise NotHere("not_found")


def continue_page(
    action: str, provider_id: str, provider_user_id: str | None = None
) -> ResponseReturnValue:
    """A page with one button: nothing ever sets out by a link.

    :param provider_user_id: the account that it is about, where the user has several.
    """
    remote = state().remote(provider_id)
    if security.wants_json():
        raise FlowRejected("malformed", "set out by POST")
    return pages.page(
        "continue.html",
        action=action,
        provider=remote,
        provider_user_id=provider_user_id,
        next_url=safe_path(request.args.get("next")),
    )
