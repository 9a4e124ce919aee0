"""Tokens given back to a played provider, in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from . import dialect
from .answers import FORM, OAuthError, json_answer, single
from .clients import authenticate
from .played import Play, Revoke
from .provider import Client, Provider
from .tokens import end_grant

if TYPE_CHECKING:
    from .app import Sandbox

Form = dict[str, str]
ANY_NAME = ("token", "access_token", "accessToken")


def answer(sandbox: Sandbox, provider: Provider, request: Request, rest: str = "") -> Response:
    """The token is of no use any more; *rest* is the path, which may name it."""
    play = dialect.play_of(provider)
    try:
        if play.revoke is None:
            raise OAuthError("not_found", "nothing is given back here", 404)
        form = read(play, play.revoke, request)
        client, text = who(sandbox, provider, request, form)
        named = [text] if text else named_in(play.revoke, form, rest, provider)
        if not named:
            raise OAuthError("invalid_request", "no token")
        whose = client.id if client else client_of_token(provider, named[0])
        dialect.require(play.revoke.needs, form, {"client_id": whose})
        for each in named:
            end_grant(provider, each, client)
    except OAuthError as error:
        return dialect.refuse(provider, error, "token")
    return json_answer(dict(play.revoke.says))


def read(play: Play, revoke: Revoke, request: Request) -> Form:
    """The parameters by the standard's names. :raises OAuthError: when they come another way."""
    methods = ("GET", "POST") if revoke.method == "ANY" else (revoke.method,)
    if request.method not in methods:
        raise OAuthError("invalid_request", f"{' or '.join(methods)} is wanted here", 405)
    if revoke.bare and request.get_data():
        raise OAuthError("invalid_request", "nothing may be in the body")
    given = single(request.args)
    if revoke.body != "form" and request.mimetype == "application/json":
        given |= dialect.from_json(request)
    elif revoke.body != "json" and request.mimetype == FORM and revoke.place == "body":
        given = (given if revoke.body == "any" else {}) | single(request.form)
    elif revoke.body == "json":
        raise OAuthError("invalid_request", "JSON is wanted here", 415)
    elif revoke.place == "body" and revoke.token == "token" and revoke.auth != "token":
        given = {}
    return dialect.standard({**play.names, **play.token.names}, given)


def who(
    sandbox: Sandbox, provider: Provider, request: Request, form: Form
) -> tuple[Client | None, str | None]:
    """The client that asks, if one has to say so, and the token by which it may, if by one."""
    from .calls import carried, whose  # they ask us too

    auth = dialect.play_of(provider).revoke
    how = auth.auth if auth else ""
    if how == "open" or (how == "either" and {"token", "access_token"} & form.keys()):
        return None, None
    if how in ("token", "bearer") and provider.script.kind == "oauth1":
        grant = whose(sandbox, provider, request)
        return None, next(
            text for text, held in provider.access_tokens.items() if held.grant is grant
        )
    if how in ("token", "bearer", "either"):
        held = carried(sandbox, provider, request)
        found = next(text for text, each in provider.access_tokens.items() if each is held)
        return None, None if how == "bearer" else found
    if how.startswith("secret "):
        return by_secret(provider, request, how.partition(" ")[2]), None
    return client_of(sandbox, provider, request, form, how), None


def client_of(
    sandbox: Sandbox, provider: Provider, request: Request, form: Form, how: str
) -> Client:
    """The client, which proves to be it as at the token endpoint, or by the method *how*."""
    from . import quirks  # one of them asks us

    if own := quirks.of(provider).client(sandbox, provider, form):
        return own
    if how == "client_secret_post" and "client_secret" not in form:
        raise OAuthError("invalid_client", f"{how} is wanted", 401)
    methods = None if how == "client" else (how,)
    return authenticate(sandbox, provider, request, form, methods)


def by_secret(provider: Provider, request: Request, scheme: str) -> Client:
    """The client whose secret stands in the Authorization header."""
    given, _, secret = request.headers.get("Authorization", "").partition(" ")
    known: list[Any] = [each for each in provider.clients.values() if each.secret == secret]
    if given != scheme or not secret or not known:
        raise OAuthError("invalid_client", f"the secret is wanted by the scheme {scheme}", 401)
    client: Client = known[0]
    return client


def client_of_token(provider: Provider, text: str) -> str | None:
    """Whose application a token was given to, if it is known."""
    held = provider.access_tokens.get(text)
    grant = held.grant if held else provider.refresh_tokens.get(text)
    return grant.client_id if grant else None


def named_in(revoke: Revoke, form: Form, rest: str, provider: Provider) -> list[str]:
    """The tokens that the request names: one, or all of an account."""
    names = ANY_NAME if revoke.token == "*" else (revoke.token,)
    if revoke.token is not None:
        return [form[name] for name in names if name in form][:1]
    by_path = [part for part in rest.split("/") if part in provider.access_tokens]
    return by_path or of_account(form, provider)


def of_account(form: Form, provider: Provider) -> list[str]:
    """The tokens whose answers said of an account what the request says of it."""
    named = {name: value for name, value in form.items() if not name.startswith("client_")}
    found = []
    for text, held in provider.access_tokens.items():
        told = held.grant.told or {}
        if named and all(told.get(name) == value for name, value in named.items()):
            found.append(text)
    return found
