"""The token endpoint (RFC 6749 sections 4.1.3, 5, 6) and revocation (RFC 7009)."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from . import dialect, giving_back, oidc, played_tokens, quirks
from .answers import FORM, OAuthError, form_answer, json_answer, new_token, single
from .clients import authenticate
from .keys import b64
from .people import subject
from .provider import AccessToken, Client, Grant, Provider

if TYPE_CHECKING:
    from .app import Sandbox

Form = dict[str, str]
LONG_LIVED = 60 * 86400


def answer(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """Tokens for a code or a refresh token, in this provider's words."""
    if provider.script.play:
        return played_tokens.answer(sandbox, provider, request)
    try:
        form = read(provider, request)
        client = authenticate(sandbox, provider, request, form)
        with provider.lock:
            said = serve(sandbox, provider, client, form)
    except OAuthError as error:
        return refuse(provider, request, error)
    return write(provider, request, provider.say("token", said))


def refresh_elsewhere(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """New tokens at an address of their own, where a provider has one."""
    if provider.script.play is None:
        return Response("not found", 404)
    try:
        own = quirks.of(provider).open(sandbox, provider, request, request.path)
    except OAuthError as error:
        return dialect.refuse(provider, error, "refresh")
    return own or played_tokens.answer(sandbox, provider, request, at="refresh")


def read(provider: Provider, request: Request) -> Form:
    """The parameters of a POST, or of a GET where this provider takes one."""
    if request.method == "GET" and provider.script.token_by_get:
        return single(request.args)
    if request.method != "POST" or request.mimetype != FORM:
        raise OAuthError("invalid_request", "POST a form here", 405)
    return single(request.form)


def serve(sandbox: Sandbox, provider: Provider, client: Client, form: Form) -> dict[str, Any]:
    """What the ``grant_type`` gives; old providers are used to its absence."""
    implied = (
        "authorization_code" if provider.script.token_by_get or provider.script.token_form else ""
    )
    kind = form.get("grant_type", implied)
    if kind == "authorization_code":
        return redeem(sandbox, provider, client, form)
    if kind == "refresh_token" and provider.script.refresh != "never":
        return refresh(sandbox, provider, client, form)
    if kind == "fb_exchange_token" and provider.script.shape == "facebook":
        return exchange(sandbox, provider, client, form)
    raise OAuthError("unsupported_grant_type", "this grant type is not played")


def redeem(sandbox: Sandbox, provider: Provider, client: Client, form: Form) -> dict[str, Any]:
    """Tokens for a code, once; the second use takes them back (RFC 6749 section 4.1.2)."""
    grant = provider.codes.get(form.get("code", ""))
    if grant is None or grant.client_id != client.id:
        raise OAuthError("invalid_grant", "the code is unknown or another client's")
    if grant.spent:
        grant.revoked = True
        raise OAuthError("invalid_grant", "the code was used before; its tokens are revoked")
    grant.spent = True
    if sandbox.now() >= grant.code_expires_at:
        raise OAuthError("invalid_grant", "the code has expired")
    if form.get("redirect_uri") != grant.redirect_uri:
        raise OAuthError("invalid_grant", "redirect_uri differs from the authorization request")
    check_verifier(grant, form.get("code_verifier"))
    return issue(sandbox, provider, client, grant)


def check_verifier(grant: Grant, verifier: str | None) -> None:
    """The verifier of exactly this challenge (RFC 7636 section 4.6); none where none was."""
    if grant.challenge is None:
        if verifier is not None:
            raise OAuthError("invalid_grant", "code_verifier without a code_challenge")
        return
    if verifier is None or not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier):
        raise OAuthError("invalid_grant", "code_verifier is missing or malformed")
    hashed = b64(hashlib.sha256(verifier.encode()).digest())
    challenge = verifier if grant.plain_challenge else hashed
    if not hmac.compare_digest(challenge, grant.challenge):
        raise OAuthError("invalid_grant", "code_verifier does not match")


def refresh(sandbox: Sandbox, provider: Provider, client: Client, form: Form) -> dict[str, Any]:
    """New tokens; an old refresh token takes the whole family back (RFC 9700 section 4.14.2)."""
    token = form.get("refresh_token", "")
    grant = provider.refresh_tokens.get(token)
    if grant is None or grant.client_id != client.id or grant.revoked:
        raise OAuthError("invalid_grant", "the refresh token is unknown or revoked")
    if token != grant.refresh_token:
        grant.revoked = True
        raise OAuthError("invalid_grant", "the refresh token was used before; all are revoked")
    wanted = tuple(form.get("scope", "").split())
    if set(wanted) - set(grant.scopes):
        raise OAuthError("invalid_scope", "more than was granted")
    return issue(sandbox, provider, client, grant, refreshing=True)


