"""The authorization endpoint (RFC 6749 section 4.1.1, OpenID Connect Core 3.1.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from . import pages, words
from .answers import OAuthError, new_token, redirect, single
from .clients import accepts_redirect, known
from .people import Person
from .provider import Grant, Provider

if TYPE_CHECKING:
    from .app import Sandbox

COOKIE = "signed_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An authorization request whose client and redirect URI are good."""

    params: dict[str, str]
    client_id: str
    redirect_uri: str
    answer_to: str
    """Where the answer goes: the redirect URI, or what that stands for."""
    scopes: tuple[str, ...]

    @property
    def prompts(self) -> list[str]:
        return self.params.get("prompt", "").split()


def answer(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """A page to consent on, or the way back to the client."""
    try:
        asked = read(sandbox, provider, request)
    except OAuthError as error:
        return pages.problem(provider, error.description)
    try:
        check(provider, asked)
        return decide(sandbox, provider, request, asked)
    except OAuthError as error:
        return refuse(sandbox, provider, asked, error)


def read(sandbox: Sandbox, provider: Provider, request: Request) -> Asked:
    """The request. :raises OAuthError: when there is no safe address to send an answer to."""
    given = single(request.form if "client_id" in request.form else request.args)
    params = words.read(provider, given)
    client = known(sandbox, provider, params.get("client_id", ""))
    redirect_uri = params.get("redirect_uri", "")
    answer_to = words.address(provider, client, redirect_uri)
    if not accepts_redirect(client, answer_to):
        raise OAuthError("invalid_request", "The redirect URI is not registered.")
    separators = f"[ {re.escape(provider.script.scope_separator)}]+"
    scopes = [scope for scope in re.split(separators, params.get("scope", "")) if scope]
    return Asked(
        params=params,
        client_id=client.id,
        redirect_uri=redirect_uri,
        answer_to=answer_to,
        scopes=tuple(scopes) or provider.script.default_scopes,
    )


def check(provider: Provider, asked: Asked) -> None:
    """Refuse what an honest provider refuses, by an answer to the client."""
    if asked.params.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response_type must be code")
    if asked.params.get("response_mode", "query") not in ("query", "form_post"):
        raise OAuthError("invalid_request", "unknown response_mode")
    check_challenge(provider, asked)
    if "none" in asked.prompts and len(asked.prompts) > 1:
        raise OAuthError("invalid_request", "prompt=none stands alone")
    if not asked.params.get("max_age", "0").isdecimal():
        raise OAuthError("invalid_request", "max_age is not a number")
    words.check(provider, asked)


def check_challenge(provider: Provider, asked: Asked) -> None:
    """:raises OAuthError: when there is no challenge where one must be, or an odd one."""
    challenge = asked.params.get("code_challenge")
    if challenge is None and provider.script.pkce_required:
        raise OAuthError("invalid_request", "code_challenge is required")
    method = "plain" if words.is_plain(provider) else "S256"
    if challenge and asked.params.get("code_challenge_method", "plain") != method:
        raise OAuthError("invalid_request", f"code_challenge_method must be {method}")
    form = r"[A-Za-z0-9._~-]{43,128}" if method == "plain" else r"[A-Za-z0-9_-]{43}"
    if challenge and not re.fullmatch(form, challenge):
        raise OAuthError("invalid_request", "code_challenge is not a SHA-256 hash")


def decide(sandbox: Sandbox, provider: Provider, request: Request, asked: Asked) -> Response:
    """Yes, no, or a question to the person at the browser."""
    policy = provider.policy
    cookie_person, since = session(sandbox, request, asked)
    key: str | None = None
    if "cancel" in request.form or policy.mode == "deny":
        raise OAuthError("access_denied", "The person said no.")
    if "person" in request.form:
        key = request.form["person"]
    elif policy.mode == "approve":
        key = policy.person
    elif "none" in asked.prompts:
        if cookie_person is None:
            raise OAuthError("login_required", "Nobody is signed in.")
        key = cookie_person
    if key is None:
        return pages.consent(sandbox, provider, asked.client_id, asked.scopes)
    person = sandbox.person(key)
    if person is None:
        return pages.problem(provider, "There is no such person.")
    auth_time = since if key == cookie_person else sandbox.now()
    scopes = granted(request, provider, asked)
    return approve(sandbox, provider, asked, (person, scopes, auth_time))


def session(sandbox: Sandbox, request: Request, asked: Asked) -> tuple[str | None, int]:
    """Who has signed in with this browser and when, unless the request wants it done anew."""
    key, _, since = request.cookies.get(COOKIE, "").partition(".")
    if sandbox.person(key) is None or not since.isdecimal() or "login" in asked.prompts:
        return None, 0
    if sandbox.now() - int(since) > int(asked.params.get("max_age", "999999999")):
        return None, 0
    return key, int(since)


def granted(request: Request, provider: Provider, asked: Asked) -> tuple[str, ...]:
    """The scopes left ticked on the page, those the test chose, or all."""
    if provider.policy.mode == "approve" and provider.policy.scopes is not None:
        return provider.policy.scopes
    if "choosing" in request.form:
        ticked = {"openid", *request.form.getlist("scope")}
        return tuple(scope for scope in asked.scopes if scope in ticked)
    return asked.scopes


def approve(
    sandbox: Sandbox,
    provider: Provider,
    asked: Asked,
    consent: tuple[Person, tuple[str, ...], int],
) -> Response:
    """A code for what *consent* (person, scopes, time of authentication) allows."""
    person, scopes, auth_time = consent
    code = new_token()
    with provider.lock:
        provider.codes[code] = grant = Grant(
            client_id=asked.client_id,
            person=person,
            scopes=scopes,
            auth_time=auth_time,
            redirect_uri=asked.redirect_uri,
            nonce=asked.params.get("nonce"),
            challenge=asked.params.get("code_challenge"),
            plain_challenge=words.is_plain(provider),
            asked=asked.params,
            code_expires_at=sandbox.now() + provider.script.code_lifetime,
            offline=is_offline(provider, asked, person, scopes),
        )
    params = {"code": code, **provider.script.callback_extras}
    params |= {"scope": " ".join(scopes)} if provider.script.scope_in_callback else {}
    params = words.coming_back(sandbox, provider, grant, params)
    response = send_back(sandbox, provider, asked, params)
    remember(response, provider, f"{person.key}.{auth_time}")
    return response


def remember(response: Response, provider: Provider, session: str) -> None:
    """Keep the person signed in at the provider, in this browser."""
    path = f"/{provider.id}/"
    response.set_cookie(COOKIE, session, path=path, httponly=True, samesite="Lax")


def is_offline(provider: Provider, asked: Asked, person: Person, scopes: tuple[str, ...]) -> bool:
    """Whether this consent comes with a refresh token; Google's only the first, or when asked."""
    how = provider.script.refresh
    if how == "access_type":
        pair = (asked.client_id, person.key)
        first = pair not in provider.consented
        wanted = asked.params.get("access_type") == "offline"
        if wanted:
            provider.consented.add(pair)
        return wanted and (first or "consent" in asked.prompts)
    if how == "played":
        return words.wants_offline(provider, asked.params, scopes)
    return how == "always" or (how == "offline_access" and "offline_access" in scopes)


def refuse(sandbox: Sandbox, provider: Provider, asked: Asked, error: OAuthError) -> Response:
    """The error, taken back to the client (RFC 6749 section 4.1.2.1)."""
    if words.stays(provider):
        return pages.problem(provider, error.description)
    params = {"error": error.code, "error_description": error.description}
    if error.code == "access_denied":
        params |= provider.script.denial_extras
    params = words.denied(provider, params)
    return send_back(sandbox, provider, asked, params)


def send_back(
    sandbox: Sandbox, provider: Provider, asked: Asked, params: dict[str, str]
) -> Response:
    """A redirect, or a form that posts itself, with *params*, ``state`` and ``iss``."""
    if "state" in asked.params:
        params["state"] = asked.params["state"]
    if provider.script.sends_iss and (provider.script.kind == "oidc" or provider.script.play):
        params["iss"] = f"{sandbox.url}{provider.id}"
    said = provider.say("callback", params)
    if "form_post" in (asked.params.get("response_mode"), provider.script.response_mode):
        return pages.form_post(provider, asked.answer_to, said)
    return redirect(asked.answer_to, said, words.fragment(provider))
