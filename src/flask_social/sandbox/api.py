"""The providers' APIs: profiles at the paths where each has them, an echo elsewhere."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from werkzeug.wrappers import Request, Response

from . import calls, oauth1, oidc, shapes, twitter
from .answers import OAuthError, bearer, json_answer
from .provider import Grant, Provider
from .tokens import end_grant

if TYPE_CHECKING:
    from .app import Sandbox

GITHUB_REVOKE = re.compile(r"applications/([^/]+)/(token|grant)")


def answer(
    sandbox: Sandbox, provider: Provider, request: Request, place: tuple[str, str]
) -> Response:
    """What *provider* has at *place*: ``api`` or ``at``, which goes before a host, and a path."""
    head, path = place
    host, _, path = path.partition("/") if head == "at" else ("", "", path)
    if provider.script.play:
        return calls.answer(sandbox, provider, request, path, host or None)
    return by_shape(sandbox, provider, request, path)


def by_shape(sandbox: Sandbox, provider: Provider, request: Request, path: str) -> Response:
    """What the API at *path* says in the format that is written here for the provider."""
    shape = provider.script.shape
    if shape == "github" and request.method == "DELETE" and GITHUB_REVOKE.fullmatch(path):
        return github_revoke(sandbox, provider, request)
    try:
        grant = grant_of(sandbox, provider, request)
        if shape == "facebook":
            check_proof(provider, request, grant)
        if shape == "twitter" and (said := twitter.answer(provider, request, grant, path)):
            return said
        return json_answer(SHAPES.get(shape, other)(provider, request, grant, path))
    except OAuthError as error:
        if shape == "twitter":
            return twitter.refuse_call(error, path)
        if provider.script.kind == "oauth1":
            return oauth1.refuse(provider, error)
        return refuse(shape, error)


def grant_of(sandbox: Sandbox, provider: Provider, request: Request) -> Grant:
    """Whose consent *request* comes by: that of its signature, or of its bearer token."""
    if provider.script.kind == "oauth1":
        return oauth1.authorise(sandbox, provider, request)
    return bearer(sandbox, provider, request).grant


def refuse(shape: str, error: OAuthError) -> Response:
    """The error as this API words it."""
    if shape == "facebook":
        code = 190 if error.status == 401 else 100
        told = {"message": error.description, "type": "OAuthException", "code": code}
        return json_answer({"error": told}, 400)
    if shape == "foursquare":
        kind = "invalid_auth" if error.status == 401 else error.code
        meta = {"errorType": kind, "errorDetail": error.description}
        return json_answer(shapes.foursquare_envelope({}, error.status, **meta), error.status)
    if shape == "vk":
        number = 5 if error.status == 401 else 100
        return json_answer({"error": {"error_code": number, "error_msg": error.description}})
    if shape == "github":
        return json_answer(
            {"message": error.description, "status": str(error.status)}, error.status
        )
    return oidc.unauthorised(error)


def github(provider: Provider, request: Request, grant: Grant, path: str) -> Any:
    """``user`` and, by scope, ``user/emails``."""
    if not request.headers.get("User-Agent"):
        raise OAuthError("forbidden", "Request forbidden by administrative rules.", 403)
    if path == "user":
        return provider.say("api", shapes.github(provider.script, grant.person))
    if path == "user/emails":
        if not {"user", "user:email"} & set(grant.scopes):
            raise OAuthError("not_found", "Not Found", 404)
        return provider.say("emails", shapes.github_emails(grant.person))
    return other(provider, request, grant, path)


def github_revoke(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """Delete a token as its application, by Basic authentication."""
    client_id, password = "", ""
    if request.authorization and request.authorization.type == "basic":
        client_id = unquote_plus(request.authorization.username or "")
        password = unquote_plus(request.authorization.password or "")
    client = provider.clients.get(client_id)
    if client is None or client.secret is None or client.secret != password:
        return refuse("github", OAuthError("unauthorized", "Bad credentials", 401))
    sent = request.get_json(silent=True)
    token = sent.get("access_token") if isinstance(sent, dict) else None
    if not end_grant(provider, str(token), client):
        return refuse("github", OAuthError("not_found", "Not Found", 404))
    return Response(status=204)


def check_proof(provider: Provider, request: Request, grant: Grant) -> None:
    """Facebook's ``appsecret_proof``: right wherever the secret is known."""
    secret = provider.clients[grant.client_id].secret
    if secret is None:
        return
    token = request.args.get(provider.script.token_in_query or "")
    if token is None:
        token = request.headers.get("Authorization", "").partition(" ")[2]
    expected = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    given = request.values.get("appsecret_proof", "")
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise OAuthError("invalid_request", "Invalid appsecret_proof provided in the API argument")


def facebook(provider: Provider, request: Request, grant: Grant, path: str) -> Any:
    """``me`` with its ``fields``, ``me/permissions``, and the end of a login."""
    number = str(shapes.subject_of(provider.script, grant.person))
    first, _, rest = path.partition("/")
    if first in ("me", number) and not rest:
        fields = request.args.get("fields", "id,name").split(",")
        said = shapes.facebook(provider.script, grant.person, fields, grant.scopes)
        return provider.say("api", said)
    if first in ("me", number) and rest == "permissions":
        if request.method == "DELETE":
            grant.revoked = True
            return {"success": True}
        return {"data": [{"permission": scope, "status": "granted"} for scope in grant.scopes]}
    return other(provider, request, grant, path)


def foursquare(provider: Provider, request: Request, grant: Grant, path: str) -> Any:
    """``users/self``, in the envelope; every call carries ``v``."""
    if not re.fullmatch(r"\d{8}", request.args.get("v", "")):
        raise OAuthError("param_error", "The v parameter is missing or not YYYYMMDD.")
    if path == "users/self":
        user = shapes.foursquare(provider.script, grant.person)
        return provider.say("api", shapes.foursquare_envelope({"user": user}))
    return shapes.foursquare_envelope(other(provider, request, grant, path))


def vk(provider: Provider, request: Request, grant: Grant, path: str) -> Any:
    """``users.get``; every call carries ``v``, and every answer has status 200."""
    if not re.fullmatch(r"5\.\d+", request.args.get("v", "")):
        raise OAuthError("invalid_request", "One of the parameters specified was missing: v")
    if path == "users.get":
        return provider.say("api", {"response": [shapes.vk(provider.script, grant.person)]})
    return {"response": other(provider, request, grant, path)}


def plain(provider: Provider, request: Request, grant: Grant, path: str) -> Any:
    """``me``."""
    if path == "me":
        return provider.say("api", shapes.plain(provider.script, grant.person))
    return other(provider, request, grant, path)


def other(provider: Provider, request: Request, grant: Grant, path: str) -> Any:
    """What arrived, so that one can see the call: any path of any API."""
    hidden = {provider.script.token_in_query, "appsecret_proof"}
    hidden |= {name for name in request.args if name.startswith("oauth_")}
    query = {name: value for name, value in request.args.items() if name not in hidden}
    return {
        "provider": provider.id,
        "account": grant.person.name,
        "scopes": list(grant.scopes),
        "method": request.method,
        "path": path,
        "query": query,
        "body": request.get_data(as_text=True),
    }


SHAPES = {
    "github": github,
    "facebook": facebook,
    "foursquare": foursquare,
    "plain": plain,
    "vk": vk,
}
