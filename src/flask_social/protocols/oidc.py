"""OpenID Connect: OAuth 2.0 that says who signed in (Core 1.0, authorization code flow)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlsplit

from .. import clock
from ..errors import ConfigurationError, Denied, ProviderError
from ..http import Params, Request, Response, Send
from ..values import PLACE, Client, Flow, Grant, Identity, Intent, Token
from . import admission, discovery, id_token, refreshing, userinfo
from .admission import Required, read_required
from .base import require_object, unguessable
from .clocks import Listening, WrongTime
from .credentials import bearer
from .endpoints import Endpoints
from .id_token import Claims, Rules
from .identity import STEP as PROFILE_STEP
from .identity import Profile, claims, standard_claims
from .keys import ALGORITHMS, FindKeys, fetched
from .oauth2 import OAuth2
from .refreshing import Known

__all__ = ["OIDC", "claims", "standard_claims"]


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
    required_claims: tuple[str, ...] = ()
    """What claims have to hold, else nobody is let in: ``("hd=acme.example",)`` is one Google
    Workspace, two values for one claim are alternatives, and of a claim that is a list one member
    is enough. The claims are those of the ID token and UserInfo, at each trip, and again where a
    refresh brings an ID token; a parameter of the request (``hd``) restricts nobody."""
    reauthenticates: bool = True
    reauth_params: Mapping[str, str] = field(
        default_factory=lambda: {"prompt": "login", "max_age": "0"}
    )

    email_trust: str | None = "flag"

    def __post_init__(self) -> None:
        super().__post_init__()
        if "openid" not in self.scopes:
            object.__setattr__(self, "scopes", ("openid", *self.scopes))
        read_required(self.id, self.required_claims)
        if not self.algorithms or any(each not in ALGORITHMS for each in self.algorithms):
            raise ConfigurationError(f"{self.id}: algorithms are some of {', '.join(ALGORITHMS)}.")
        issuer = urlsplit(
            PLACE.sub("https://place", self.issuer)
        )  # a place is filled by a configuration
        if issuer.scheme not in ("https", "http") or issuer.query or issuer.fragment:
            raise ConfigurationError(f"{self.id}: issuer is no address without a query.")

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
        needed = self._needed() & discovery.REQUIRED
        return discovery.read_metadata(response, self.announced, self._given(), needed)

    @property
    def announced(self) -> str:
        """What its metadata call the issuer."""
        return self.issuer

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
        rules = replace(
            self.rules(client, flow.nonce, flow.created_at),
            nonce_required=self.nonce,
            auth_time_required=self.auth_time and flow.intent is Intent.VERIFY,
        )
        return self.named(self._profile(endpoints, client, token, rules, send))

    def _profile(
        self, endpoints: Endpoints, client: Client, token: Token, rules: Rules, send: Send
    ) -> Claims:
        """All that is told of the person, by an ID token that must be as *rules* say."""
        find, flags = self.finder(endpoints, token, send), userinfo.flags_of(self.identity)
        profile = id_token.check(token.id_token, token.access_token, rules, find)
        subject = profile["sub"]
        if self._asks_userinfo(endpoints, profile):
            request = self.with_headers(userinfo.asked_at(endpoints.userinfo_url), client)
            request = bearer(request, token, client)
            found = userinfo.fetch(request, subject, rules, find, send)
            profile = userinfo.merged(profile, found, flags)
        if self.profile or self.profile_call:
            found = require_object(self.fetch_profile(client, token, send), PROFILE_STEP)
            userinfo.require_subject(found.get("sub", subject), subject)
            profile = userinfo.merged(profile, found, flags)
        return profile

    def named(self, profile: Claims) -> Identity:
        """Who *profile* is about. :raises Denied: when it lacks what is required."""
        admission.require(self._required, profile)
        return self.identified(self.identity or standard_claims, profile)

    @property
    def _required(self) -> Required:
        return read_required(self.id, self.required_claims)

    def identified(self, identity: Callable[[Profile], Identity], profile: Profile) -> Identity:
        """As inherited, with the issuer."""
        return replace(super().identified(identity, profile), issuer=self.issuer)

    def rules(self, client: Client, nonce: str | None, started_at: int) -> Rules:
        """What an ID token must be, to begin with."""
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
            # In vain afterwards, the refresh token would be spent.
            fetched(endpoints.jwks_url, listening, anew=False)
        bare = replace(token, id_token=None)  # then one that is there came with the answer
        answer = super().refresh(client, bare, known, listening)
        if answer.id_token is None:
            return replace(answer, id_token=token.id_token)
        earlier = refreshing.claims_of(token.id_token)
        nonce = earlier.get("nonce")
        rules = replace(
            self.rules(client, nonce if isinstance(nonce, str) else None, started_at),
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
        find = self.finder(endpoints, token, send)
        claims = id_token.check(token.id_token, token.access_token, rules, find)
        refreshing.check_same(claims, earlier)
        if not self.required_claims and (earlier or not self.identity):
            return None if self.identity else str(claims["sub"])
        try:
            return self.named(self._profile(endpoints, client, token, rules, send)).subject
        except Denied as error:
            raise ProviderError(refreshing.STEP, refreshing.CHANGED, error.detail) from None

    # ... and beside it.

    def finder(self, endpoints: Endpoints, token: Token, send: Send) -> FindKeys:
        """What finds the keys that may have signed what came with *token*."""
        url = endpoints.jwks_url or ""  # never empty where an algorithm wants keys
        return lambda anew: fetched(url, send, anew)

    def _asks_userinfo(self, endpoints: Endpoints, claims: Claims) -> bool:
        if self.userinfo is None:
            lacks_some = not userinfo.SHOWN & claims.keys() or self._required.keys() - claims.keys()
            return bool(endpoints.userinfo_url and lacks_some)
        return self.userinfo

    def moved_to(self, base_url: str, played_as: str | None = None) -> Self:
        """The same provider, played by a sandbox at *base_url*, where all is discovered."""
        return replace(
            super().moved_to(base_url, played_as),
            authorize_url="",
            token_url="",
            userinfo_url=None,
            jwks_url=None,
            discovery_url=None,
            issuer_aliases=(),
        )
