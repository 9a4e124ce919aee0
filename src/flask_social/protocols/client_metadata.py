"""An application that registers nowhere: its id is the address of a document about itself.

OAuth Client ID Metadata Document, as the AT Protocol has it. Whoever develops has an id that holds
the document, since no server could read one on their machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ..errors import ConfigurationError
from ..values import Client
from .credentials import import_key

PATH = "/client-metadata/{}.json"
NO_ID = "-"
"""What stands for the id before it is known."""
LOOPBACK = frozenset({"127.0.0.1", "::1"})
DEVELOPMENT = "http://localhost"
"""What the id of an application begins with that is at home on its developer's machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where an application is reached, as far as its configuration says so."""

    address: str | None = None
    """``SOCIAL_APP_URL``, or the value of ``SERVER_NAME``."""
    mount: str = ""
    """Below what it is mounted, where the address does not say."""
    prefix: str = ""
    """Of our routes."""
    single_callback: bool = False
    develops: bool = False

    def at(self, path: str) -> str:
        """The address of *path*, one of our routes'.

        :raises ConfigurationError: when the configuration does not tell it.
        """
        if not self.address or "<" in self.prefix:
            raise ConfigurationError(
                "the provider knows an application by the address of a document that this one "
                "serves. Set SOCIAL_APP_URL (or SERVER_NAME) to where people reach it, and leave "
                "SOCIAL_URL_PREFIX without places."
            )
        root = self.address.rstrip("/")
        if "://" not in root:
            root = f"{'http' if self._is_loopback(f'//{root}') else 'https'}://{root}"
        mount = "" if urlsplit(root).path else self.mount.rstrip("/")
        return f"{root}{mount}{self.prefix.rstrip('/')}{path}"

    def is_at_home(self, url: str) -> bool:
        """Whether *url* is on the machine of whoever develops the application."""
        return urlsplit(url).scheme == "http" and self._is_loopback(url)

    def _is_loopback(self, url: str) -> bool:
        return self.develops and urlsplit(url).hostname in LOOPBACK

    def callbacks(self, provider_id: str) -> list[str]:
        """The redirect URIs of our routes."""
        views = ("callback",) if self.single_callback else ("login", "connect")
        return [self.at(f"/{view}/{provider_id}") for view in views]


def client_id(provider_id: str, scopes: Sequence[str], site: Site) -> str:
    """What the application at *site* is called.

    :raises ConfigurationError: where no server could find the document, or would take it.
    """
    url = site.at(PATH.format(provider_id))
    if site.is_at_home(url):
        uris = [("redirect_uri", each) for each in site.callbacks(provider_id)]
        query = urlencode([*uris, ("scope", " ".join(scopes))], quote_via=quote)
        return f"{DEVELOPMENT}?{query}"
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.port is not None:
        instead = (
            f" While you develop, take http://127.0.0.1:{parts.port or 80} and debug mode."
            if parts.hostname in {*LOOPBACK, "localhost"}
            else ""
        )
        raise ConfigurationError(
            f"SOCIAL_APP_URL must be an https address without a port: the provider reads {url}."
            + instead
        )
    return url


def document(
    client: Client, scopes: Sequence[str], redirect_uris: Sequence[str], name: str | None
) -> dict[str, Any]:
    """The document about *client*, whose id is where it stands.

    :param name: for people; the host without it.
    """
    host = urlsplit(client.id).netloc
    proof: dict[str, Any] = {"token_endpoint_auth_method": "none"}
    if client.private_key:
        key = public_key(client)
        proof = {
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": key["alg"],
            "jwks": {"keys": [key]},
        }
    return {
        "client_id": client.id,
        "client_name": name or host,
        "client_uri": f"https://{host}",
        "application_type": "web",
        "redirect_uris": list(redirect_uris),
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": " ".join(scopes),
        "dpop_bound_access_tokens": True,
        **proof,
    }


def with_key_id(client: Client) -> Client:
    """*client* with a name for its key, by which a server finds it in the document."""
    return replace(client, key_id=public_key(client)["kid"]) if client.private_key else client


def public_key(client: Client) -> dict[str, Any]:
    """The half of the application's key that everybody may see, as a JWK.

    :raises ConfigurationError: for a key of another kind than every server takes.
    """
    key = import_key(client.private_key or "")
    if getattr(key, "curve_name", None) != "P-256" or not key.is_private:
        raise ConfigurationError("private_key must be one on the curve P-256, as PEM or JWK.")
    members: dict[str, Any] = key.as_dict(private=False)
    kid = client.key_id or key.kid or key.thumbprint()
    return {**members, "kid": kid, "use": "sig", "alg": "ES256"}