def exchange(sandbox: Sandbox, provider: Provider, client: Client, form: Form) -> dict[str, Any]:
    """Facebook's long-lived token for a short-lived one."""
    held = provider.access_tokens.get(form.get("fb_exchange_token", ""))
    if held is None or held.grant.client_id != client.id or held.grant.revoked:
        raise OAuthError("invalid_grant", "the token is unknown")
    text = new_token()
    provider.access_tokens[text] = AccessToken(held.grant, sandbox.now() + LONG_LIVED)
    return {"access_token": text, "token_type": "bearer", "expires_in": LONG_LIVED}


def issue(
    sandbox: Sandbox, provider: Provider, client: Client, grant: Grant, *, refreshing: bool = False
) -> dict[str, Any]:
    """The members of a token answer (RFC 6749 section 5.1, OpenID Connect Core 3.1.3.3)."""
    script = provider.script
    access_token = quirks.of(provider).mint(sandbox, provider, grant)
    lifetime = script.access_token_lifetime
    expires_at = None if lifetime is None else sandbox.now() + lifetime
    provider.access_tokens[access_token] = AccessToken(grant, expires_at)
    said: dict[str, Any] = {"access_token": access_token}
    if script.token_type:
        said["token_type"] = script.token_type
    if lifetime is not None:
        said["expires_in"] = lifetime
    if script.shape == "vk":
        said["user_id"] = subject(script.id, grant.person, script.subject, script.subject_length)
        said |= {"email": grant.person.email} if "email" in grant.scopes else {}
    elif script.shape not in ("facebook", "foursquare"):
        said["scope"] = script.granted_separator.join(grant.scopes)
    if grant.offline and (script.rotates or not refreshing):
        grant.refresh_token = said["refresh_token"] = new_token()
        provider.refresh_tokens[grant.refresh_token] = grant
    if script.kind == "oidc" and "openid" in grant.scopes:
        nonce = None if refreshing else grant.nonce
        said["id_token"] = oidc.id_token(sandbox, provider, client, grant, (access_token, nonce))
    return said


def write(provider: Provider, request: Request, said: Any) -> Response:
    """The token answer, form-encoded by providers that do so unless JSON is accepted."""
    accepts_json = "application/json" in request.headers.get("Accept", "")
    if provider.script.token_form and not accepts_json:
        return form_answer(said)
    return json_answer(said)


def refuse(provider: Provider, request: Request, error: OAuthError) -> Response:
    """The error in this provider's words (RFC 6749 section 5.2, or not)."""
    if provider.script.shape == "facebook":
        told = {"message": error.description, "type": "OAuthException", "code": 100}
        return json_answer({"error": told}, 400)
    said = {"error": error.code, "error_description": error.description}
    if provider.script.errors_in_200:
        if error.code == "invalid_grant":
            said["error"] = "bad_verification_code"
        elif error.code == "invalid_client":
            said["error"] = "incorrect_client_credentials"
        return write(provider, request, said)
    response = json_answer(said, error.status)
    if error.status == 401 and "Authorization" in request.headers:
        response.headers["WWW-Authenticate"] = f'Basic realm="{provider.id}"'
    return response


def revoke(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """Take a token back, and with it everything of its grant (RFC 7009 section 2)."""
    if provider.script.play:
        return giving_back.answer(sandbox, provider, request, request.path)
    try:
        form = read(provider, request)
        client = None
        if provider.script.revoke_needs_client:
            client = authenticate(sandbox, provider, request, form)
        if "token" not in form:
            raise OAuthError("invalid_request", "no token")
        end_grant(provider, form["token"], client)
    except OAuthError as error:
        return json_answer(
            {"error": error.code, "error_description": error.description}, error.status
        )
    return json_answer({})


def end_grant(provider: Provider, token: str, client: Client | None) -> bool:
    """Whether *token* was known; it and its kin are dead now.

    :raises OAuthError: when it is another client's.
    """
    with provider.lock:
        held = provider.access_tokens.get(token)
        grant = held.grant if held else provider.refresh_tokens.get(token)
        if grant is None:
            return False
        if client is not None and grant.client_id != client.id:
            raise OAuthError("invalid_grant", "the token is another client's")
        grant.revoked = True
        provider.consented.discard((grant.client_id, grant.person.key))
        return True
