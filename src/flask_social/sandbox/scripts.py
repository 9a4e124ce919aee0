"""What each provider is like: one description per provider, which the endpoints play."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from .people import SubjectKind

if TYPE_CHECKING:
    from .played import Play

POST = "client_secret_post"
BASIC = "client_secret_basic"
NONE = "none"
ASSERTION = "private_key_jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderScript:
    """A provider to play. The defaults are an exemplary one; a flag tells where one differs."""

    id: str
    name: str = ""
    """For the consent page; the capitalised id where empty."""
    kind: Literal["oidc", "oauth2", "oauth1", "openid2"] = "oidc"
    shape: Literal[
        "oidc", "plain", "github", "facebook", "foursquare", "linkedin", "twitter", "vk", "played"
    ] = "oidc"
    """Whose profile format the API speaks; ``played``: that of *play*."""
    play: Play | None = None
    """The dialect of a provider that is played from a description, see :mod:`.played`."""
    subject: SubjectKind = "text"
    subject_length: int = 20

    default_scopes: tuple[str, ...] = ()
    scope_separator: str = " "
    granted_separator: str = " "
    """Between the scopes in a token answer."""
    pkce_required: bool = False
    response_mode: Literal["query", "form_post"] = "query"
    """How answers travel when the request does not say (``form_post``: always)."""
    sends_iss: bool = True
    """RFC 9207, OpenID Connect providers alone."""
    callback_extras: Mapping[str, str] = field(default_factory=dict)
    denial_extras: Mapping[str, str] = field(default_factory=dict)
    """What the authorization answer carries beside the standard's parameters."""
    scope_in_callback: bool = False
    """The authorization answer tells the granted scopes."""
    code_lifetime: int = 60
    """Seconds."""

    auth_methods: tuple[str, ...] = (POST, BASIC, NONE, ASSERTION)
    token_by_get: bool = False
    token_form: bool = False
    """The token answer is form-encoded unless JSON is accepted."""
    errors_in_200: bool = False
    token_type: str | None = "Bearer"
    access_token_lifetime: int | None = 3600
    """Seconds; ``None``: no ``expires_in``, never expires."""
    refresh: Literal["never", "always", "offline_access", "access_type", "played"] = "always"
    """When a refresh token is given: by the scope, by Google's ``access_type=offline``, or as
    *play* says."""
    rotates: bool = True
    revoke_needs_client: bool = True

    id_token_alg: str = "RS256"
    """What ID tokens are signed by, with the client's secret where that is an HMAC."""
    signed_userinfo: bool = False
    echoes_nonce: bool = True
    claims_in_id_token: bool = True
    """The ID token carries name, e-mail and picture, as the scopes allow, not only UserInfo."""
    token_in_query: str | None = None
    """The query parameter that the API takes a token in, beside the header."""

    denial: Literal["denied", "oauth_problem"] = "oauth_problem"
    """What takes a refusal back to the client, OAuth 1.0a alone: Twitter's parameter, or that of
    the OAuth Problem Reporting extension."""
    request_token_lifetime: int = 300
    """Seconds from the request for temporary credentials to their exchange."""
    form_type: str = "application/x-www-form-urlencoded"
    """The content type of credentials in OAuth 1.0a, which are a form whatever it says."""

    @property
    def title(self) -> str:
        """What the consent page calls it."""
        return self.name or self.id.capitalize()


GOOGLE = ProviderScript(
    id="google",
    name="Google",
    subject="digits",
    subject_length=21,
    default_scopes=("openid", "email", "profile"),
    auth_methods=(POST, BASIC),
    callback_extras={"authuser": "0", "prompt": "consent"},
    scope_in_callback=True,
    refresh="access_type",
    rotates=False,
    revoke_needs_client=False,
)
LINKEDIN = ProviderScript(
    id="linkedin",
    name="LinkedIn",
    shape="linkedin",
    subject_length=8,
    default_scopes=("openid", "profile", "email"),
    sends_iss=False,
    auth_methods=(POST,),
    access_token_lifetime=60 * 86400,
    refresh="never",
    echoes_nonce=False,
)
FACEBOOK = ProviderScript(
    id="facebook",
    name="Facebook",
    kind="oauth2",
    shape="facebook",
    subject="digits",
    subject_length=17,
    default_scopes=("email", "public_profile"),
    scope_separator=",",
    denial_extras={"error_reason": "user_denied", "error_code": "200"},
    auth_methods=(POST,),
    token_by_get=True,
    token_type="bearer",
    access_token_lifetime=5400,
    refresh="never",
    token_in_query="access_token",
)
FOURSQUARE = ProviderScript(
    id="foursquare",
    name="Foursquare",
    kind="oauth2",
    shape="foursquare",
    subject="digits",
    subject_length=8,
    auth_methods=(POST,),
    token_by_get=True,
    token_type=None,
    access_token_lifetime=None,
    refresh="never",
    token_in_query="oauth_token",
)
GITHUB = ProviderScript(
    id="github",
    name="GitHub",
    kind="oauth2",
    shape="github",
    subject="integer",
    subject_length=8,
    granted_separator=",",
    auth_methods=(POST,),
    token_form=True,
    errors_in_200=True,
    token_type="bearer",
    access_token_lifetime=None,
    refresh="never",
)
TWITTER = ProviderScript(
    id="twitter",
    name="Twitter",
    kind="oauth1",
    shape="twitter",
    subject="digits",
    subject_length=9,
    denial="denied",
    access_token_lifetime=None,
    form_type="text/html; charset=utf-8",
)
VK = ProviderScript(
    id="vk",
    name="VK",
    kind="oauth2",
    shape="vk",
    subject="integer",
    subject_length=9,
    default_scopes=("email",),
    scope_separator=",",
    auth_methods=(POST,),
    token_by_get=True,
    token_type=None,
    access_token_lifetime=86400,
    refresh="never",
    token_in_query="access_token",
)
ACME = ProviderScript(
    id="acme", name="Acme", default_scopes=("openid", "email", "profile"), pkce_required=True
)
PLAIN = ProviderScript(
    id="plain",
    kind="oauth2",
    shape="plain",
    subject="integer",
    subject_length=6,
    default_scopes=("profile", "email"),
    pkce_required=True,
)
POSTY = ProviderScript(
    id="posty",
    name="Posty",
    default_scopes=("openid", "email", "name"),
    response_mode="form_post",
    sends_iss=False,
    auth_methods=(POST,),
)
CLASSIC = ProviderScript(
    id="classic",
    kind="oauth1",
    shape="plain",
    subject="integer",
    subject_length=6,
    token_by_get=True,
    access_token_lifetime=None,
)
OP_A = ProviderScript(id="op-a", name="OP A", default_scopes=("openid", "email", "profile"))
OP_B = ProviderScript(id="op-b", name="OP B", default_scopes=("openid", "email", "profile"))

STOCK: tuple[ProviderScript, ...] = (GOOGLE, LINKEDIN, FACEBOOK, FOURSQUARE, GITHUB, TWITTER, VK)
GENERIC: tuple[ProviderScript, ...] = (ACME, PLAIN, POSTY, CLASSIC, OP_A, OP_B)
