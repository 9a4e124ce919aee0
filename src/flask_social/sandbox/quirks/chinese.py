"""QQ, which tells an id apart from the profile, and WeCom, where the application has the token."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from ..answers import NO_STORE, OAuthError, new_token
from ..clients import authenticate
from ..provider import AccessToken, Grant, Provider
from .base import Form, Quirk

if TYPE_CHECKING:
    from ..app import Sandbox


class QQ(Quirk):
    """``/oauth2.0/me`` answers a call of a function unless ``fmt=json``; an openid on demand."""

    def check_call(
        self, sandbox: Sandbox, provider: Provider, request: Request, grant: Grant
    ) -> None:
        if request.path.endswith("/me"):
            return
        told = grant.callback["openid"]
        if request.args.get("openid") != told:
            raise OAuthError("invalid_request", "openid is not that of the token")

    def told(self, provider: Provider, grant: Grant, form: Form, answer: Any) -> Any:
        """The token answer, with the id only for those who ask; the API checks it in any case."""
        grant.callback["openid"] = answer["openid"]
        if form.get("need_openid") != "1":
            del answer["openid"]
        return answer

    def written(
        self, sandbox: Sandbox, provider: Provider, request: Request, grant: Grant, found: Any
    ) -> Response | None:
        if not request.path.endswith("/me") or request.args.get("fmt") == "json":
            return None
        text = f"callback( {json.dumps(found)} );\n"
        return Response(text, headers=NO_STORE, content_type="text/html")


class WeCom(Quirk):
    """The token is the application's; the code says who, in a call of the API, once."""

    def serve(self, sandbox: Sandbox, provider: Provider, request: Request, form: Form) -> Any:
        client = authenticate(sandbox, provider, request, form)
        text, lifetime = new_token(), provider.script.access_token_lifetime or 0
        nobody = replace(next(iter(sandbox.people.values())), name="nobody")
        grant = Grant(client_id=client.id, person=nobody, scopes=(), auth_time=sandbox.now())
        provider.access_tokens[text] = AccessToken(grant, sandbox.now() + lifetime)
        return {"errcode": 0, "errmsg": "ok", "access_token": text, "expires_in": lifetime}

    def check_call(
        self, sandbox: Sandbox, provider: Provider, request: Request, grant: Grant
    ) -> None:
        """Whose the token is from now on."""
        if "code" not in request.args:
            return
        with provider.lock:
            held = provider.codes.get(request.args["code"])
            fresh = held is not None and not held.spent and sandbox.now() < held.code_expires_at
            if held is None or not fresh or held.client_id != grant.client_id:
                raise OAuthError("invalid_grant", "invalid code")
            held.spent = True
            grant.person, grant.redirect_uri = held.person, held.redirect_uri
