"""The OAuth 1.0a endpoints (RFC 5849), for providers of ``kind="oauth1"``.

Signatures are verified by oauthlib's server half. Who is welcome:

- A registered client, with its secret and its exact callbacks::

      box["twitter"].register_client(Client(id="app", secret="s", redirect_uris=(...,)))

- Unless the sandbox is strict, a client that nobody registered whose key ends in ``key``: its
  secret is the key with ``secret`` in place of that ending. ``twitter-key`` signs with
  ``twitter-secret``, ``acme key`` with ``acme secret``. No signature can be checked without
  knowing the secret, so the first comer cannot bring one along as with OAuth 2.0.

Nobody else is. Timestamps may be five minutes off the sandbox's clock, a nonce is good once for
its client and token, temporary credentials are good once and for a few minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from oauthlib.oauth1 import (
    AccessTokenEndpoint,
    AuthorizationEndpoint,
    OAuth1Error,
    RequestTokenEndpoint,
    ResourceEndpoint,
)
from werkzeug.wrappers import Request, Response

from . import pages, played_tokens, shapes, twitter, words
from .answers import OAuthError, form_answer, new_token, redirect
from .people import Person
from .provider import Grant, Provider, RequestToken
from .signatures import Validator, signed

if TYPE_CHECKING:
    from .app import Sandbox

Credentials = dict[str, str]


# 1. Temporary credentials


def request_token(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """Temporary credentials for a client and its callback (section 2.1)."""
    validator = Validator(sandbox, provider)
    endpoint = RequestTokenEndpoint(validator, new_token)
    try:
        said = issue(provider, request, validator, endpoint.create_request_token_response)
    except OAuthError as error:
        return refuse(provider, error)
    return form_answer(provider.say("request_token", said), provider.script.form_type)


def issue(
    provider: Provider, request: Request, validator: Validator, create: Callable[..., Any]
) -> Credentials:
    """The credentials that oauthlib's *create* gives.

    :raises OAuthError: it refuses.
    """
    if request.method != "POST" and not (request.method == "GET" and provider.script.token_by_get):
        raise OAuthError("method_refused", "POST here", 405)
    try:
        with provider.lock:
            _, body, status = create(*signed(request))
    except ValueError:  # its word for a header that makes no sense
        body, status = "", 400
    if status != 200:
        raise problem(validator, status)
    return dict(parse_qsl(body, keep_blank_values=True))


def problem(validator: Validator, status: int) -> OAuthError:
    """What was wrong: something in the request's form (400), or its credentials (401)."""
    if status == 400:
        return OAuthError("parameter_rejected", "a parameter is missing or malformed", 400)
    code = validator.problem or "signature_invalid"
    return OAuthError(code, f"refused: {code}", 403 if code == "callback_refused" else 401)


# 2. The person's word


def authorize(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """A page to consent on, or the way back to the client (section 2.2)."""
    endpoint = AuthorizationEndpoint(Validator(sandbox, provider), new_token)
    address, *_ = signed(request)
    with provider.lock:
        try:
            _, found = endpoint.get_realms_and_credentials(address)
        except (OAuth1Error, ValueError):
            return pages.problem(provider, "This request is unknown, was answered, or is too old.")
        token = found["resource_owner_key"]
        held = provider.request_tokens[token]
        if lacking := words.lacking(provider, held.client_id, request):
            return pages.problem(provider, lacking)
        policy = provider.policy
        if "cancel" in request.form or policy.mode == "deny":
            return deny(provider, token, held)
        key = request.form.get("person") or (policy.person if policy.mode == "approve" else None)
        if key is None:
            return pages.consent(sandbox, provider, held.client_id, ())
        if (person := sandbox.person(key)) is None:
            return pages.problem(provider, "There is no such person.")
        endpoint.request_validator.grant = consent(sandbox, held, person)
        return approve(provider, held, endpoint, address)


def approve(
    provider: Provider, held: RequestToken, endpoint: AuthorizationEndpoint, address: str
) -> Response:
    """The way back with a verifier."""
    _, body, _ = endpoint.create_authorization_response(address)
    params = dict(parse_qsl(body)) | dict(provider.script.callback_extras)
    return redirect(held.callback, provider.say("callback", params))


def consent(sandbox: Sandbox, held: RequestToken, person: Person) -> Grant:
    """What *person* agrees to: everything, as OAuth 1.0a has no scopes."""
    return Grant(
        client_id=held.client_id,
        person=person,
        scopes=(),
        auth_time=sandbox.now(),
        redirect_uri=held.callback,
    )


def deny(provider: Provider, token: str, held: RequestToken) -> Response:
    """The way back without a verifier, which no standard describes."""
    del provider.request_tokens[token]
    if provider.script.denial == "denied":
        params = {"denied": token}
    else:
        params = {"oauth_problem": "user_refused", "oauth_token": token}
    params |= provider.script.denial_extras
    return redirect(held.callback, provider.say("callback", params))


# 3. Token credentials


def access_token(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """Token credentials for a verifier and its temporary credentials (section 2.3)."""
    validator = Validator(sandbox, provider)
    endpoint = AccessTokenEndpoint(validator, new_token)
    try:
        said = issue(provider, request, validator, endpoint.create_access_token_response)
    except OAuthError as error:
        return refuse(provider, error)
    del said["oauth_authorized_realms"]  # oauthlib's own
    if provider.script.shape == "twitter":
        person = provider.access_tokens[said["oauth_token"]].grant.person
        said["user_id"] = str(shapes.subject_of(provider.script, person))
        said["screen_name"] = person.username
    if provider.script.play:
        said = played_tokens.signed(provider, said)
    return form_answer(provider.say("token", said), provider.script.form_type)


# And the API


def authorise(sandbox: Sandbox, provider: Provider, request: Request) -> Grant:
    """Whose token credentials signed *request* (section 3).

    :raises OAuthError: nobody's, or they are no longer good.
    """
    validator = Validator(sandbox, provider)
    endpoint = ResourceEndpoint(validator)
    try:
        with provider.lock:
            good, asked = endpoint.validate_protected_resource_request(*signed(request))
    except ValueError:
        good, asked = False, None
    if not good:
        raise problem(validator, 401)
    return provider.access_tokens[asked.resource_owner_key].grant


def refuse(provider: Provider, error: OAuthError) -> Response:
    """The refusal in X's words, or in those of the OAuth Problem Reporting extension."""
    if provider.script.shape == "twitter":
        return twitter.refuse(error)
    said = {"oauth_problem": error.code, "oauth_problem_advice": error.description}
    response = form_answer(said, provider.script.form_type, error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = f'OAuth realm="{provider.id}"'
    return response
