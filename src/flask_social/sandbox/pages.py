"""What a person at the browser sees: consent, errors, the self-posting form, the front page."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from jinja2 import Environment, FileSystemLoader
from werkzeug.wrappers import Response

from . import catalogue
from .provider import Provider
from .shapes import GOOGLE_SCOPES

if TYPE_CHECKING:
    from .app import Sandbox

HERE = Path(__file__).parent
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
STATIC = {"sandbox.css": "text/css; charset=utf-8", "submit.js": "text/javascript; charset=utf-8"}
SCOPES = {
    "openid": "Know who you are",
    "profile": "See your name and picture",
    "public_profile": "See your name and picture",
    "name": "See your name",
    "read:user": "Read your profile",
    "email": "See your e-mail address",
    "user:email": "See your e-mail addresses",
    "offline_access": "Stay connected while you are away",
}


def page(template: str, status: int = 200, **values: Any) -> Response:
    """An HTML page."""
    html = TEMPLATES.get_template(template).render(values)
    return Response(html, status, headers=HEADERS, content_type="text/html; charset=utf-8")


def consent(
    sandbox: Sandbox, provider: Provider, client_id: str, scopes: Collection[str]
) -> Response:
    """Who are you, and do you agree? The form posts to the page's own address."""
    asked = [(scope, SCOPES.get(scope.removeprefix(GOOGLE_SCOPES), scope)) for scope in scopes]
    return page(
        "consent.html",
        provider=provider.script,
        client_id=client_id,
        scopes=asked,
        people=list(sandbox.people.values()),
    )


def problem(provider: Provider, description: str) -> Response:
    """An error that cannot be sent back to the client."""
    return page("problem.html", 400, provider=provider.script, description=description)


def form_post(provider: Provider, url: str, said: Any) -> Response:
    """The authorization answer as a form (OAuth 2.0 Form Post Response Mode)."""
    pairs = parse_qsl(said) if isinstance(said, str) else list(said.items())
    return page("form_post.html", provider=provider.script, url=url, pairs=pairs)


def front(sandbox: Sandbox) -> Response:
    """What runs here."""
    return page(
        "front.html",
        scripts=list(sandbox.scripts.values()),
        catalogue=catalogue.names(),
        url=sandbox.url,
        people=list(sandbox.people.values()),
    )


def static(name: str) -> Response:
    """The style sheet, and the script of the self-posting form."""
    if name not in STATIC:
        return Response("not found", 404)
    return Response((HERE / "static" / name).read_bytes(), content_type=STATIC[name])
