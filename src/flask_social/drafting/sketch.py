"""What a draft is made of: the addresses that were given, looked at, and the samples."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
VERSION = re.compile(r".*?/v?\d+(?:\.\d+)*/")
"""A path up to the version of an API in it."""
COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
SECRETS = {
    "access_token": "the-token",
    "refresh_token": "the-refresh-token",
    "oauth_token": "the-token",
    "oauth_token_secret": "the-secret",
}
"""What stands for tokens in files that everybody reads."""
TOKEN = {"access_token": "the-token", "token_type": "Bearer", "expires_in": 3600}
PAIR = {"oauth_token": "the-token", "oauth_token_secret": "the-secret"}
OF_A_TRIP = ("aud", "azp", "exp", "iat", "nbf", "jti", "nonce", "auth_time", "sid")
HASHES = ("at_hash", "c_hash", "s_hash")
"""Claims of an ID token that are about one trip and say nothing about a person."""


class Unusable(Exception):
    """Something given of which no draft can be made; the text says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What was given, as it is used. Addresses are None where none was given."""

    id: str
    name: str
    docs: str
    scopes: tuple[str, ...] = ()
    issuer: str | None = None
    authorize_url: str | None = None
    token_url: str | None = None
    request_token_url: str | None = None
    revoke_url: str | None = None
    profile_url: str | None = None
    api_url: str = ""
    console: str | None = None
    color: str | None = None
    sample: Any = None
    token: dict[str, Any]
    refreshes: bool | None = None
    """Whether the sample of a token brings a refresh token; ``None`` without a sample."""

    @property
    def kind(self) -> str:
        """The name of the kind of provider."""
        if self.issuer:
            return "OIDC"
        return "OAuth1" if self.request_token_url else "OAuth2"

    @property
    def call(self) -> str:
        """The path of the profile below the API."""
        return (self.profile_url or "").removeprefix(self.api_url)


def require_id(text: str) -> str:
    """*text*, if a file can be called so. :raises Unusable: when not."""
    if not ID.fullmatch(text) or keyword.iskeyword(text):
        raise Unusable(
            f"{text!r} cannot be an id: small letters, digits and '_', with a letter first."
        )
    return text


def require_address(option: str, url: str | None) -> str | None:
    """*url*, if it is a plain https address. :raises Unusable: when it is given and is not."""
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise Unusable(f"{option} has to be an https address, not {url!r}.")
    if not parts.hostname or "." not in parts.hostname or parts.username or parts.fragment:
        raise Unusable(f"{option} is no address of a host without user and fragment: {url!r}.")
    if not re.fullmatch(r"[!-~]+", url) or set("{}\"'\\<>") & set(url):
        raise Unusable(f"{option} holds what no address has: {url!r}. Write places by hand later.")
    return url


def require_color(color: str | None) -> str | None:
    """*color*, if it is one. :raises Unusable: when not."""
    if color is not None and not COLOR.fullmatch(color):
        raise Unusable(f"--color is like #1da1f2, not {color!r}.")
    return color


def api_of(profile_url: str | None, api_url: str | None) -> str:
    """Where the API begins: as given, else up to a version in the path, else the whole host.

    :raises Unusable: when the profile does not stand below it.
    """
    if profile_url is None:
        return api_url or ""
    if api_url is None:
        path = urlsplit(profile_url).path or "/"
        below = VERSION.match(path)
        root = profile_url.partition("//")[2].partition("/")[0]
        return f"https://{root}{below[0] if below else '/'}"
    api_url = api_url.rstrip("/") + "/"
    if not profile_url.startswith(api_url):
        raise Unusable("--profile-url does not begin with --api-url.")
    return api_url


def token_answer(sample: Any, kind: str) -> dict[str, Any]:
    """The golden token answer: *sample* without its secrets, or one as they usually are.

    :raises Unusable: when there is no token in it where the standard wants it.
    """
    usual = PAIR if kind == "OAuth1" else TOKEN
    if sample is None:
        return dict(usual)
    wanted = next(iter(usual))
    if not isinstance(sample, dict) or not isinstance(sample.get(wanted), str):
        raise Unusable(
            f"--token-sample has no {wanted}. Where a provider calls it otherwise, or puts it into "
            f"something, give no sample and write shape_token by hand."
        )
    kept = {name: value for name, value in sample.items() if name != "id_token"}
    return kept | {name: made for name, made in SECRETS.items() if name in kept}


def claims_of(sample: Any, issuer: str) -> dict[str, Any]:
    """The golden claims of an ID token: *sample* without what is about one trip alone.

    :raises Unusable: when they name nobody, or another issuer.
    """
    if not isinstance(sample, dict) or not isinstance(sample.get("sub"), str) or not sample["sub"]:
        raise Unusable(
            "--sample has no sub, which every ID token has. Give its claims, as JSON: the middle "
            "one of its three parts, decoded."
        )
    if sample.get("iss", issuer) != issuer:
        raise Unusable(f"--sample is of the issuer {sample['iss']!r}, not of {issuer!r}.")
    about = {name: value for name, value in sample.items() if name not in (*OF_A_TRIP, *HASHES)}
    return {"iss": issuer} | about
