"""The AT Protocol: requests pushed ahead, tokens bound to a key, and servers that vouch.

Everything of it is below one address. ``at/plc.directory`` is the directory of DIDs; everybody's
account is kept at ``at/pds.example``, which trusts this provider and no other; and whoever talks to
it, or to the authorization server, proves with each request that they have the key (RFC 9449).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.wrappers import Request, Response

from .. import dialect
from ..answers import FORM, OAuthError, json_answer, new_token, single
from ..clients import LOOPBACK, authenticate
from ..provider import Grant, Provider
from . import vouching
from .base import Form, Quirk
from .proofs import Proof, read

if TYPE_CHECKING:
    from ..app import Sandbox

DIRECTORY = "plc.directory"
METADATA = ".well-known/oauth-authorization-server"
RESOURCE = ".well-known/oauth-protected-resource"
URN = "urn:ietf:params:oauth:request_uri:"
PUSHED_LIFETIME = 60
AT_HOME = "http://localhost"
ASSERTION = ("client_assertion", "client_assertion_type")
NONCE_LIFETIME = 300


class Atproto(Quirk):
    """An authorization server, the directory, and the server that everybody is at."""

    def around(
        self,
        sandbox: Sandbox,
        provider: Provider,
        request: Request,
        place: tuple[str, str, str],
        play: Callable[[], Response],
    ) -> Response:
        endpoint, head, path = place
        if endpoint == "discovery":
            said = provider.say("discovery", vouching.metadata(sandbox, provider))
            return json_answer(said) if request.path.endswith(METADATA) else not_found()
        if endpoint == "api":
            return self.below(sandbox, provider, request, f"{head}/{path}", play)
        if endpoint in ("par", "token", "revoke"):
            return self.vouched(sandbox, provider, request, endpoint, play)
        return play()

    def vouched(
        self,
        sandbox: Sandbox,
        provider: Provider,
        request: Request,
        endpoint: str,
        play: Callable[[], Response],
    ) -> Response:
        """What the server of the account answers to who has a key."""
        try:
            proof = read(request, sandbox.url.rstrip("/"), sandbox.now(), provider.assertions_seen)
            require_nonce(proof, sandbox, "as")
            if endpoint == "par":
                response = json_answer(pushed(sandbox, provider, request, proof), 201)
            else:
                require_key(proof, held(provider, request))
                response = play()
        except OAuthError as error:
            response = dialect.refuse(provider, error, "token")
        response.headers["DPoP-Nonce"] = nonce(sandbox, "as")
        return response

    def below(
        self,
        sandbox: Sandbox,
        provider: Provider,
        request: Request,
        path: str,
        play: Callable[[], Response],
    ) -> Response:
        """What the directory says, and what the server does."""
        if path.startswith(f"at/{DIRECTORY}/"):
            said = vouching.did_document(sandbox, provider, path.rpartition("/")[2])
            media = "application/did+ld+json"
            return Response(json.dumps(said), content_type=media) if said else not_found()
        if path == f"at/{vouching.SERVER}/{RESOURCE}":
            return json_answer(vouching.resource(sandbox, provider))
        if not path.startswith(f"at/{vouching.SERVER}/xrpc/"):
            return not_found()
        return self.of_the_person(sandbox, provider, request, play)

    def of_the_person(
        self,
        sandbox: Sandbox,
        provider: Provider,
        request: Request,
        play: Callable[[], Response],
    ) -> Response:
        """What the server of the person's data answers to who has their token, and its key."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            if scheme.lower() != "dpop" or token not in provider.access_tokens:
                raise OAuthError("invalid_token", "no token of ours, by the scheme DPoP", 401)
            seen = provider.assertions_seen
            proof = read(
                request, sandbox.url.rstrip("/"), sandbox.now(), seen, token=token, status=401
            )
            require_nonce(proof, sandbox, "pds", status=401)
            require_key(proof, provider.access_tokens[token].grant, status=401)
            response = play()
        except OAuthError as error:
            response = dialect.refuse(provider, error, "api")
        if told := response.headers.get("WWW-Authenticate"):
            response.headers["WWW-Authenticate"] = told.replace("Bearer ", "DPoP ", 1)
        response.headers["DPoP-Nonce"] = nonce(sandbox, "pds")
        return response

    def asked(self, provider: Provider, params: Form) -> Form:
        """What was pushed. :raises OAuthError: when anything was not, or by another client."""
        found = provider.pushed.get(params.get("request_uri", ""), {})
        if found.get("client_id") != params.get("client_id") or "redirect_uri" in params:
            raise OAuthError("invalid_request", "The request was not pushed, or by somebody else.")
        return dict(found)

    def coming_back(self, sandbox: Sandbox, provider: Provider, grant: Grant, params: Form) -> Form:
        """:raises OAuthError: when the request was pushed too long ago, or has been answered."""
        found = provider.pushed.pop(grant.asked["request_uri"], None)
        if found is None or int(found["expires_at"]) < sandbox.now():
            raise OAuthError("invalid_request", "the request is spent or has expired")
        return params

    def told(self, provider: Provider, grant: Grant, form: Form, answer: Any) -> Any:
        """A token that is bound, and whom it is for."""
        return {**answer, "token_type": "DPoP", "sub": vouching.did_of(provider, grant.person)}

    def written(
        self, sandbox: Sandbox, provider: Provider, request: Request, grant: Grant, found: Any
    ) -> Response | None:
        """The session, without an address that nobody permitted to be told."""
        if "email" not in found or "transition:email" in grant.scopes:
            return None
        hidden = ("email", "emailConfirmed")
        return json_answer({name: each for name, each in found.items() if name not in hidden})


