"""The AT Protocol's OAuth 2.0: pushed requests, tokens bound to a key, accounts on many servers.

https://atproto.com/specs/oauth. An application registers nowhere, see :mod:`.client_metadata`. The
trip goes to one authorization server, which keeps the accounts of many servers or of itself; that
it may speak for a person, the person's DID says, see :mod:`.dids`. The DID alone names a person,
wherever the account is kept: so an identity has no issuer.

Who the authorization server is, :attr:`.OAuth2.issuer` says: here ends what is settled before the
trip. To let people of any server come, make a provider with another issuer for each trip, found by
``dids`` from the handle that a visitor typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from ..errors import Denied, ProviderError
from ..http import Params, Request, Response, Send, with_query
from ..values import Client, Flow, Grant, Identity, Intent, Token
from . import client_metadata, dids, discovery, dpop, par, refreshing, revoking, token_answer
from .base import unguessable
from .bond import Bond
from .client_metadata import Site
from .credentials import ClientAuth, public, signed
from .endpoints import Endpoints
from .identity import STEP as PROFILE_STEP
from .oauth2 import TOKEN_STEP, OAuth2
from .refreshing import Known

SCOPE = "atproto"
"""Without it nothing here holds."""


def as_document_says(request: Request, client: Client, audience: str) -> Request:
    """By the application's key, if it has one, else by its id alone."""
    prove = signed if client.private_key else public
    return prove(request, client_metadata.with_key_id(client), audience)


