"""OAuth 2.0: the authorization code grant with PKCE and no other (RFC 6749, 7636, 9207, 9700)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from ..errors import Denied, ProviderError
from ..http import Params, Request, Response, Send, with_query
from ..values import Client, Flow, Grant, Identity, Intent, Token
from . import held, refreshing, revoking, token_answer
from .base import SURROGATE, read_by_hook, refuse_error, s256, unguessable
from .credentials import ClientAuth, post
from .endpoints import Answer, Endpoints
from .profile import ApiProvider
from .refreshing import Known

CALLBACK_STEP = "reading the callback"
TOKEN_STEP = "exchanging the code"


@dataclass(frozen=True, kw_only=True)
class OAuth2(ApiProvider):
    """A provider of OAuth 2.0. Every field that is not an address has a default that is safe."""

    authorize_url: str = ""
    token_url: str = ""
    issuer: str | None = None
    """Compared with the callback's ``iss`` where both are known (RFC 9207 section 2.4)."""
    require_iss: bool | None = None
    """Whether an answer must carry ``iss``; ``None``: where the provider says that it sends it.
    False only where something on the way strips it: then a mix-up is caught by state alone."""
    scopes: tuple[str, ...] = ()
    """What is asked for. Places are filled from the client: ``("service:{service_code}",)``."""
    offline_scopes: tuple[str, ...] = ()
    """Further ones where a refresh token is asked for, see :attr:`offline`."""
    scope_separator: str = " "
    renames: Mapping[str, str] = field(default_factory=dict)
    """What the provider calls parameters of the standard, in all that is sent:
    ``{"client_id": "client_key"}``."""
    pkce: bool = True
    """False only with a reason beside it: the provider refuses requests that carry a challenge."""
    response_mode: str | None = None
    """``form_post`` where the answer comes as a POST from the provider's own site."""
    authorize_params: Mapping[str, str] = field(default_factory=dict)
    """Further ones. Places are filled from the client: ``{"agent": "{agent_id}"}``."""
    kept: str | None = None
    """A parameter of the callback that is needed as long as the token is, a device's id for
    instance, and therefore kept with it, as :attr:`.Token.secret`."""
    offline: bool | None = None
    """Ask for a refresh token: always, never, or (``None``) when an account is connected."""
    offline_params: Mapping[str, str] = field(default_factory=dict)
    refreshes: bool | None = True
    """Whether it gives refresh tokens, asked or unasked; ``None`` where that depends on how the
    application is registered. It decides nothing: people are told."""
    reauthenticates: bool = False
    """Whether coming back proves that the person is there now, as a verify trip must."""
    reauth_params: Mapping[str, str] = field(default_factory=dict)
    token_method: str = "POST"
    """``GET`` only where the provider takes nothing else: it puts the secret into an address."""
    token_params: Mapping[str, str] = field(default_factory=dict)
    """Further ones, when a token is asked for and when it is refreshed. Places are filled from the
    client, ``{state}`` and ``{kept}``; one that cannot be filled is left out."""
    refresh_url: str | None = None
    """Where a token is refreshed, if not at *token_url*."""
    token_media: str = "application/json"
    """The media type of the token answer, where it is not JSON."""
    assume_bearer: bool = False
    """Take a token without ``token_type`` for a bearer token (RFC 6749 section 5.1 wants one)."""
    register_url: str | None = None
    """Where an application registers by itself, by a form as Mastodon's servers take it; ``None``
    where somebody does that by hand."""
    client_auth: ClientAuth = post
    shape_authorize: Callable[[dict[str, str]], dict[str, str]] | None = None
    shape_token_request: Callable[[Request], Request] | None = None
    shape_token: Callable[[dict[str, Any]], dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        held.require_kept(self.id, self.renames, self.credentials)

    # Out ...

    def begin(self, client: Client, flow: Flow, send: Send) -> tuple[Flow, str]:
        """The flow with its secrets, and where to send the person (RFC 6749 section 4.1.1)."""
        if flow.intent is Intent.VERIFY and not self.reauthenticates:
            raise Denied("cannot_verify", f"{self.id} cannot prove that the person is there now")
        endpoints = self.endpoints(send)
        flow = replace(flow, state=unguessable(), code_verifier=unguessable(), issuer=self.issuer)
        flow, params = self.authorization_request(client, flow)
        shaped = self.shape_authorize(dict(params)) if self.shape_authorize else params
        return flow, with_query(endpoints.authorize_url, self.renamed(shaped | held.of(params)))

    def authorization_request(self, client: Client, flow: Flow) -> tuple[Flow, dict[str, str]]:
        """The parameters of the request; what must hold comes last and cannot be overridden."""
        wants_offline = self.wants_offline(flow)
        asked = (*self.scopes, *(self.offline_scopes if wants_offline else ()))
        scopes = [scope for scope in map(client.fill, asked) if scope]
        params = {
            **({"scope": self.scope_separator.join(dict.fromkeys(scopes))} if scopes else {}),
            **({"response_mode": self.response_mode} if self.response_mode else {}),
            **client.filled(self.authorize_params),
            **(self.offline_params if wants_offline else {}),
            **(self.reauth_params if flow.intent is Intent.VERIFY else {}),
            "response_type": "code",
            "client_id": client.id,
            "redirect_uri": flow.callback_url,
            "state": flow.state,
        }
        if self.pkce:
            params |= {"code_challenge": s256(flow.code_verifier), "code_challenge_method": "S256"}
        return flow, params

    def wants_offline(self, flow: Flow) -> bool:
        """Whether a token is asked for that can be refreshed, see :attr:`offline`."""
        connecting = flow.intent in (Intent.CONNECT, Intent.RECONNECT)
        return connecting if self.offline is None else self.offline

    # ... and back.

    def complete(self, client: Client, flow: Flow, params: Params, send: Send) -> Grant:
        """What the callback brings home: one token request, then whatever tells who it is."""
        endpoints = self.endpoints(send)
        answer = self.read_callback(endpoints, params)
        request = self.token_request(endpoints, client, flow, answer)
        token = replace(self.read_token(send(request)), secret=answer.kept)
        identity = self.identify(endpoints, client, flow, token, send)
        return Grant(provider_id=self.id, token=token, identity=identity)

    def endpoints(self, send: Send) -> Endpoints:
        """Where this provider is spoken to."""
        return Endpoints(
            authorize_url=self.authorize_url, token_url=self.token_url, revoke_url=self.revoke_url
        )

    def read_callback(self, endpoints: Endpoints, params: Params) -> Answer:
        """The code, once the answer is known to be this provider's (RFC 9207 section 2.4)."""
        issuer = params.get("iss")
        required = endpoints.iss_required if self.require_iss is None else self.require_iss
        if issuer is None and required:
            raise ProviderError(CALLBACK_STEP, "missing_iss", "RFC 9207: the answer lacks iss")
        if issuer is not None and self.issuer is not None and not self.is_issuer(issuer):
            raise ProviderError(CALLBACK_STEP, "wrong_iss", "RFC 9207: iss names another server")
        refuse_error(params, CALLBACK_STEP)
        if not (code := params.get("code")) or SURROGATE.search(code):
            raise ProviderError(CALLBACK_STEP, "missing_code", "neither a code nor an error")
        kept = params.get(self.kept, "") if self.kept else None
        if kept == "" or SURROGATE.search(kept or ""):
            raise ProviderError(CALLBACK_STEP, "missing_parameter", f"{self.kept} is missing")
        return Answer(code=code, kept=kept)

    def is_issuer(self, issuer: str) -> bool:
        """Whether *issuer* is the one that is asked here."""
        return issuer == self.issuer

    def token_request(
        self, endpoints: Endpoints, client: Client, flow: Flow, answer: Answer
    ) -> Request:
        """The request that turns the code into a token (RFC 6749 section 4.1.3, RFC 7636 4.5)."""
        form = {
            "grant_type": "authorization_code",
            "code": answer.code,
            "redirect_uri": flow.callback_url,
            **({"code_verifier": flow.code_verifier} if self.pkce else {}),
        }
        params = client.filled(self.token_params, state=flow.state, kept=answer.kept)
        request = token_answer.asked_at(endpoints.token_url, TOKEN_STEP)
        return self._asking(request, client, params | form)

    def read_token(self, response: Response, step: str = TOKEN_STEP) -> Token:
        """The token out of the answer (RFC 6749 section 5)."""
        answer = token_answer.read_answer(response, self.token_media, step)
        if shape := self.shape_token:
            answer = read_by_hook(lambda: shape(answer), step)
            token_answer.refuse_token_error(answer, step)
        return token_answer.read_token(answer, step, assume_bearer=self.assume_bearer)

    def _asking(self, request: Request, client: Client, form: Params) -> Request:
        """*request* with *form*, as this provider takes it, and with who we are."""
        request = self.with_headers(replace(request, form=form), client)
        request = self.client_auth(request, client, self.issuer or request.url)
        if request.form is not None:
            request = replace(request, form=self.renamed(request.form))
        if self.token_method == "GET":
            request = replace(request, method="GET", form=None).with_query(**(request.form or {}))
        return self.shape_token_request(request) if self.shape_token_request else request

    def renamed(self, params: Params) -> dict[str, str]:
        """*params* by the names that this provider has for them."""
        return {self.renames.get(name, name): value for name, value in params.items()}

    def identify(
        self, endpoints: Endpoints, client: Client, flow: Flow, token: Token, send: Send
    ) -> Identity:
        """Who granted it, from the provider's API and by the token just obtained."""
        return replace(self.read_identity(client, token, send), issuer=self.issuer)

    # ... made new ...

    def refresh(self, client: Client, token: Token, known: Known, send: Send) -> Token:
        """A new token for the refresh token in *token* (RFC 6749 section 6).

        What the answer does not bring, a refresh token or scopes, stays as it was.

        :param known: whose it is.
        :raises ProviderError: ``changed``, when the answer is for somebody else;
            ``issuer_changed``, without asking, when the token is another issuer's.
        """
        if known.issuer and not self.is_issuer(known.issuer):
            raise ProviderError(refreshing.STEP, "issuer_changed", "the row has another")
        endpoints = self.endpoints(send)
        url = self.refresh_url or endpoints.token_url
        params = client.filled(self.token_params, state=unguessable(), kept=token.secret)
        form = {"grant_type": "refresh_token", "refresh_token": token.refresh_token or ""}
        request = self._asking(token_answer.asked_at(url, refreshing.STEP), client, params | form)
        answer = self.read_token(send(request), refreshing.STEP)
        return refreshing.renewed(token, answer)

    # ... and given back.

    def revocation(self, client: Client, token: Token, send: Send) -> Request | None:
        """The request that gives *token* back (RFC 7009 section 2.1); ``None`` where none does."""
        endpoints = self.endpoints(send)
        if not endpoints.revoke_url:
            return None
        request = self.with_headers(revoking.asked_at(endpoints.revoke_url), client)
        if self.shape_revoke:
            return self.shape_revoke(request, token, client)
        request = revoking.with_token(request, token, client)
        request = self.client_auth(request, client, self.issuer or endpoints.token_url)
        return replace(request, form=self.renamed(request.form or {}))

    def moved_to(self, base_url: str, played_as: str | None = None) -> Self:
        """The same provider, played by a sandbox at *base_url* (which ends in a slash).

        :param played_as: under what name, if not its id.
        """
        home = f"{base_url}{played_as or self.id}"
        return replace(
            self,
            authorize_url=f"{home}/authorize",
            token_url=f"{home}/token",
            api_url=f"{home}/api/",
            refresh_url=f"{home}/refresh" if self.refresh_url else None,
            revoke_url=self.at_home(self.revoke_url, home, "revoke"),
            register_url=self.at_home(self.register_url, home, "register"),
            issuer=home if self.issuer else None,
            played_at=home,
        )
