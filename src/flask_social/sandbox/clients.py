"""Who is asking: applications at a provider, and how they prove it (RFC 6749 section 2.3)."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key
from werkzeug.wrappers import Request

from .answers import OAuthError
from .provider import Client, Provider
from .scripts import ASSERTION, BASIC, NONE, POST

if TYPE_CHECKING:
    from .app import Sandbox

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def known(sandbox: Sandbox, provider: Provider, client_id: str) -> Client:
    """The client of that id; a new one is welcome unless the sandbox is strict."""
    with provider.lock:
        client = provider.clients.get(client_id)
        if client is None:
            if sandbox.strict or not client_id:
                raise OAuthError("invalid_client", "no such client", 401)
            client = provider.clients[client_id] = Client(id=client_id)
        return client


def accepts_redirect(client: Client, redirect_uri: str) -> bool:
    """Exactly one of the registered; with none registered, any address of this machine."""
    if client.redirect_uris:
        return redirect_uri in client.redirect_uris
    parts = urlsplit(redirect_uri)
    loopback = parts.hostname in LOOPBACK and parts.scheme in ("http", "https")
    return loopback and not parts.fragment


def authenticate(
    sandbox: Sandbox,
    provider: Provider,
    request: Request,
    form: Mapping[str, str],
    accepted: tuple[str, ...] | None = None,
) -> Client:
    """The client that sent *request*, by one of the methods *accepted* or of the provider's own.

    :raises OAuthError: by no method, by two, by one it may not use, or with wrong credentials.
    """
    presented = methods(request, form)
    if len(presented) > 1:
        raise OAuthError("invalid_request", "more than one client authentication method")
    method = presented[0] if presented else NONE
    if method not in (accepted or provider.script.auth_methods):
        raise OAuthError("invalid_client", f"{method} is not supported", 401)
    client_id, secret = credentials(method, request, form)
    client = known(sandbox, provider, client_id)
    if client.auth_methods and method not in client.auth_methods:
        raise OAuthError("invalid_client", f"the client is not registered for {method}", 401)
    if method == ASSERTION:
        check_assertion(sandbox, provider, client, form)
    elif method == NONE:
        check_public(provider, client)
    else:
        check_secret(provider, client, secret)
    return client


def methods(request: Request, form: Mapping[str, str]) -> list[str]:
    """The authentication methods that *request* uses."""
    used = {
        BASIC: request.headers.get("Authorization", "").lower().startswith("basic "),
        POST: "client_secret" in form,
        ASSERTION: "client_assertion" in form or "client_assertion_type" in form,
    }
    return [method for method, is_used in used.items() if is_used]


def credentials(method: str, request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    """Client id and secret; from Basic, form-decoded (RFC 6749 section 2.3.1)."""
    if method == ASSERTION and "client_id" not in form:
        return str(unverified(form).get("sub", "")), ""
    if method != BASIC:
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        text = base64.b64decode(request.headers["Authorization"][6:], validate=True).decode("ascii")
        client_id, colon, secret = text.partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = client_id = secret = ""
    if not colon:
        raise OAuthError("invalid_client", "malformed Basic credentials", 401)
    client_id = unquote_plus(client_id)
    if form.get("client_id", client_id) != client_id:
        raise OAuthError("invalid_request", "client_id differs from the Basic credentials")
    return client_id, unquote_plus(secret)


def check_secret(provider: Provider, client: Client, secret: str) -> None:
    """Compare the secret; the first that a self-made client presents is remembered."""
    with provider.lock:
        if client.secret is None and not client.public_key and NONE not in client.auth_methods:
            client.secret = secret
    if client.secret is None or not hmac.compare_digest(client.secret.encode(), secret.encode()):
        raise OAuthError("invalid_client", "wrong client credentials", 401)


def check_public(provider: Provider, client: Client) -> None:
    """Only a client without credentials may come without; where nobody has any, everybody."""
    if provider.script.auth_methods == (NONE,):
        return
    if client.secret is not None or client.public_key:
        raise OAuthError("invalid_client", "this client has to authenticate", 401)


def unverified(form: Mapping[str, str]) -> dict[str, Any]:
    """The assertion's claims, to look up whose it says it is."""
    return part_of(form.get("client_assertion", ""), 1)


def part_of(token: str, number: int) -> dict[str, Any]:
    """The header (0) or the claims (1) of a JWT, whoever signed it."""
    try:
        part = token.split(".")[number]
        members = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError) as error:
        raise OAuthError("invalid_client", "malformed assertion", 401) from error
    return members if isinstance(members, dict) else {}


def check_assertion(
    sandbox: Sandbox, provider: Provider, client: Client, form: Mapping[str, str]
) -> None:
    """A JWT signed by the client, for us alone and used once (RFC 7523 section 3)."""
    if form.get("client_assertion_type") != ASSERTION_TYPE or not client.public_key:
        raise OAuthError("invalid_client", "no assertion, or no key registered for it", 401)
    try:
        key = read_key(client.public_key)
        token = jwt.decode(form["client_assertion"], key, algorithms=ASSERTION_ALGORITHMS)
    except (KeyError, ValueError, JoseError) as error:
        raise OAuthError("invalid_client", "the assertion does not verify", 401) from error
    if not is_for_here_and_now(sandbox, provider, client, token.claims):
        raise OAuthError("invalid_client", "the assertion is not for here and now", 401)


def is_for_here_and_now(
    sandbox: Sandbox, provider: Provider, client: Client, claims: Mapping[str, Any]
) -> bool:
    """Whether an assertion names its client, us alone, a near end, and was not used before."""
    home = f"{sandbox.url}{provider.id}"
    now = sandbox.now()
    expires, once = claims.get("exp"), claims.get("jti")
    with provider.lock:
        good = (
            claims.get("iss") == claims.get("sub") == client.id
            and claims.get("aud") in (home, f"{home}/token")
            and isinstance(expires, int)
            and now < expires <= now + 3600
            and isinstance(once, str)
            and once not in provider.assertions_seen
        )
        provider.assertions_seen.add(str(once))
    return good


def read_key(text: str) -> RSAKey | ECKey | OKPKey:
    """A public key from JWK or PEM text."""
    if text.lstrip().startswith("{"):
        key = import_key(json.loads(text))
        if not isinstance(key, RSAKey | ECKey | OKPKey):
            raise ValueError("not a public key")
        return key
    for kind in (RSAKey, ECKey, OKPKey):
        try:
            return kind.import_key(text)
        except (ValueError, JoseError):
            continue
    raise ValueError("not a public key")
