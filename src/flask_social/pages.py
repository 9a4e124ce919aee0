"""How an outcome reaches the client: a redirect and a flash message, a page, or JSON."""

from __future__ import annotations

from typing import Any

from flask import (
    Response,
    current_app,
    flash,
    g,
    get_flashed_messages,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup

from . import marks, records, security, signals
from .errors import FlowStopped, ProviderError, ProviderUnavailable, StoreUnavailable
from .flows.pending import Cookie
from .instances import PerVisitor
from .messages import date, sentence
from .naming import title_of
from .state import state


def provider_name(provider_id: str) -> str:
    """A provider's name for people, whether or not it is configured still."""
    remote = state().at_hand(provider_id)
    return remote.name if remote else title_of(provider_id)


def mark(provider_id: str) -> Markup:
    """A provider's neutral mark, for beside its name, whether or not it is configured still."""
    remote = state().at_hand(provider_id)
    color = remote.registration.color if remote else None
    return marks.svg(provider_name(provider_id), color, beside_name=True)


def instances(provider_id: str) -> tuple[str, ...] | None:
    """The instances of a provider that a visitor chooses from; none where they may name any.

    :returns: ``None`` where there is nothing to choose.
    """
    remote = state().at_hand(provider_id)
    found = remote.registration if remote else None
    return found.instances.choices if isinstance(found, PerVisitor) else None


def url(view: str, **values: Any) -> str:
    """The address of one of our views, whatever the blueprint is called."""
    return url_for(f"{state().settings.blueprint_name}.{view}", **values)


def leave(url: str, provider_id: str) -> ResponseReturnValue:
    """Send the visitor to a provider: by 303, or by telling a JSON client the address."""
    if security.wants_json():
        said, _ = _sentence("authorize", provider_id, otherwise="authorize")
        return _json("authorize", 200, said, {"authorization_url": url})
    return redirect(url, 303)


def outcome(
    code: str,
    *,
    to: str,
    provider_id: str,
    status: int = 200,
    text: str | None = None,
    quiet: bool = False,
) -> ResponseReturnValue:
    """Answer with an outcome that lets the visitor go on.

    :param code: the outcome, stable; chooses the sentence.
    :param to: where a browser goes on, by 303.
    :param status: what JSON is answered with.
    :param text: a sentence that takes the place of ours.
    :param quiet: flash nothing.
    """
    said, category = _sentence(code, provider_id, otherwise="refused")
    said = text or said
    records.outcome(code, provider_id, status)
    if security.wants_json():
        return _json(code, status, said, {"next": to} if status < 400 else {})
    if not quiet:
        _flash(said, category)
    return redirect(to, 303)


def stopped(
    error: FlowStopped,
    provider_id: str,
    retry_url: str | None,
    template: str = "error.html",
    **told: Any,
) -> ResponseReturnValue:
    """The page of an early end, with a button that starts again where there is one to press.

    :param told: what *template* and a JSON client are told besides.
    """
    records.stop(error, provider_id)
    away = isinstance(error, ProviderUnavailable)
    otherwise = "unavailable" if away else "provider_error"
    said, _ = _sentence(error.code, provider_id, otherwise=otherwise)
    values: dict[str, Any] = {"message": said, "retry_url": retry_url}
    values["correlation_id"] = records.correlation_id()
    if security.wants_json():
        response = make_response(_json(error.code, error.status, said, told))
    elif isinstance(error, StoreUnavailable):
        response = make_response(page("away.html", alone=True, **values), error.status)
    else:
        values |= {"provider_name": provider_name(provider_id), "hint": _hint(error)}
        values["login_url"] = security.login_url() if _is_outside(error) else None
        response = make_response(page(template, **values, **told), error.status)
    if isinstance(error, ProviderUnavailable) and error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _is_outside(error: FlowStopped) -> bool:
    """Whether a provider failed somebody who is not signed in and may get in another way."""
    return isinstance(error, ProviderError) and security.visitor() is None


def _hint(error: FlowStopped) -> str | None:
    """For whoever develops the application: what mostly is behind a flow that is missing."""
    if error.code != "missing" or not current_app.debug:
        return None
    return (
        f"Shown in debug only: a trip ends in the browser and at the host where it began. This "
        f"host is {request.host_url}, SOCIAL_APP_URL is {state().settings.app_url or 'not set'}."
    )


def page(template: str, *, alone: bool = False, **values: Any) -> Response:
    """One of our pages: the application's own of that name, if it has one that can be shown.

    :param alone: run no context processor of the application, which might ask the database.
    """
    name = f"social/{template}"
    try:
        theirs = current_app.jinja_env.get_template(name)
        shown = theirs.render(values) if alone else render_template(theirs, **values)
    except Exception as error:
        if not alone and state().datastore.trouble(error):
            raise
        signals.log_raised(error, "%s cannot be rendered; the built-in page takes its place", name)
        shown = _built_in(name).render(values)
    return make_response(shown)


def _built_in(name: str) -> Template:
    """Our own template, which asks nothing of the application's templates."""
    ours = Environment(loader=PackageLoader(__package__), autoescape=True)
    ours.globals |= {"social_url_for": url, "social_mark": mark, "social_instances": instances}
    ours.globals["get_flashed_messages"] = get_flashed_messages
    if token := current_app.jinja_env.globals.get("csrf_token"):
        ours.globals["csrf_token"] = token
    ours.filters["social_date"] = date
    return ours.get_template(name)


def keep(cookies: list[Cookie]) -> None:
    """Set *cookies* on whatever this request answers."""
    g.setdefault("social_cookies", []).extend(cookies)


def tell_no_referrer() -> None:
    """Let nothing learn this request's address, which holds a code, from what it answers.

    Pages with a form cannot do so: browsers then post it with ``Origin: null``.
    """
    g.social_referrer = "no-referrer"


def finish(response: Response) -> Response:
    """What every answer of our routes carries; our style sheet may be kept by anybody."""
    return response if str(request.endpoint).endswith(".static") else furnish(response)


def furnish(response: Response) -> Response:
    """*response* with the cookies of this request, and headers that keep it to itself."""
    for cookie in g.pop("social_cookies", []):
        response.set_cookie(
            cookie.name,
            cookie.value,
            max_age=cookie.max_age,
            secure=cookie.secure,
            httponly=True,
            samesite=cookie.samesite,
        )
    cache = dict(current_app.config.get("SECURITY_CACHE_CONTROL") or {})
    for directive, value in {**cache, "private": True, "no_store": True}.items():
        setattr(response.cache_control, directive.replace("-", "_"), value)
    response.vary.add("Cookie")
    response.headers["Referrer-Policy"] = g.get("social_referrer", "same-origin")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault(
        "Content-Security-Policy", "frame-ancestors 'none'; base-uri 'none'"
    )
    return response


def _sentence(code: str, provider_id: str, *, otherwise: str) -> tuple[str, str]:
    replaced = state().settings.messages
    return sentence(code, provider_name(provider_id), replaced, otherwise=otherwise)


def _json(code: str, status: int, said: str, more: dict[str, Any]) -> ResponseReturnValue:
    """Flask-Security's shape, with the outcome's code and the correlation id."""
    payload = {"code": code, "correlation_id": records.correlation_id(), **more}
    payload |= {"errors": [said]} if status >= 400 else {"message": said}
    return security.render_json(payload, status)


def _flash(said: str, category: str) -> None:
    wanted = state().settings.flash_messages and current_app.config.get(
        "SECURITY_FLASH_MESSAGES", True
    )
    if wanted:
        flash(said, category)