def pushed(sandbox: Sandbox, provider: Provider, request: Request, proof: Proof) -> dict[str, Any]:
    """A name for the request that was pushed (RFC 9126 section 2.2)."""
    if request.method != "POST" or request.mimetype != FORM:
        raise OAuthError("invalid_request", "POST a form here", 405)
    form = single(request.form)
    client = authenticate(sandbox, provider, request, form)
    if "request_uri" in form or not form.get("state"):
        raise OAuthError("invalid_request", "a request_uri, or no state")
    if "atproto" not in form.get("scope", "").split():
        raise OAuthError("invalid_scope", "the scope atproto is wanted")
    if client.id.startswith(AT_HOME):
        check_at_home(client.id, form)
    asked = {name: each for name, each in form.items() if name not in ASSERTION}
    name = URN + new_token()
    until = sandbox.now() + PUSHED_LIFETIME
    known = {"request_uri": name, "expires_at": str(until), "key": proof.key}
    provider.pushed[name] = {**asked, **known, "client_id": client.id}
    return {"request_uri": name, "expires_in": PUSHED_LIFETIME}


def check_at_home(client_id: str, form: Mapping[str, str]) -> None:
    """:raises OAuthError: when *form* asks for more than an id of a developer's machine says."""
    parts = urlsplit(client_id)
    says = parse_qs(parts.query)
    asked = urlsplit(form.get("redirect_uri", ""))
    permitted = [urlsplit(each) for each in says.get("redirect_uri", ["http://127.0.0.1/"])]
    if parts.netloc != "localhost" or parts.path not in ("", "/"):
        raise OAuthError("invalid_client_metadata", "the id is no address of a document")
    if asked.hostname not in LOOPBACK[1:] or (asked.hostname, asked.path) not in [
        (each.hostname, each.path) for each in permitted
    ]:
        raise OAuthError("invalid_request", "the redirect URI is not in the client's id")
    if not set(form["scope"].split()) <= set(" ".join(says.get("scope", ["atproto"])).split()):
        raise OAuthError("invalid_scope", "more scopes than the client's id says")


def held(provider: Provider, request: Request) -> Grant | None:
    """What the code, or the token, in *request* is of."""
    form = request.form
    token = form.get("refresh_token") or form.get("token", "")
    bound = provider.access_tokens.get(token)
    grant = provider.codes.get(form.get("code", "")) or provider.refresh_tokens.get(token)
    return bound.grant if bound else grant


# Proofs.


def nonce(sandbox: Sandbox, kind: str, ago: int = 0) -> str:
    """The nonce of one of the two servers now, or some times *ago*."""
    return f"{kind}-{sandbox.now() // NONCE_LIFETIME - ago}"


def require_nonce(proof: Proof, sandbox: Sandbox, kind: str, status: int = 400) -> None:
    """:raises OAuthError: when the nonce is missing, another server's, or an old one."""
    if proof.nonce not in (nonce(sandbox, kind), nonce(sandbox, kind, 1)):
        raise OAuthError("use_dpop_nonce", "another nonce is wanted in the proof", status)


def require_key(proof: Proof, grant: Grant | None, status: int = 400) -> None:
    """:raises OAuthError: when what *grant* gave is bound to another key."""
    if grant is not None and grant.asked["key"] != proof.key:
        code = "invalid_dpop_proof" if status == 400 else "invalid_token"
        raise OAuthError(code, "it is bound to another key", status)


def not_found() -> Response:
    """Nothing is there."""
    return Response("not found", 404)
