"""OpenID Connect of played providers: metadata, and claims out of their samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from . import calls, dialect, oidc, quirks, samples
from .answers import OAuthError
from .people import Person
from .played import Call, Play
from .provider import Grant, Provider

if TYPE_CHECKING:
    from .app import Sandbox

CLAIMS = {
    "name": "name",
    "given_name": "first",
    "family_name": "last",
    "preferred_username": "username",
    "email": "email",
    "picture": "picture",
    "profile": "page",
}
"""What is told of a person at UserInfo where the sample is of another place."""
USERINFO = Call(url="", carry=("scheme Bearer",))
"""How UserInfo is called, however the rest of the API is (OpenID Connect Core 5.3.1)."""


def metadata(provider: Provider, document: dict[str, Any]) -> dict[str, Any]:
    """The metadata, as this provider's own are."""
    play, alg = dialect.play_of(provider), provider.script.id_token_alg
    document |= {
        "id_token_signing_alg_values_supported": [alg],
        "code_challenge_methods_supported": ["plain" if play.pkce == "plain" else "S256"],
        "scopes_supported": sorted({"openid", *provider.script.default_scopes}),
    }
    if play.revoke is None:
        del document["revocation_endpoint"]
    if "profile" not in play.samples:
        del document["userinfo_endpoint"]
    if alg.startswith("HS"):
        del document["jwks_uri"]
    return quirks.of(provider).metadata(provider, document)


def in_id_token(sandbox: Sandbox, provider: Provider, grant: Grant) -> dict[str, Any]:
    """Who it is; more than that only where the sample of an ID token has it."""
    play = dialect.play_of(provider)
    said = {"sub": subject_of(play, grant.person)}
    if "id_token" in play.samples:
        said |= samples.document(play, "id_token", grant.person)
    return quirks.of(provider).claims(sandbox, provider, grant, said)


def subject_of(play: Play, person: Person) -> str:
    """The ``sub`` of *person*: that of the samples, or else the id in the profile."""
    for name in ("id_token", "profile"):
        found = samples.document(play, name, person) if name in play.samples else {}
        if "sub" in found:
            return str(found["sub"])
    return str(samples.roles_in(play, "profile", found)["id"])


def userinfo(sandbox: Sandbox, provider: Provider, request: Request) -> Response:
    """Claims about the person whose token it is (OpenID Connect Core 5.3)."""
    play = dialect.play_of(provider)
    call = play.calls[0] if play.calls else None
    try:
        if call is None:
            raise OAuthError("not_found", "there is no UserInfo here", 404)
        token = calls.carried(sandbox, provider, request, USERINFO)
        said = about(play, call, request, token.grant)
    except OAuthError as error:
        return dialect.refuse(provider, error, "api")
    return oidc.tell(sandbox, provider, token.grant, said)


def about(play: Play, call: Call, request: Request, grant: Grant) -> dict[str, Any]:
    """The sample where it is one of UserInfo; otherwise standard claims by it.

    :raises OAuthError: when UserInfo is asked by another method than this provider wants.
    """
    found: dict[str, Any] = samples.document(play, "profile", grant.person)
    asked = any(name in request.args for name in call.needs)
    if "sub" not in found or (call.needs and not asked):
        return standard(play, found, grant.person)
    if request.method != call.method:
        raise OAuthError("invalid_request", f"{call.method} is wanted here", 405)
    return found


def standard(play: Play, found: dict[str, Any], person: Person) -> dict[str, Any]:
    """What the profile *found* says, in the standard's words (Core 5.1)."""
    roles = samples.roles_in(play, "profile", found)
    said = {"sub": subject_of(play, person)}
    said |= {claim: roles[role] for claim, role in CLAIMS.items() if role in roles}
    if "verified" in play.person.get("profile", {}) and "email" in said:
        verified = roles.get("verified") not in (None, False, "false", 0)
        return {**said, "email_verified": verified}
    return said
