"""The authorization endpoint of a played provider: its words for what is asked and answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.wrappers import Request

from . import dialect, quirks
from .answers import OAuthError, new_token
from .provider import Client, Grant, Provider

if TYPE_CHECKING:
    from .app import Sandbox
    from .authorize import Asked

Form = dict[str, str]


def read(provider: Provider, params: Form) -> Form:
    """The parameters by the standard's names."""
    if (play := provider.script.play) is None:
        return params
    params = quirks.of(provider).asked(provider, params)
    return dialect.standard({**play.names, **play.authorize.names}, params)


def address(provider: Provider, client: Client, redirect_uri: str) -> str:
    """Where the answer goes, of which a provider may have its own idea."""
    return quirks.of(provider).address(provider, client, redirect_uri)


def check(provider: Provider, asked: Asked) -> None:
    """:raises OAuthError: when the request lacks what this provider wants."""
    if (play := provider.script.play) is None:
        return
    dialect.require(play.authorize.needs, asked.params, {"client_id": asked.client_id})
    for name, length in play.authorize.lengths.items():
        if len(asked.params.get(name, "")) < length:
            raise OAuthError("invalid_request", f"{name} has less than {length} characters")
    quirks.of(provider).check_asked(provider, asked)


def is_plain(provider: Provider) -> bool:
    """Whether a challenge is the verifier itself here."""
    return provider.script.play is not None and provider.script.play.pkce == "plain"


def lacking(provider: Provider, client_id: str, request: Request) -> str:
    """What an authorization request of OAuth 1.0a lacks; empty where it lacks nothing."""
    if (play := provider.script.play) is None:
        return ""
    try:
        dialect.require(play.authorize.needs, request.args, {"client_id": client_id})
    except OAuthError as error:
        return error.description
    return ""


def coming_back(sandbox: Sandbox, provider: Provider, grant: Grant, params: Form) -> Form:
    """What goes back with the code, which may have another name."""
    if (play := provider.script.play) is None:
        return params
    words = play.callback
    if "code" in words:
        params = {words["code"]: params["code"]}
    if "code_too" in words:
        params[words["code_too"]] = params["code"]
    for name, value in words.get("extra", {}).items():
        made = new_token() if value == "new" else value
        params[name] = dialect.fill(made, {"client_id": grant.client_id})
    if words.get("scope"):
        params["scope"] = provider.script.scope_separator.join(grant.scopes)
    params = quirks.of(provider).coming_back(sandbox, provider, grant, params)
    grant.callback = dict(params)
    return params


def denied(provider: Provider, params: Form) -> Form:
    """What goes back with an error."""
    if (play := provider.script.play) is None:
        return params
    more = play.callback.get("denial", {}) if params.get("error") == "access_denied" else {}
    return more if more and play.callback.get("denial_only") else params | more


def stays(provider: Provider) -> bool:
    """Whether the provider keeps whoever it has an error for, as none of its answers is one."""
    play = provider.script.play
    return play is not None and bool(play.callback.get("stays"))


def fragment(provider: Provider) -> str:
    """What stands behind the answer's address."""
    play = provider.script.play
    return f"#{play.callback['fragment']}" if play and "fragment" in play.callback else ""


def wants_offline(provider: Provider, params: Form, scopes: tuple[str, ...]) -> bool:
    """Whether a consent comes with a refresh token."""
    kind, _, rest = dialect.play_of(provider).refresh.when.partition(" ")
    if kind == "scope":
        return rest in scopes
    wanted = dialect.query_of(rest)
    return kind == "always" or all(params.get(name) == value for name, value in wanted.items())