@dataclass(frozen=True, kw_only=True)
class Atproto(OAuth2):
    """An authorization server of the AT Protocol. Its issuer is enough; the rest is discovered."""

    issuer: str = field()
    scopes: tuple[str, ...] = (SCOPE, "transition:generic", "transition:email")
    """``atproto`` is always among them."""
    require_iss: bool | None = True
    refreshes: bool | None = True
    client_auth: ClientAuth = as_document_says
    directory_url: str = "https://plc.directory"
    """Where the documents of ``did:plc`` stand."""
    client_name: str | None = None
    """What people there are told the application is called; its host without it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if SCOPE not in self.scopes:
            object.__setattr__(self, "scopes", (SCOPE, *self.scopes))

    # Who we are.

    def enrolled(self, client: Client, site: Site) -> Client:
        """*client*, called by the address of its document if the configuration gives no id.

        :raises ConfigurationError: when there is none, or the key is of no use here.
        """
        client = client_metadata.with_key_id(client)
        if client.id != client_metadata.NO_ID:
            return client
        return replace(client, id=client_metadata.client_id(self.id, self.scopes, site))

    def client_document(self, client: Client, redirect_uris: tuple[str, ...]) -> Mapping[str, Any]:
        """What an authorization server reads at the address that is our id."""
        return client_metadata.document(client, self.scopes, redirect_uris, self.client_name)

    # Out ...

    def begin(self, client: Client, flow: Flow, send: Send) -> tuple[Flow, str]:
        """The flow with its secrets and its key, and where to send the person."""
        if flow.intent is Intent.VERIFY:
            raise Denied("cannot_verify", f"{self.id} cannot prove that the person is there now")
        endpoints = self.endpoints(send)
        flow = replace(
            flow,
            state=unguessable(),
            code_verifier=unguessable(),
            request_secret=dpop.new_key(),
            issuer=self.issuer,
        )
        flow, params = self.authorization_request(client, flow)

        def pushed() -> Request:
            return self._asking(par.asked_at(endpoints.par_url or ""), client, params)

        answer = self._bound_to(flow.request_secret, pushed, send)
        asked = {"client_id": client.id, "request_uri": par.read_request_uri(answer)}
        return flow, with_query(endpoints.authorize_url, asked)

    def authorization_request(self, client: Client, flow: Flow) -> tuple[Flow, dict[str, str]]:
        """The parameters of OAuth 2.0, and who has to come where that is known."""
        flow, params = super().authorization_request(client, flow)
        return flow, params | ({"login_hint": flow.subject} if flow.subject else {})

    def endpoints(self, send: Send) -> Endpoints:
        """Where the authorization server is spoken to, as discovered and then kept."""
        request = Request(
            url=self.issuer + discovery.OF_A_SERVER,
            purpose=discovery.STEP,
            headers={"Accept": "application/json"},
        )
        return send.cached(request, self.read_metadata)

    def read_metadata(self, response: Response) -> Endpoints:
        """The endpoints that a metadata document names; see :mod:`.discovery`."""
        return discovery.read_pushing_server(response, self.issuer, dpop.ALGORITHM)

    # ... and back.

    def complete(self, client: Client, flow: Flow, params: Params, send: Send) -> Grant:
        """What the callback brings home, once the person's own server vouches for it."""
        endpoints = self.endpoints(send)
        code = self.read_callback(endpoints, params)

        def exchanging() -> Request:
            return self.token_request(endpoints, client, flow, code)

        token = self.read_token(self._bound_to(flow.request_secret, exchanging, send))
        server = self.server_of(str(token.raw.get("sub")), send)
        bond = Bond(key=flow.request_secret, server=server, issuer=self.issuer)
        token = replace(token, secret=bond.text)
        identity = self.identify(endpoints, client, flow, token, send)
        return Grant(provider_id=self.id, token=token, identity=identity)

    def _bound_to(self, key: str, make: Callable[[], Request], send: Send) -> Response:
        """The authorization server's answer, which has to give a nonce: all of these servers do."""
        answer = dpop.sent(make, key, send)
        if answer.status < 400 and dpop.NONCE.lower() not in answer.headers:
            raise ProviderError(make().purpose, "bad_answer", "there is no DPoP-Nonce")
        return answer

    def read_token(self, response: Response, step: str = TOKEN_STEP) -> Token:
        """The token out of the answer: one that is bound, for a person who gave us ``atproto``."""
        answer = token_answer.read_answer(response, self.token_media, step)
        token = token_answer.read_token(answer, step, kind="DPoP")
        if SCOPE not in (token.scopes or ()):
            raise ProviderError(step, "bad_answer", f"the scope {SCOPE} was not granted")
        return token

    def server_of(self, did: str, send: Send) -> str:
        """The origin of the person's server, if that lets this authorization server speak for it.

        :raises ProviderError: ``wrong_server``, when it does not.
        """
        document = send(self._moved(dids.asked(did, self.directory_url)))
        server = dids.read_server(document, did)
        resource = send(self._moved(dids.resource_of(server)))
        if self.issuer not in dids.read_authorization_servers(resource, server):
            raise ProviderError(dids.STEP, "wrong_server", "the account is kept elsewhere")
        return server

    def _moved(self, request: Request) -> Request:
        return replace(request, url=self.api_address(request.url))

    def identify(
        self, endpoints: Endpoints, client: Client, flow: Flow, token: Token, send: Send
    ) -> Identity:
        """Whom the person's server tells of, which has to be who the token is of."""
        there = replace(self, api_url=self.api_home(token))
        identity = there.read_identity(client, token, send)
        if identity.subject != token.raw["sub"]:
            raise ProviderError(PROFILE_STEP, "no_subject", "the session is somebody else's")
        return identity

    def api_home(self, token: Token) -> str:
        """Where the API of the server begins that *token* is for."""
        return self.api_address(f"{Bond.of(token, PROFILE_STEP).server}/xrpc/")

    def as_person(self, request: Request, token: Token, client: Client) -> Request:
        """*request* with the token and a proof, if it goes to the person's own server."""
        bond = Bond.of(token, request.purpose)
        if not request.url.startswith(self.api_home(token)):
            raise ProviderError(request.purpose, "wrong_server", "the account is kept elsewhere")
        request = replace(self.with_headers(request, client), guarded=True)
        return dpop.bound(request, token.access_token, bond.key)

    def challenged(self, request: Request, response: Response) -> Request | None:
        """*request* with the nonce that *response* wants in the proof."""
        return dpop.challenged(request, response)

    # ... made new ...

    def refresh(self, client: Client, token: Token, known: Known, send: Send) -> Token:
        """A new token, bound to the same key, if the person's server vouches as before.

        :raises ProviderError: ``changed``, when the account moved to where nobody vouches, or the
            answer is for somebody else; ``issuer_changed``, when another server gave the token.
        """
        bond = self._bond_from_here(token, refreshing.STEP)
        try:
            server = self.server_of(known.subject, send)
        except ProviderError as error:
            if error.code != "wrong_server":
                raise
            raise ProviderError(refreshing.STEP, refreshing.CHANGED, error.detail) from None
        url = self.endpoints(send).token_url
        form = {"grant_type": "refresh_token", "refresh_token": token.refresh_token or ""}
        blank = Request(
            method="POST", url=url, purpose=refreshing.STEP, headers={"Accept": "application/json"}
        )
        response = dpop.sent(lambda: self._asking(blank, client, form), bond.key, send)
        answer = self.read_token(response, refreshing.STEP)
        if answer.raw.get("sub") != known.subject:
            raise ProviderError(refreshing.STEP, refreshing.CHANGED, "the subject is another")
        return replace(refreshing.renewed(token, answer), secret=replace(bond, server=server).text)

    # ... and given back.

    def revoke(self, client: Client, token: Token, send: Send) -> bool:
        """Give *token* back, with a proof. :raises ProviderError: when it was not taken."""
        bond = self._bond_from_here(token, revoking.STEP)
        if (request := self.revocation(client, token, send)) is None:
            return False

        def anew() -> Request:
            return self.revocation(client, token, send) or request

        revoking.check(request, dpop.sent(anew, bond.key, send))
        return True

    def _bond_from_here(self, token: Token, step: str) -> Bond:
        """The bond of *token*, which no other server ever gets to see."""
        bond = Bond.of(token, step)
        if bond.issuer != self.issuer:
            raise ProviderError(step, "issuer_changed", "another server gave the token")
        return bond

    def moved_to(self, base_url: str, played_as: str | None = None) -> Self:
        """The same provider, played by a sandbox at *base_url*, where all is discovered."""
        moved = super().moved_to(base_url, played_as)
        return replace(moved, authorize_url="", token_url="", revoke_url=None)
