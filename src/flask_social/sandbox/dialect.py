"""A played provider's words: for parameters, for what has to be there, and for what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request, Response

from . import samples
from .answers import FORM, OAuthError, json_answer, single
from .played import Play
from .provider import Grant, Provider

Form = dict[str, str]
GENERIC_AGENTS = ("python-", "curl/", "werkzeug/", "go-http-client/")
"""How the names begin that libraries give themselves."""
PLACE = re.compile(r"\{([\w.]+)\}")
TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}


def play_of(provider: Provider) -> Play:
    """The dialect of a provider that has one."""
    play = provider.script.play
    assert play is not None  # noqa: S101 - whoever asks has looked
    return play


# Reading


def standard(names: Mapping[str, str], given: Mapping[str, str]) -> Form:
    """*given* by the standard's names; what has another name here is not known by that one."""
    found = {name: value for name, value in given.items() if name not in names}
    taken = {ours: given[theirs] for ours, theirs in names.items() if theirs in given}
    return found | taken


def parameters(request: Request, method: str, body: str) -> Form:
    """The parameters of *request*, where they may stand.

    :raises OAuthError: when it comes in another way.
    """
    if request.method not in (("GET", "POST") if method == "ANY" else (method,)):
        raise OAuthError("invalid_request", f"{method} is wanted here", 405)
    if request.method == "GET":
        return single(request.args)
    if request.mimetype == "application/json" and body != "form":
        return from_json(request)
    if request.mimetype == FORM and body != "json":
        return single(request.form) | (single(request.args) if body == "any" else {})
    if body == "any" and not request.get_data():
        return single(request.args)
    raise OAuthError("invalid_request", "this content type is not taken here", 415)


def from_json(request: Request) -> Form:
    """The members of a JSON object, as texts."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise OAuthError("invalid_request", "the body is no JSON object")
    texts = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in sent.items()
    }
    return single(MultiDict({name: text for name, text in texts.items() if text != "null"}))


def require(needs: Mapping[str, str], given: Mapping[str, str], places: Mapping[str, Any]) -> None:
    """:raises OAuthError: when *given* lacks something of *needs*, or has another value for it."""
    for name, wanted in needs.items():
        if name not in given:
            raise OAuthError("invalid_request", f"{name} is missing")
        if not fits(wanted, given[name], places):
            raise OAuthError("invalid_request", f"{name} is wrong")


def fits(wanted: str, value: str, places: Mapping[str, Any]) -> bool:
    """Whether *value* is what *wanted* describes, see :mod:`.played`."""
    if wanted in ("*", "own"):
        return bool(value) and not (wanted == "own" and value.lower().startswith(GENERIC_AGENTS))
    if wanted.startswith("~"):
        return re.fullmatch(wanted[1:], value) is not None
    return value in [fill(each, places) for each in wanted.split("|")]


def fill(text: str, places: Mapping[str, Any]) -> str:
    """*text* with its places filled; one that nothing fills stays."""

    def found(place: re.Match[str]) -> str:
        value = samples.look(places, samples.steps_of(place[1]))
        return place[0] if value is None else str(value)

    return PLACE.sub(found, text)


def require_headers(wanted: Mapping[str, str], request: Request, places: Mapping[str, Any]) -> None:
    """:raises OAuthError: when *request* lacks one of the headers *wanted*."""
    for name, value in wanted.items():
        if not fits(value, request.headers.get(name, ""), places):
            raise OAuthError("invalid_request", f"the header {name} is missing or wrong")


def places_of(provider: Provider, grant: Grant) -> dict[str, Any]:
    """What the places in a comparison stand for, in a request that *grant* allows."""
    client = provider.clients.get(grant.client_id)
    play = play_of(provider)
    profile = samples.document(play, "profile", grant.person) if "profile" in play.samples else {}
    return {
        "client_id": grant.client_id,
        "client_secret": client.secret if client else None,
        "state": grant.asked.get("state"),
        "callback": grant.callback,
        "token": grant.told,
        "person": profile,
    }


# Answering


def refuse(provider: Provider, error: OAuthError, where: str) -> Response:
    """The error as this provider words it at its ``token`` endpoint or in its ``api``.

    *where* is ``refresh`` for a token endpoint that was to refresh.
    """
    errors = play_of(provider).errors
    template = errors.get("api" if where == "api" else "token")
    if template is None:
        template = {"error": "{error}", "error_description": "{text}"}
    status = errors.get("status", error.status)
    said = worded(template, errors, error, where)
    if isinstance(said, str):
        return Response(said, status, content_type="text/plain")
    response = json_answer(said, status)
    if status == 401:
        response.headers["WWW-Authenticate"] = f'Bearer realm="{provider.id}", error="{error.code}"'
    return response


def worded(template: Any, errors: Mapping[str, Any], error: OAuthError, where: str) -> Any:
    """*template* with the error in it."""
    codes = errors.get("codes", {})
    spent = where == "refresh" and error.code == "invalid_grant" and "refresh" in codes
    places: dict[str, Any] = {
        "{error}": errors.get("names", {}).get(error.code, error.code),
        "{text}": error.description,
        "{code}": codes["refresh"] if spent else codes.get(error.code, codes.get("*")),
        "{number}": error.status,
        "{title}": TITLES.get(error.status, "Error"),
    }
    return put_in(template, places)


def put_in(template: Any, places: Mapping[str, Any]) -> Any:
    """*template*, a text that is a place being its value, and any other with the places filled."""
    if isinstance(template, dict):
        return {name: put_in(value, places) for name, value in template.items()}
    if isinstance(template, list):
        return [put_in(value, places) for value in template]
    if not isinstance(template, str) or template in places:
        return places.get(template, template) if isinstance(template, str) else template
    for place, value in places.items():
        template = template.replace(place, str(value))
    return template


def query_of(text: str) -> Form:
    """The parameters of an address's query."""
    return dict(parse_qsl(text, keep_blank_values=True))
