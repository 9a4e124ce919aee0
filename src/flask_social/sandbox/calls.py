"""The API of a played provider: its profile, what else it has, and an echo of all other calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from . import dialect, giving_back, graphql, oauth1, quirks, samples
from .answers import OAuthError, json_answer, live
from .played import Call, Play
from .provider import AccessToken, Grant, Provider

if TYPE_CHECKING:
    from .app import Sandbox

PLACE = re.compile(r"\{[\w.]+\}")
TARGETS = {"profile": "api", "emails": "emails"}
"""What edits of a sample go by; all others by ``api`` too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A call, as one of the description's."""

    call: Call
    request: Request
    segments: tuple[str, ...]
    """Of its path, beside those of the address in the description."""
    wanted: tuple[str, ...]


def answer(
    sandbox: Sandbox, provider: Provider, request: Request, path: str, host: str | None = None
) -> Response:
    """What the API has at *path*; at exactly that address where a *host* is named."""
    play = dialect.play_of(provider)
    try:
        if own := quirks.of(provider).open(sandbox, provider, request, path):
            return own
        if play.revoke and segments(play.revoke.url, path, host):
            return giving_back.answer(sandbox, provider, request, path)
        return to_somebody(sandbox, provider, request, path, find(play, request, path, host))
    except OAuthError as error:
        if provider.script.kind == "oauth1" and not play.errors:
            return oauth1.refuse(provider, error)
        return dialect.refuse(provider, error, "api")


def to_somebody(
    sandbox: Sandbox, provider: Provider, request: Request, path: str, came: Came | None
) -> Response:
    """The answer to one who has a token, unless nobody needs one."""
    if came and came.call.open:
        return json_answer(provider.say(came.call.says, provider.keys.jwks()))
    grant = whose(sandbox, provider, request, came.call if came else None)
    places = dialect.places_of(provider, grant)
    dialect.require_headers(dialect.play_of(provider).headers, request, places)
    if came is None:
        return echo(provider, request, grant, path)
    check(came, places, grant)
    quirks.of(provider).check_call(sandbox, provider, request, grant)
    return said(sandbox, provider, came, grant)


# Which call it is


def find(play: Play, request: Request, path: str, host: str | None) -> Came | None:
    """The call of the description that stands at *path*, by its method if two do."""
    found = [
        Came(call=call, request=request, segments=pair[0], wanted=pair[1])
        for call in play.calls
        if (pair := segments(call.url, path, host))
    ]
    fitting = [came for came in found if came.call.method == request.method]
    return next(iter(fitting or found), None)


