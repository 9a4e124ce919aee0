"""Which instance of a provider a visitor sets out to, and comes back from."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

from flask import redirect
from flask.typing import ResponseReturnValue

from . import clock, limits, mistakes, naming, pages, reading, security
from .datastore.registrations import ClientRegistration, Registrations
from .errors import FlowRejected, ProviderError, ProviderUnavailable
from .http import Params, with_query
from .instances import DAY, HOUR, PerVisitor, client_of, host_of, issuer_of
from .origins import safe_path
from .protocols import registering
from .protocols.base import unguessable
from .remote import RemoteApp
from .values import Flow, Grant, Intent, Unreadable

log = logging.getLogger("flask_social")

FIELD = "instance"
"""What a form, or a JSON client, calls it."""
PAGES = {Intent.LOGIN: "login_callback", Intent.CONNECT: "connect_callback"}


def ask(remote: RemoteApp, intent: Intent) -> ResponseReturnValue | None:
    """The page where a visitor says which instance, if they have to and have not.

    :raises FlowRejected: ``no_instance``, for a client that shows no pages.
    """
    if not isinstance(remote.registration, PerVisitor) or intent not in PAGES:
        return None
    if (reading.asked(FIELD) or "").strip():
        return None
    if security.wants_json():
        raise FlowRejected("no_instance", "the instance is missing")
    to = safe_path(reading.asked("next"))
    return redirect(pages.url(PAGES[intent], provider_id=remote.id, next=to), 303)


def chosen(remote: RemoteApp, flow: Flow, callbacks: Sequence[str]) -> tuple[RemoteApp, Flow]:
    """*remote*, where the visitor's instance is: the one they typed, or that of their account.

    Where we are not registered yet we are afterwards. No transaction may be open.

    :param callbacks: the redirect URIs of this application.
    :returns: that, and *flow*, which comes back to the address that is this instance's alone.
    :raises FlowRejected: for what is no instance, or one whose people may not come.
    :raises ProviderError: when it did not register us.
    """
    found = remote.registration
    if not isinstance(found, PerVisitor):
        return remote, flow
    host = _named(remote, found, flow.intent, flow.subject)
    uris = [address_of(each, host) for each in (flow.callback_url, *callbacks)]
    flow = replace(flow, callback_url=uris[0])
    if host in found.instances.given:
        return replace(remote, registration=found.at(host, None)), flow
    known = _known(remote, found, host, uris)
    return replace(remote, registration=found.at(host, client_of(known))), flow


def address_of(callback: str, host: str) -> str:
    """The redirect URI *callback* for the instance at *host*, and for no other.

    Few instances say in an answer who they are (RFC 9207). If all knew one address, a hostile one
    could pass a trip on to an honest one, and be brought the code from there (RFC 9700 section
    4.4): only who answers tells them apart, and that is what the address says.
    """
    return with_query(callback, {FIELD: host})


def _named(remote: RemoteApp, found: PerVisitor, intent: Intent, subject: str | None) -> str:
    if intent in PAGES:
        return found.instances.named(reading.asked(FIELD) or "")
    row: Any = remote.get_connection(provider_user_id=subject)
    host = host_of(str(row.provider_user_id))
    remote.datastore.release()
    if host is None or not found.instances.admits(host):
        raise FlowRejected("instance_refused", host or "an account of no instance")
    return host


def _known(
    remote: RemoteApp, found: PerVisitor, host: str, callbacks: Sequence[str]
) -> ClientRegistration:
    """What we are called at *host*: what is kept, if that is good for this trip, or else anew."""
    kept = cast(Registrations, remote.datastore.registrations)  # the start saw to that
    known = kept.find(remote.id, host)
    provider: Any = found.instances.at(host).provider
    scopes = (*provider.scopes, *provider.offline_scopes)
    if (
        known is None
        or not _is_good(known, callbacks, scopes)
        or _is_forgotten(remote, found, known, callbacks[0])
    ):
        _bound(found, kept, known, host)
        made = _registered(remote, found, known, host, callbacks)
        known = kept.put(made) if known is None else kept.swap(known, made)
        log.info("%s: registered at %s", remote.id, host)
    return known


def _bound(
    found: PerVisitor, kept: Registrations, known: ClientRegistration | None, host: str
) -> None:
    """Hold strangers to so many registrations within an hour.

    They are not to use up what others need: not that of a host which the operator typed, nor that
    of an instance which was known before, where it is not renewed all the time.

    :raises ProviderUnavailable: when there were as many.
    """
    is_old = known is not None and known.created_at <= clock.now() - HOUR
    if host not in found.instances.known and not is_old:
        found.instances.count_try(kept)


def _is_good(known: ClientRegistration, callbacks: Sequence[str], scopes: Sequence[str]) -> bool:
    return (
        not isinstance(known.client_secret, Unreadable)
        and (known.expires_at is None or clock.now() < known.expires_at)
        and set(callbacks) <= set(known.redirect_uris)
        and set(scopes) <= set(known.scopes)
    )


def _is_forgotten(
    remote: RemoteApp, found: PerVisitor, known: ClientRegistration, callback: str
) -> bool:
    """Whether the instance says that it does not know us: asked once a day, by a code of nobody's.

    Who is sent there all the same is told so by its own page, and never comes back to tell us.
    """
    last = max(known.created_at, found.instances.seen.get(known.host, 0))
    if clock.now() - last < DAY:
        return False
    provider = found.instances.at(known.host).provider
    nobodys = Flow(
        provider_id=remote.id,
        intent=Intent.LOGIN,
        callback_url=callback,
        created_at=clock.now(),
        code_verifier=unguessable(),
    )
    try:
        send = remote.wire.for_request()
        provider.complete(client_of(known), nobodys, {"code": unguessable()}, send)
    except ProviderError as error:
        if error.code == "invalid_client" or isinstance(error, ProviderUnavailable):
            return error.code == "invalid_client"
    found.instances.note_seen(known.host)
    return False


def _registered(
    remote: RemoteApp,
    found: PerVisitor,
    former: ClientRegistration | None,
    host: str,
    callbacks: Sequence[str],
) -> ClientRegistration:
    """What *host* gives us, good also for what the *former* registration was for."""
    provider: Any = found.instances.at(host).provider
    others = former.redirect_uris if former else ()
    uris = (*callbacks, *(each for each in others if each == address_of(each, host)))
    uris = tuple(dict.fromkeys(uris))[: limits.REDIRECT_URIS]
    scopes = tuple(dict.fromkeys((*provider.scopes, *provider.offline_scopes)))
    ours = urlsplit(callbacks[0])
    request = registering.request(
        provider.register_url,
        name=found.instances.client_name or str(ours.hostname),
        website=f"{ours.scheme}://{ours.netloc}",
        redirect_uris=uris,
        scopes=scopes,
    )
    given = registering.read(remote.wire.for_request()(request))
    return ClientRegistration(
        provider_id=remote.id,
        host=host,
        client_id=given.client_id,
        client_secret=given.client_secret,
        expires_at=given.expires_at,
        redirect_uris=uris,
        scopes=scopes,
    )


# The way back.


def reached(remote: RemoteApp, callback: str, params: Params) -> str:
    """The redirect URI that a request to *callback* with *params* came by."""
    host = params.get(FIELD) if isinstance(remote.registration, PerVisitor) else None
    return callback if host is None else address_of(callback, host)


def returned(remote: RemoteApp, flow: Flow | None) -> RemoteApp:
    """*remote*, where *flow* set out to.

    :raises FlowRejected: ``foreign``, when people of that instance may not come any more.
    """
    found = remote.registration
    if not isinstance(found, PerVisitor) or flow is None or flow.provider_id != remote.id:
        return remote
    host = urlsplit(flow.issuer or "").netloc
    if flow.issuer != issuer_of(host) or not found.instances.admits(host):
        raise FlowRejected("foreign", "the flow was started with another issuer")
    there = found.known_at(host, remote.datastore.registrations)
    return replace(remote, registration=there)


def completed(remote: RemoteApp, flow: Flow, params: Params) -> Grant:
    """What *flow* brought home.

    With an instance that has forgotten us we register anew when somebody sets out there again: not
    at once, as the code is lost, and not twice within an hour, in which it would be no better.

    :raises ProviderError: and what else :meth:`.Provider.complete` raises.
    """
    try:
        with mistakes.answered(naming.key_of(remote.id)):
            return remote.provider.complete(remote.client, flow, params, remote.wire.for_request())
    except ProviderError as error:
        if error.code == "invalid_client" and (kept := remote.datastore.registrations):
            _forget(kept, kept.find(remote.id, urlsplit(flow.issuer or "").netloc))
        raise


def _forget(kept: Registrations, known: ClientRegistration | None) -> None:
    now = clock.now()
    if known is not None and known.created_at <= now - HOUR:
        kept.swap(known, replace(known, expires_at=now))
        log.warning("%s: %s does not know us any more", known.provider_id, known.host)
