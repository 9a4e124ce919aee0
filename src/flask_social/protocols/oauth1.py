"""OAuth 1.0a (RFC 5849): temporary credentials, the person's word, token credentials.

The temporary credentials' secret travels sealed in the flow, whose key is the request token.
Signatures are oauthlib's.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from oauthlib.oauth1 import Client as Signer

from .. import clock, limits
from ..errors import ConfigurationError, Denied, ProviderError, ProviderUnavailable
from ..http import Params, Request, Response, Send, with_query
from ..values import Client, Flow, Grant, Intent, Secret, Token
from .base import SURROGATE, read_or_refuse, refuse_error
from .credentials import TokenUse
from .profile import ApiProvider
from .token_answer import FORM, masked, read_form, read_secret

REQUEST_STEP = "asking for a request token"
CALLBACK_STEP = "reading the callback"
TOKEN_STEP = "exchanging the verifier"
SIGNATURE_METHODS = ("HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "PLAINTEXT")
REFUSED = frozenset({"user_refused", "permission_denied"})
"""Values of ``oauth_problem`` by which providers say that the person pressed cancel."""


@dataclass(frozen=True, kw_only=True)
class OAuth1(ApiProvider):
    """A provider of OAuth 1.0a. Every request to it is signed, those to its API as well."""

    signed_by_secret: ClassVar[bool] = True
    """Every request is, so that nothing goes without the secret."""

    request_token_url: str = ""
    """Gives temporary credentials (RFC 5849 section 2.1)."""
    authorize_url: str = ""
    """Where the person says yes (section 2.2)."""
    token_url: str = ""
    """Gives token credentials (section 2.3)."""
    request_token_method: str = "POST"
    token_method: str = "POST"
    request_params: Mapping[str, str] = field(default_factory=dict)
    """Further parameters of the request for temporary credentials, a scope for instance."""
    authorize_params: Mapping[str, str] = field(default_factory=dict)
    token_params: Mapping[str, str] = field(default_factory=dict)
    signature_method: str = "HMAC-SHA1"
    """Section 3.4; ``PLAINTEXT`` shows the secrets to whoever can read the requests."""
    token_use: TokenUse = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.signature_method not in SIGNATURE_METHODS:
            methods = ", ".join(SIGNATURE_METHODS)
            raise ConfigurationError(f"{self.id}: signature_method is one of {methods}.")
        if any(name.startswith("oauth_") for name in (*self.request_params, *self.token_params)):
            raise ConfigurationError(f"{self.id}: what begins with oauth_ is for the signature.")
        object.__setattr__(self, "token_use", self._token_use)
        super().__post_init__()

    # Out ...

    def begin(self, client: Client, flow: Flow, send: Send) -> tuple[Flow, str]:
        """The flow with its temporary credentials, and where to send the person."""
        if flow.intent is Intent.VERIFY:
            raise Denied("cannot_verify", f"{self.id} cannot prove that the person is there now")
        request = _request(
            self.request_token_method, self.request_token_url, REQUEST_STEP, self.request_params
        )
        request = self.with_headers(request, client)
        signed = self.sign(request, client, callback=flow.callback_url)
        answer = _read_credentials(send(signed), REQUEST_STEP)
        if answer.get("oauth_callback_confirmed") != "true":
            detail = "RFC 5849 section 2.1: the provider does not confirm the callback"
            raise ProviderError(REQUEST_STEP, "bad_answer", detail)
        token, secret = _pair(answer, REQUEST_STEP, longest=limits.REQUEST_TOKEN)
        flow = replace(flow, request_token=token, request_secret=secret)
        params = {**client.filled(self.authorize_params), "oauth_token": token}
        return flow, with_query(self.authorize_url, params)

    # ... and back.

    def complete(self, client: Client, flow: Flow, params: Params, send: Send) -> Grant:
        """What the callback brings home: one token request, then whatever tells who it is."""
        verifier = self.read_callback(flow, params)
        request = _request(self.token_method, self.token_url, TOKEN_STEP, self.token_params)
        request = self.with_headers(request, client)
        pair = (flow.request_token, flow.request_secret)
        token = self.read_token(send(self.sign(request, client, pair, verifier=verifier)))
        identity = self.read_identity(client, token, send)
        return Grant(provider_id=self.id, token=token, identity=identity)

    def read_callback(self, flow: Flow, params: Params) -> str:
        """The verifier, once the answer is known to be to this flow (RFC 5849 section 2.2).

        A refusal has no standard form: some providers name the request token in ``denied``,
        some give an ``oauth_problem`` or OAuth 2.0's ``error``.
        """
        if "denied" in params or params.get("oauth_problem") in REFUSED:
            raise Denied("denied")
        refuse_error(params, CALLBACK_STEP)
        if params.get("oauth_token") != flow.request_token:
            raise ProviderError(CALLBACK_STEP, "wrong_token", "oauth_token is another flow's")
        if not (verifier := params.get("oauth_verifier")) or SURROGATE.search(verifier):
            raise ProviderError(CALLBACK_STEP, "missing_verifier", "there is no oauth_verifier")
        return verifier

    def read_token(self, response: Response) -> Token:
        """The token credentials out of the answer (RFC 5849 section 2.3)."""
        answer = _read_credentials(response, TOKEN_STEP)
        token, secret = _pair(answer, TOKEN_STEP, longest=limits.ACCESS_TOKEN)
        return Token(access_token=token, secret=secret, token_type="OAuth", raw=masked(answer))

    def moved_to(self, base_url: str, played_as: str | None = None) -> Self:
        """The same provider, played by a sandbox at *base_url* (which ends in a slash).

        :param played_as: under what name, if not its id.
        """
        home = f"{base_url}{played_as or self.id}"
        return replace(
            self,
            request_token_url=f"{home}/request_token",
            authorize_url=f"{home}/authorize",
            token_url=f"{home}/access_token",
            api_url=f"{home}/api/",
            revoke_url=self.at_home(self.revoke_url, home, "revoke"),
            played_at=home,
        )

    # Signatures.

    def sign(
        self,
        request: Request,
        client: Client,
        pair: tuple[str | None, str | None] = (None, None),
        *,
        callback: str | None = None,
        verifier: str | None = None,
    ) -> Request:
        """*request*, signed in its ``Authorization`` header (RFC 5849 sections 3.4 and 3.5.1).

        :param pair: token and secret: temporary ones, or a person's.
        """
        signer = Signer(
            client_key=client.id,
            client_secret=client.secret,
            resource_owner_key=pair[0],
            resource_owner_secret=pair[1],
            callback_uri=callback,
            verifier=verifier,
            signature_method=self.signature_method,
            nonce=secrets.token_hex(limits.NONCE_BYTES),
            timestamp=str(clock.now()),
        )
        form = _signed_form(request)
        headers = {} if form is None else {"Content-Type": FORM}
        method: Any = request.method  # its stubs take some verbs alone
        _, signed, _ = signer.sign(_signed_url(request), method, form, headers)
        return request.with_headers(Authorization=signed["Authorization"])

    def _token_use(self, request: Request, token: Token, client: Client) -> Request:
        return self.sign(request, client, (token.access_token, token.secret))


def _request(method: str, url: str, purpose: str, params: Params) -> Request:
    request = Request(method=method, url=url, purpose=purpose)
    if method == "GET":
        return request.with_query(**params)
    return replace(request, form=params)


def _read_credentials(response: Response, step: str) -> Mapping[str, str]:
    """The members of an answer, which is a form whatever its type says it is.

    :raises ProviderUnavailable: the provider does not know the application.
    :raises ProviderError: any other refusal, and what cannot be read.
    """
    asking = step == REQUEST_STEP
    if response.status == 401 and asking:
        detail = "consumer_key or consumer_secret is wrong, or the clock of this machine"
        raise ProviderUnavailable(step, "invalid_client", detail)
    if response.status in (400, 401, 403) and not asking:
        raise ProviderError(step, "invalid_grant", "the verifier or the token is refused")
    if response.status != 200:
        hint = "; does it know the consumer_key and the callback's address?" if asking else ""
        raise ProviderError(step, "bad_answer", f"status {response.status}{hint}")
    return read_or_refuse(lambda: read_form(response.body), step)


def _pair(answer: Mapping[str, str], step: str, *, longest: int) -> tuple[Secret, Secret]:
    """Token and secret. :raises ProviderError: when one is missing, or no credential."""
    token = read_secret(answer, "oauth_token", step)
    secret = read_secret(answer, "oauth_token_secret", step)
    if token is None or secret is None or len(token) > longest or len(secret) > longest:
        raise ProviderError(step, "bad_answer", "the credentials are incomplete or too long")
    return token, secret


def _signed_url(request: Request) -> str:
    """The address, its query encoded as oauthlib reads it; what it says stays the same."""
    parts = urlsplit(request.url)
    query = urlencode(parse_qsl(parts.query, keep_blank_values=True))
    return urlunsplit(parts._replace(query=query, fragment=""))


def _signed_form(request: Request) -> str | None:
    """The form that is part of what is signed (section 3.4.1.3.1); ``None`` for other bodies."""
    if request.method in ("GET", "HEAD"):
        return None
    if request.form is not None:
        return urlencode(request.form)
    kinds = [value for name, value in request.headers.items() if name.lower() == "content-type"]
    if request.body is None or not any(kind.lower().startswith(FORM) for kind in kinds):
        return None
    return urlencode(parse_qsl(request.body.decode("utf-8"), keep_blank_values=True))


def _no_secrets(record: logging.LogRecord) -> bool:
    """Whether *record* is above the level at which oauthlib tells what it signs, tokens too."""
    return record.levelno > logging.DEBUG


for _name in ("oauthlib.oauth1.rfc5849", "oauthlib.oauth1.rfc5849.signature"):
    logging.getLogger(_name).addFilter(_no_secrets)
