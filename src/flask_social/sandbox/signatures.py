"""Signed requests (RFC 5849 section 3): what oauthlib's server half asks about a provider.

oauthlib computes and compares signatures; who is known, which credentials are good and which
nonces were seen is answered here, from the state of a :class:`.Provider`.
"""

from __future__ import annotations

import hmac
import logging
import sys
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from oauthlib.common import Request as SignedRequest
from oauthlib.oauth1 import RequestValidator
from werkzeug.wrappers import Request

from .answers import FORM, new_token
from .clients import accepts_redirect
from .provider import AccessToken, Client, Grant, Provider, RequestToken

if TYPE_CHECKING:
    from .app import Sandbox

SIGNATURE_METHODS = ("HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "PLAINTEXT")
CLOCK_TOLERANCE = 300
"""Seconds between a request's timestamp and the sandbox's clock."""
LENGTHS = (1, 200)
NOBODY = "nobody"


def signed(request: Request) -> tuple[str, str, str, dict[str, str]]:
    """*request* as oauthlib takes it: address, method, form (or nothing) and headers.

    The address is as it was sent, for a path may be escaped in more than one way. Query and form
    are escaped anew, which changes nothing in what they say: oauthlib is choosy about the way.
    """
    sent = str(request.environ.get("REQUEST_URI", ""))
    url = f"{request.scheme}://{request.host}{sent}" if sent.startswith("/") else request.url
    parts = urlsplit(url)
    form = request.get_data(as_text=True) if request.mimetype == FORM else ""
    address = urlunsplit(parts._replace(query=escaped(parts.query)))
    return address, request.method, escaped(form), dict(request.headers)


def escaped(pairs: str) -> str:
    """Query or form text, escaped as browsers do it."""
    return urlencode(parse_qsl(pairs, keep_blank_values=True))


def self_made(client_id: str) -> Client | None:
    """The client of that id in a sandbox that is not strict, see :mod:`.oauth1` for the rule."""
    if not client_id.endswith("key"):
        return None
    return Client(id=client_id, secret=f"{client_id.removesuffix('key')}secret")


class Validator(RequestValidator):
    """The answers to oauthlib about one request. Hold the provider's lock meanwhile.

    :ivar problem: what was wrong first, in the words of the OAuth Problem Reporting extension;
        empty when nothing was, or when only the signature is.
    :ivar grant: what the person at the browser agreed to, for :meth:`save_verifier`.
    """

    enforce_ssl = False  # the sandbox is on loopback
    allowed_signature_methods = SIGNATURE_METHODS
    safe_characters: ClassVar[set[str]] = set(map(chr, range(0x20, 0x7F)))
    client_key_length = request_token_length = access_token_length = LENGTHS
    nonce_length = verifier_length = LENGTHS
    timestamp_lifetime = sys.maxsize  # by oauthlib's clock; ours decides below
    dummy_client = dummy_request_token = dummy_access_token = NOBODY

    def __init__(self, sandbox: Sandbox, provider: Provider) -> None:
        super().__init__()
        self.sandbox = sandbox
        self.provider = provider
        self.problem = ""
        self.grant: Grant | None = None

    def is_good(self, good: bool, problem: str) -> bool:
        """*good*; where it is not, *problem* is remembered unless there was one before."""
        if not good:
            self.problem = self.problem or problem
        return good

    # Who signs

    def validate_client_key(self, client_key: str, request: SignedRequest) -> bool:
        """Whether the client is known, by registration or by the rule for self-made ones."""
        client = self.provider.clients.get(client_key)
        if client is None and not self.sandbox.strict:
            client = self_made(client_key)
        if client is not None and client.secret is not None:
            self.provider.clients[client_key] = client
            return True
        return self.is_good(False, "consumer_key_unknown")

    def get_client_secret(self, client_key: str, request: SignedRequest) -> str:
        """The client's secret, or one that nobody can have signed with."""
        client = self.provider.clients.get(client_key)
        return new_token() if client is None or client.secret is None else client.secret

    def validate_timestamp_and_nonce(
        self,
        client_key: str,
        timestamp: str,
        nonce: str,
        request: SignedRequest,
        request_token: str | None = None,
        access_token: str | None = None,
    ) -> bool:
        """Now, by the sandbox's clock, and once for this client and token (section 3.3)."""
        late = abs(self.sandbox.now() - int(timestamp)) > CLOCK_TOLERANCE
        used = (client_key, request_token or access_token or "", nonce)
        seen = used in self.provider.nonces_seen
        self.provider.nonces_seen.add(used)
        return self.is_good(not late, "timestamp_refused") and self.is_good(not seen, "nonce_used")

    # Temporary credentials (section 2.1)

    def validate_redirect_uri(
        self, client_key: str, redirect_uri: str, request: SignedRequest
    ) -> bool:
        """Exactly a registered callback; with none registered, any address of this machine."""
        client = self.provider.clients.get(client_key) or Client(id=client_key)
        return self.is_good(accepts_redirect(client, redirect_uri), "callback_refused")

    def save_request_token(self, token: Any, request: Any) -> None:
        """Remember temporary credentials, with the callback that they are for."""
        lifetime = self.provider.script.request_token_lifetime
        self.provider.request_tokens[token["oauth_token"]] = RequestToken(
            client_id=request.client_key,
            secret=token["oauth_token_secret"],
            callback=request.redirect_uri,
            expires_at=self.sandbox.now() + lifetime,
        )

    # The person's word (section 2.2)

    def verify_request_token(self, token: str, request: SignedRequest) -> bool:
        """Whether these temporary credentials still wait for the person's word."""
        held = self.provider.request_tokens.get(token)
        return held is not None and held.grant is None and self.sandbox.now() < held.expires_at

    def get_redirect_uri(self, token: str, request: SignedRequest) -> str:
        """``oob``, by which oauthlib hands out the answer as a form: we build the redirect."""
        return "oob"

    def save_verifier(self, token: str, verifier: Any, request: SignedRequest) -> None:
        """Bind the verifier and the person's consent to the temporary credentials."""
        held = self.provider.request_tokens[token]
        held.verifier, held.grant = verifier["oauth_verifier"], self.grant

    # Token credentials (section 2.3)

    def validate_request_token(self, client_key: str, token: str, request: SignedRequest) -> bool:
        """Whether these temporary credentials are this client's, approved, fresh and unused."""
        held = self.provider.request_tokens.get(token)
        if held is None or held.client_id != client_key or held.grant is None:
            return self.is_good(False, "token_rejected")
        if held.spent:
            return self.is_good(False, "token_used")
        return self.is_good(self.sandbox.now() < held.expires_at, "token_expired")

    def validate_verifier(
        self, client_key: str, token: str, verifier: str, request: SignedRequest
    ) -> bool:
        """Whether the verifier is that of these temporary credentials."""
        held = self.provider.request_tokens.get(token)
        expected = new_token() if held is None or held.grant is None else held.verifier
        same = hmac.compare_digest(expected.encode(), verifier.encode())
        return self.is_good(same, "verifier_invalid")

    def get_request_token_secret(self, client_key: str, token: str, request: SignedRequest) -> str:
        """Their secret, or one that nobody can have signed with."""
        held = self.provider.request_tokens.get(token)
        return new_token() if held is None else held.secret

    def save_access_token(self, token: Any, request: Any) -> None:
        """Remember token credentials for what the person agreed to."""
        held = self.provider.request_tokens[request.resource_owner_key]
        assert held.grant is not None  # noqa: S101 - validate_request_token saw it
        lifetime = self.provider.script.access_token_lifetime
        expires_at = None if lifetime is None else self.sandbox.now() + lifetime
        issued = AccessToken(held.grant, expires_at, token["oauth_token_secret"])
        self.provider.access_tokens[token["oauth_token"]] = issued

    def invalidate_request_token(
        self, client_key: str, request_token: str, request: SignedRequest
    ) -> None:
        """Temporary credentials are used once."""
        self.provider.request_tokens[request_token].spent = True

    # The API (section 3)

    def validate_access_token(self, client_key: str, token: str, request: SignedRequest) -> bool:
        """Whether these token credentials are this client's, and live."""
        held = self.provider.access_tokens.get(token)
        if held is None or held.grant.client_id != client_key or held.grant.revoked:
            return self.is_good(False, "token_rejected")
        fresh = held.expires_at is None or self.sandbox.now() < held.expires_at
        return self.is_good(fresh, "token_expired")

    def get_access_token_secret(self, client_key: str, token: str, request: SignedRequest) -> str:
        """Their secret, or one that nobody can have signed with."""
        held = self.provider.access_tokens.get(token)
        return new_token() if held is None else held.secret

    # Realms mean nothing here.

    def check_realms(self, realms: list[str]) -> bool:
        return True

    def get_default_realms(self, client_key: str, request: SignedRequest) -> list[str]:
        return []

    def get_realms(self, token: str, request: SignedRequest) -> list[str]:
        return []

    def validate_requested_realms(
        self, client_key: str, realms: list[str], request: SignedRequest
    ) -> bool:
        return True

    def validate_realms(
        self,
        client_key: str,
        token: str,
        request: SignedRequest,
        uri: str | None = None,
        realms: list[str] | None = None,
    ) -> bool:
        return True


def no_secrets(record: logging.LogRecord) -> bool:
    """Whether *record* is above the level at which oauthlib tells what it verifies."""
    return record.levelno > logging.DEBUG


for _name in ("oauthlib.oauth1.rfc5849", "oauthlib.oauth1.rfc5849.signature"):
    logging.getLogger(_name).addFilter(no_secrets)
