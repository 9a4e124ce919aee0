"""The token endpoint of a played provider: its words around what :mod:`.tokens` does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from . import dialect, quirks, samples, tokens
from .answers import NO_STORE, OAuthError, form_answer, json_answer
from .clients import authenticate
from .provider import Client, Grant, Provider

if TYPE_CHECKING:
    from .app import Sandbox

Form = dict[str, str]
STANDARD = ("access_token", "refresh_token", "id_token", "token_type", "expires_in", "scope")
MADE = ("access_token", "refresh_token", "id_token")
"""What no sample can give, as it is made for one person alone."""


def answer(
    sandbox: Sandbox, provider: Provider, request: Request, *, at: str = "token"
) -> Response:
    """Tokens for a code, or *at* the endpoint ``refresh`` for a refresh token."""
    form: Form = {}
    try:
        form = read(provider, request, at)
        with provider.lock:
            said = serve(sandbox, provider, request, form)
    except OAuthError as error:
        refreshing = at == "refresh" or form.get("grant_type") == "refresh_token"
        return dialect.refuse(provider, error, "refresh" if refreshing else "token")
    said = provider.say("token", said)
    return write(provider, request, form, quirks.of(provider).finished(sandbox, provider, said))


def read(provider: Provider, request: Request, at: str) -> Form:
    """The parameters by the standard's names, and credentials from wherever they stand."""
    play = dialect.play_of(provider)
    words = play.token
    if at == "refresh" and play.refresh.url is None:
        raise OAuthError("not_found", "nothing is refreshed here", 404)
    given = dialect.parameters(request, words.method, words.body)
    form = dialect.standard({**play.names, **words.names}, given)
    if at == "refresh":
        form.setdefault("grant_type", "refresh_token")
    elif play.refresh.url and form.get("grant_type") == "refresh_token":
        raise OAuthError("unsupported_grant_type", "tokens are refreshed elsewhere")
    for name, header in (("client_id", words.id_header), ("client_secret", words.secret_header)):
        if header:
            form.pop(name, None)
            form |= {name: request.headers[header]} if header in request.headers else {}
    return form


def serve(sandbox: Sandbox, provider: Provider, request: Request, form: Form) -> Any:
    """What the ``grant_type`` gives, in the provider's words."""
    play = dialect.play_of(provider)
    if (own := quirks.of(provider).serve(sandbox, provider, request, form)) is not None:
        return own
    kind = form.get("grant_type", "authorization_code")
    grant = grant_in(provider, form, kind)
    client = who(sandbox, provider, request, (form, grant, kind))
    check(provider, request, form, grant, client)
    if kind == "authorization_code":
        if play.token.bare_redirect and grant:
            form.setdefault("redirect_uri", grant.redirect_uri)
        said = tokens.redeem(sandbox, provider, client, form)
    elif kind == "refresh_token" and provider.script.refresh != "never":
        said = tokens.refresh(sandbox, provider, client, form)
    else:
        raise OAuthError("unsupported_grant_type", "this grant type is not played")
    return pour(provider, form, said)


def grant_in(provider: Provider, form: Form, kind: str) -> Grant | None:
    """What the code or the refresh token is of, if it is known."""
    if kind == "refresh_token":
        return provider.refresh_tokens.get(form.get("refresh_token", ""))
    return provider.codes.get(form.get("code", ""))


def who(
    sandbox: Sandbox, provider: Provider, request: Request, asked: tuple[Form, Grant | None, str]
) -> Client:
    """The client, which has proved to be it."""
    form, grant, kind = asked
    play = dialect.play_of(provider)
    if play.token.anonymous:
        form["client_id"] = grant.client_id if grant else "nobody"
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        form |= {"client_secret": secret} if scheme.lower() == "bearer" else {}
    if kind == "refresh_token" and play.refresh.secretless:
        client = provider.clients.get(form.get("client_id", ""))
        if client is None:
            raise OAuthError("invalid_client", "no such client", 401)
        return client
    if own := quirks.of(provider).client(sandbox, provider, form):
        return own
    return authenticate(sandbox, provider, request, form)


def check(
    provider: Provider, request: Request, form: Form, grant: Grant | None, client: Client
) -> None:
    """:raises OAuthError: when something is missing that this provider wants."""
    play = dialect.play_of(provider)
    refreshing = form.get("grant_type") == "refresh_token"
    needs = play.token.needs
    if refreshing and play.refresh.needs is not None:
        needs = play.refresh.needs
    elif refreshing and play.refresh.url:
        needs = {}
    places: dict[str, Any] = {"client_id": client.id, "client_secret": client.secret}
    if grant is not None:
        places |= dialect.places_of(provider, grant)
    dialect.require_headers(play.token.headers, request, places)
    if grant is not None:
        dialect.require(needs, form, places)


def pour(provider: Provider, form: Form, said: dict[str, Any]) -> Any:
    """What the standard would say, where this provider says it."""
    play = dialect.play_of(provider)
    grant = provider.access_tokens[said["access_token"]].grant
    if play.lasting_scope in grant.scopes:
        provider.access_tokens[said["access_token"]].expires_at = None
        said.pop("expires_in", None)
    answer: Any = said
    if "token" in play.samples:
        answer = samples.document(play, "token", grant.person)
        for name in STANDARD:
            put(answer, play.token.says.get(name, name), name, said)
        if again := play.token.says.get("again"):
            answer[again] = said["access_token"]
        answer = samples.filled(answer, client_id=grant.client_id)
    if play.echoes_state and "state" in form:
        answer["state"] = form["state"]
    grant.told = quirks.of(provider).told(provider, grant, form, answer)
    return grant.told


def put(answer: Any, path: str, name: str, said: dict[str, Any]) -> None:
    """One member of *said* at *path*, if the sample has it there or nobody can do without."""
    steps = samples.steps_of(path)
    there = samples.look(answer, steps)
    if name in MADE:
        samples.remove(answer, steps)
        if name in said and isinstance(samples.look(answer, steps[:-1]), dict):
            samples.put(answer, steps, said[name])
    elif name == "scope" and there is not None:
        granted = said.get("scope", "").split()
        joint = "," if isinstance(there, str) and "," in there else " "
        samples.put(answer, steps, granted if isinstance(there, list) else joint.join(granted))
    elif name == "expires_in" and name not in said:
        samples.remove(answer, steps)


def write(provider: Provider, request: Request, form: Form, said: Any) -> Response:
    """The answer in the provider's format."""
    words = dialect.play_of(provider).token
    if words.form_unless and not is_json_wanted(words.form_unless, request, form):
        return form_answer(said)
    if isinstance(said, str | bytes) or not (words.prefix or words.media != "application/json"):
        return json_answer(said)
    return Response(words.prefix + json.dumps(said), headers=NO_STORE, content_type=words.media)


def is_json_wanted(unless: str, request: Request, form: Form) -> bool:
    """Whether a provider that answers forms is asked for JSON."""
    if unless == "accept":
        return "application/json" in request.headers.get("Accept", "")
    name, _, value = unless.partition("=")
    return form.get(name) == value


def signed(provider: Provider, said: dict[str, str]) -> dict[str, Any]:
    """Token credentials of OAuth 1.0a, with what the sample says beside them."""
    play = dialect.play_of(provider)
    grant = provider.access_tokens[said["oauth_token"]].grant
    found = samples.document(play, "token", grant.person) if "token" in play.samples else {}
    grant.told = quirks.of(provider).told(provider, grant, {}, {**found, **said})
    told: dict[str, Any] = grant.told
    return told
