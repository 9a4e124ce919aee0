"""OpenID Connect: OAuth 2.0 that says who signed in (Core 1.0, authorization code flow)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlsplit

from .. import clock
from ..errors import ConfigurationError, ProviderError
from ..http import Params, Request, Response, Send
from ..values import Client, Flow, Grant, Identity, Intent, Token
from . import discovery, id_token, refreshing, userinfo
from .base import read_by_hook, require_object, unguessable
from .clocks import Listening, WrongTime
from .credentials import bearer
from .id_token import Claims, Rules
from .identity import STEP as PROFILE_STEP
from .identity import fields
from .keys import ALGORITHMS, Keys, read_keys
from .keys import STEP as KEYS_STEP
from .oauth2 import Endpoints, OAuth2
from .refreshing import Known

standard_claims = fields(
    subject="sub",
    username="preferred_username",
    name="name",
    email="email",
    email_verified="email_verified",
    profile_url="profile",
    image_url="picture",
)
"""An identity out of the standard claims (Core 5.1)."""


@dataclass(frozen=True, kw_only=True)
class OIDC(OAuth2):
    """A provider of OpenID Connect. Its issuer is enough; addresses given win over discovery."""

    issuer: str = field()
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    """``openid`` is always among them."""
    discovery_url: str | None = None
    """Where the metadata stands, if not below the issuer."""
    userinfo_url: str | None = None
    jwks_url: str | None = None
    algorithms: tuple[str, ...] = ("RS256",)
    """The only ones that an ID token may be signed with, whatever the metadata say. ``HS*``
    take the client secret as their key."""
    issuer_aliases: tuple[str, ...] = ()
    """Other spellings of the issuer that its ID tokens carry."""
    trusted_audiences: tuple[str, ...] = ()
    """Who may stand in ``aud`` beside this application (Core 3.1.3.7, 3)."""
    nonce: bool = True
    """False only with a reason beside it: the provider does not give it back."""
    auth_time: bool = True
    """False only with a reason beside it: a verify trip goes without ``auth_time``."""
    userinfo: bool | None = None
    """Ask UserInfo: always, never, or (``None``) when the ID token has nothing to show."""
    reauthenticates: bool = True
    reauth_params: Mapping[str, str] = field(
        default_factory=lambda: {"prompt": "login", "max_age": "0"}
    )

    def __post_init__(self) -> None:
        if "openid" not in self.scopes:
            object.__setattr__(self, "scopes", ("openid", *self.scopes))
        issuer = urlsplit(self.issuer)
        if issuer.scheme not in ("https", "http") or issuer.query or issuer.fragment:
            raise ConfigurationError(f"{self.id}: issuer is no address without a query.")
        if not self.algorithms or any(each not in ALGORITHMS for each in self.algorithms):
            raise ConfigurationError(f"{self.id}: algorithms are some of {', '.join(ALGORITHMS)}.")

    # Out ...

    def authorization_request(self, client: Client, flow: Flow) -> tuple[Flow, dict[str, str]]:
        """The parameters of OAuth 2.0, and a nonce (Core 3.1.2.1)."""
        flow, params = super().authorization_request(client, replace(flow, nonce=unguessable()))
        return flow, params | {"nonce": flow.nonce}

    def endpoints(self, send: Send) -> Endpoints:
        """Where this provider is spoken to: as given, else as discovered and then kept."""
        given = self._given()
        if not self._needed() - given.keys():
            return Endpoints(**given, iss_required=False)
        request = Request(
            url=self.discovery_url or discovery.address_of(self.issuer),
            purpose=discovery.STEP,
            headers={"Accept": "application/json"},
        )
        return send.cached(request, self.read_metadata)

    def read_metadata(self, response: Response) -> Endpoints:
        """The endpoints that a metadata document names; see :mod:`.discovery`."""
        return discovery.read_metadata(response, self.issuer, self._given())

    def _given(self) -> dict[str, str]:
        """The addresses that are stated here, by field."""
        return {name: url for name in discovery.MEMBERS if (url := getattr(self, name))}

    def _needed(self) -> set[str]:
        """The addresses that no trip can do without."""
        by_secret = all(ALGORITHMS[each].key_type == "oct" for each in self.algorithms)
        userinfo = {"userinfo_url"} if self.userinfo else set()
        return set(discovery.REQUIRED) - ({"jwks_url"} if by_secret else set()) | userinfo

    # ... and back.

    def complete(self, client: Client, flow: Flow, params: Params, send: Send) -> Grant:
        """As inherited; of a token from another time the operator is told whose clock is wrong."""
        listening = Listening(send)
        try:
            return super().complete(client, flow, params, listening)
        except WrongTime as error:
            raise error.beside(listening.ahead) from None

    def identify(
        self, endpoints: Endpoints, client: Client, flow: Flow, token: Token, send: Send
    ) -> Identity:
        """Who signed in, by the ID token and, where that shows nothing, by UserInfo."""
        return self._identified(endpoints, client, token, self.rules(client, flow), send)

    def _identified(
        self, endpoints: Endpoints, client: Client, token: Token, rules: Rules, send: Send
    ) -> Identity:
        """The same, of an ID token that must be as *rules* say."""

        def find(anew: bool) -> Keys:
            return self.keys(endpoints, send, anew)

        profile = id_token.check(token.id_token, token.access_token, rules, find)
        if self._asks_userinfo(endpoints, profile):
            request = bearer(_userinfo_request(endpoints), token, client)
            found = userinfo.fetch(request, profile["sub"], rules, find, send)
            profile = userinfo.merged(profile, found)
        if self.profile or self.profile_call:
            found = require_object(self.fetch_profile(client, token, send), PROFILE_STEP)
            profile = userinfo.merged(profile, found)
        identity = self.identity or standard_claims
        return replace(read_by_hook(lambda: identity(profile), PROFILE_STEP), issuer=self.issuer)

    def rules(self, client: Client, flow: Flow) -> Rules:
        """What the ID token of this trip must be."""
        return replace(
            self._rules(client, flow.nonce, flow.created_at),
            nonce_required=self.nonce,
            auth_time_required=self.auth_time and flow.intent is Intent.VERIFY,
        )

    def _rules(self, client: Client, nonce: str | None, started_at: int) -> Rules:
        return Rules(
            issuers=(self.issuer, *self.issuer_aliases),
            client_id=client.id,
            client_secret=client.secret,
            algorithms=self.algorithms,
            trusted_audiences=self.trusted_audiences,
            nonce=nonce,
            started_at=started_at,
        )

    # ... made new ...

    def refresh(self, client: Client, token: Token, known: Known, send: Send) -> Token:
        """As inherited. An ID token in the answer has to go on where the last one ended."""
        listening, started_at = Listening(send), clock.now()
        if token.id_token and (endpoints := self.endpoints(listening)).jwks_url:
            self.keys(endpoints, listening)  # in vain afterwards, the refresh token would be spent
        bare = replace(token, id_token=None)  # then one that is there came with the answer
        answer = super().refresh(client, bare, known, listening)
        if answer.id_token is None:
            return replace(answer, id_token=token.id_token)
        earlier = refreshing.claims_of(token.id_token)
        nonce = earlier.get("nonce")
        rules = replace(
            self._rules(client, nonce if isinstance(nonce, str) else None, started_at),
            nonce_required=False,
            foreign=refreshing.CHANGED,
        )
        try:
            subject = self._refreshed_subject(client, answer, rules, earlier, listening)
        except WrongTime as error:
            raise error.beside(listening.ahead) from None
        if subject not in (None, known.subject):
            raise ProviderError(refreshing.STEP, refreshing.CHANGED, "the subject is another")
        return answer

    def _refreshed_subject(
        self, client: Client, token: Token, rules: Rules, earlier: Claims, send: Send
    ) -> str | None:
        """Whose the refreshed *token* is (Core 12.2); ``None`` where the *earlier* one vouches."""
        endpoints = self.endpoints(send)
        if self.identity and not earlier:
            return self._identified(endpoints, client, token, rules, send).subject

        def find(anew: bool) -> Keys:
            return self.keys(endpoints, send, anew)

        claims = id_token.check(token.id_token, token.access_token, rules, find)
        refreshing.check_same(claims, earlier)
        return None if self.identity else str(claims["sub"])

    # ... and beside it.

    def keys(self, endpoints: Endpoints, send: Send, anew: bool = False) -> Keys:
        """The provider's keys, as kept or asked for *anew* (Core 10.1.1)."""
        request = Request(
            url=endpoints.jwks_url or "",  # never empty where an algorithm wants keys
            purpose=KEYS_STEP,
            headers={"Accept": "application/json, application/jwk-set+json"},
        )
        return send.cached(request, read_keys, refetch=anew)

    def _asks_userinfo(self, endpoints: Endpoints, claims: Claims) -> bool:
        if self.userinfo is None:
            return bool(endpoints.userinfo_url) and not userinfo.SHOWN & claims.keys()
        return self.userinfo

    def moved_to(self, base_url: str) -> Self:
        """The same provider, played by a sandbox at *base_url*, where all is discovered."""
        return replace(
            super().moved_to(base_url),
            authorize_url="",
            token_url="",
            userinfo_url=None,
            jwks_url=None,
            discovery_url=None,
            issuer_aliases=(),
        )


def _userinfo_request(endpoints: Endpoints) -> Request:
    """:raises ProviderError: when the provider has no UserInfo, and yet it is asked for."""
    if not (url := endpoints.userinfo_url):
        raise ProviderError(userinfo.STEP, "bad_metadata", "the provider has no UserInfo")
    return Request(url=url, purpose=userinfo.STEP, headers={"Accept": "application/json"})
