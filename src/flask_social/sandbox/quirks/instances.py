"""Providers with many homes: tenants, shops, servers, connections."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from .. import dialect
from ..answers import OAuthError, json_answer, new_token
from ..provider import Client, Grant, Provider
from .base import Form, Quirk

if TYPE_CHECKING:
    from ..app import Sandbox
    from ..authorize import Asked

SELECTORS = ("connection", "organization", "provider", "domain_hint")


class Tenants(Quirk):
    """Microsoft: the metadata's issuer has a place for the tenant, which the ID token names.

    An edit of ``claims`` puts a person into another tenant: ``tid``, and ``iss`` with it.
    """

    def metadata(self, provider: Provider, document: dict[str, Any]) -> dict[str, Any]:
        return document | {"issuer": f"{document['issuer']}/{{tenantid}}/v2.0"}

    def claims(
        self, sandbox: Sandbox, provider: Provider, grant: Grant, said: dict[str, Any]
    ) -> dict[str, Any]:
        return said | {"iss": f"{sandbox.url}{provider.id}/{said['tid']}/v2.0"}


class WorkOS(Quirk):
    """It has to be told which of its connections a person signs in by."""

    def check_asked(self, provider: Provider, asked: Asked) -> None:
        if not any(name in asked.params for name in SELECTORS):
            raise OAuthError("invalid_request", f"one of {', '.join(SELECTORS)} is wanted")


class Shopify(Quirk):
    """The answer says which shop it is about, under an HMAC by the client's secret.

    That secret has to be known before the client first presents it: register the client, or call
    it so that :func:`.signatures.self_made` knows. Only an online token comes with a person.
    """

    def coming_back(self, sandbox: Sandbox, provider: Provider, grant: Grant, params: Form) -> Form:
        from ..signatures import self_made  # oauthlib is slow to import

        client = provider.clients[grant.client_id]
        if client.secret is None and (made := self_made(client.id)) and not sandbox.strict:
            client.secret = made.secret
        if client.secret is None:
            raise OAuthError("server_error", "this client's secret is not known here yet")
        shop = dialect.play_of(provider).samples["profile"]["shop"]["myshopify_domain"]
        params |= {"shop": shop, "host": "YWRtaW4", "timestamp": str(sandbox.now())}
        signed = {**params, **({"state": grant.asked["state"]} if "state" in grant.asked else {})}
        text = "&".join(f"{name}={signed[name]}" for name in sorted(signed))
        return {**params, "hmac": hmac_of(client, text)}

    def told(self, provider: Provider, grant: Grant, form: Form, answer: Any) -> Any:
        if grant.asked.get("grant_options[]") != "per-user":
            kept = ("access_token", "scope")
            return {name: value for name, value in answer.items() if name in kept}
        return answer


def hmac_of(client: Client, text: str) -> str:
    """The HMAC-SHA256 of *text* by the client's secret."""
    return hmac.new((client.secret or "").encode(), text.encode(), hashlib.sha256).hexdigest()


class Mastodon(Quirk):
    """Any server registers an application that asks: ``POST /api/v1/apps``."""

    def open(
        self, sandbox: Sandbox, provider: Provider, request: Request, path: str
    ) -> Response | None:
        if path not in ("v1/apps", "api/v1/apps", "apps"):
            return None
        if request.method != "POST":
            raise OAuthError("invalid_request", "POST is wanted here", 405)
        json = request.mimetype == "application/json"
        sent = dialect.from_json(request) if json else request.form.to_dict()
        if not sent.get("client_name") or not sent.get("redirect_uris"):
            raise OAuthError("invalid_request", "Validation failed", 422)
        uris = tuple(sent["redirect_uris"].split())
        client = Client(id=new_token(), secret=new_token(), redirect_uris=uris)
        provider.register_client(client)
        said = {
            "id": str(len(provider.clients)),
            "name": sent["client_name"],
            "website": sent.get("website"),
            "scopes": sent.get("scopes", "read").split(),
            "redirect_uri": sent["redirect_uris"],
            "redirect_uris": list(uris),
            "client_id": client.id,
            "client_secret": client.secret,
        }
        return json_answer(said)