def segments(
    url: str, path: str, host: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """*path* and the end of *url* that it is, in pieces; ``None`` where it is none.

    An end of places alone would be any path.
    """
    netloc, wanted = parts_of(url)
    given = tuple(path.split("/"))
    if host is not None and (not like(netloc, host) or len(given) != len(wanted)):
        return None
    if len(given) > len(wanted):
        return None
    wanted = wanted[len(wanted) - len(given) :]
    same = all(like(ours, theirs) for ours, theirs in zip(wanted, given, strict=True))
    same = same and any(not PLACE.search(each) for each in wanted)
    return (given, wanted) if same else None


@cache
def parts_of(url: str) -> tuple[str, tuple[str, ...]]:
    """Host and segments of the path of an address in a description."""
    host, _, path = url.partition("://")[2].partition("/")
    return host, tuple(path.partition("?")[0].split("/"))


@cache
def like(wanted: str, given: str) -> bool:
    """Whether *given* is *wanted*, any text being in a place of it."""
    between = PLACE.split(wanted)
    return re.fullmatch("[^/]+".join(map(re.escape, between)), given) is not None


# Whether it is as it should be


def whose(
    sandbox: Sandbox, provider: Provider, request: Request, call: Call | None = None
) -> Grant:
    """The grant by whose token *request* comes, or by whose signature."""
    if provider.script.kind == "oauth1":
        return oauth1.authorise(sandbox, provider, request)
    return carried(sandbox, provider, request, call).grant


def carried(
    sandbox: Sandbox, provider: Provider, request: Request, call: Call | None = None
) -> AccessToken:
    """The live token of *request*. :raises OAuthError: when it is in no place for one."""
    ways = (call.carry if call else ()) or dialect.play_of(provider).carry
    found = {text for way in ways if (text := at(request, way))}
    if len(found) != 1:
        how = " or ".join(ways)
        raise OAuthError("invalid_token", f"one access token is wanted by {how}", 401)
    return live(sandbox, provider, found.pop())


def at(request: Request, way: str) -> str | None:
    """What stands where *way* says that a token may."""
    kind, _, name = way.partition(" ")
    if kind == "header":
        return request.headers.get(name)
    if kind in ("query", "form"):
        return (request.args if kind == "query" else request.form).get(name)
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if kind == "raw":
        return scheme if not text else None
    return text.strip() if scheme.lower() == name.lower() else None


def check(came: Came, places: Mapping[str, Any], grant: Grant) -> None:
    """:raises OAuthError: when this provider would not answer the call."""
    call, request = came.call, came.request
    if request.method != call.method:
        raise OAuthError("invalid_request", f"{call.method} is wanted here", 405)
    for wanted, given in zip(came.wanted, came.segments, strict=True):
        filled = dialect.fill(wanted, places)
        if given != filled and not PLACE.search(filled):
            raise OAuthError("not_found", "there is nothing of yours here", 404)
    if call.scope and call.scope not in grant.scopes:
        raise OAuthError("insufficient_scope", f"the scope {call.scope} is wanted", 403)
    if call.bare and (request.get_data() not in (b"", b"null") or "form" in request.mimetype):
        raise OAuthError("invalid_request", "nothing may be in the body", 400)
    query = dialect.query_of(urlsplit(call.url).query)
    dialect.require({**query, **call.needs}, request.values, places)
    dialect.require(call.form, request.form, places)
    dialect.require_headers(call.headers, request, places)
    if call.fields.get("needed") and call.fields["param"] not in request.args:
        raise OAuthError("invalid_request", f"{call.fields['param']} is missing")


# What is answered


def said(sandbox: Sandbox, provider: Provider, came: Came, grant: Grant) -> Response:
    """The sample, as it is for the person and by what the call asks for."""
    play, call, request = dialect.play_of(provider), came.call, came.request
    found = samples.document(play, call.says, grant.person)
    found = samples.filled(found, client_id=grant.client_id)
    if call.graphql:
        found = graphql.answer(found, play.samples[call.says], request)
    if call.fields:
        found = chosen(found, call.fields, request)
    found = provider.say(TARGETS.get(call.says, "api"), found)
    if own := quirks.of(provider).written(sandbox, provider, request, grant, found):
        return own
    response = json_answer(found)
    response.headers["Content-Type"] = play.api_media
    return response


def chosen(found: Any, fields: Mapping[str, Any], request: Request) -> Any:
    """*found* with those members alone that the call names, if it names any."""
    place = samples.look(found, samples.steps_of(fields["at"])) if "at" in fields else found
    text = request.args.get(fields["param"])
    if text is None and "otherwise" not in fields:
        return found
    named = {re.split(r"[{.]", name.strip())[0] for name in (text or "").split(",")}
    wanted = named | set(fields.get("always", ()))
    for name in [name for name in place if name not in wanted and not name.startswith("@")]:
        del place[name]
    return found


def echo(provider: Provider, request: Request, grant: Grant, path: str) -> Response:
    """What arrived, as :func:`.api.other` tells it, without the token."""
    ways = [way.partition(" ") for way in dialect.play_of(provider).carry]
    hidden = {name for kind, _, name in ways if kind == "query"}
    query = {
        name: value
        for name, value in request.args.items()
        if name not in hidden and not name.startswith("oauth_")
    }
    return json_answer(
        {
            "provider": provider.id,
            "account": grant.person.name,
            "scopes": list(grant.scopes),
            "method": request.method,
            "path": path,
            "query": query,
            "body": request.get_data(as_text=True),
        }
    )
