"""A client of the providers of the catalogue that knows them by their descriptions alone.

It talks to the sandbox in this process, without a socket, and shares no code with either half.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse

from flask_social.sandbox import Client, Sandbox

from .played_facts import (
    CALLBACK,
    CLIENT_ID,
    DEFAULTS,
    NONCE,
    SECRET,
    STATE,
    VERIFIER,
    alipay_signed,
    apple_key,
    apple_secret,
    basic,
    came_back,
    challenge_of,
    description,
    look,
    own_key,
    private_pem,
    public_pem,
)


@dataclass
class Asking:
    """One browser and one application at one provider, up to the token."""

    box: Sandbox
    id: str
    callback: dict[str, str] = field(default_factory=dict)
    """What came back last."""
    profile: Any = None
    token_type: str = "Bearer"

    def __post_init__(self) -> None:
        self.says = description(self.id.partition("~")[0])
        self.web = Browser(self.box)
        self.words = self.says["token"]
        self.client = Client(id=CLIENT_ID, secret=SECRET)
        methods = self.words.get("auth", ["client_secret_post"])
        quirk = self.says.get("quirk")
        if methods[0] in ("none", "private_key_jwt") or quirk in ("apple", "alipay"):
            self.client = Client(id=CLIENT_ID)
        if methods[0] == "private_key_jwt" or quirk == "alipay":
            self.client.public_key = public_pem(own_key())
        if quirk == "apple":
            self.client.public_key = public_pem(apple_key())
        if quirk == "runame":
            self.client.redirect_uris = (CALLBACK,)
        self.box[self.id].register_client(self.client)

    @property
    def redirect_uri(self) -> str:
        return "Ada-App-PRD" if self.says.get("quirk") == "runame" else CALLBACK

    def names(self, where: str) -> dict[str, str]:
        return {**self.says.get("names", {}), **self.says[where].get("names", {})}

    def renamed(self, where: str, params: dict[str, str]) -> dict[str, str]:
        names = self.names(where)
        return {names.get(name, name): value for name, value in params.items()}

    def value(self, wanted: str, name: str, **more: Any) -> str:
        """What a description wants, for somebody who means well."""
        wanted = wanted.partition("|")[0]
        if wanted in ("*", "own"):
            return DEFAULTS.get(name, "Flask-Social")
        if wanted.startswith("~"):
            return "gzip" if "gzip" in wanted else "2026-01-31"
        places = {
            "client_id": CLIENT_ID,
            "client_secret": SECRET,
            "state": STATE,
            "callback": self.callback,
            "person": self.profile,
            **more,
        }
        return re.sub(r"\{([\w.]+)\}", lambda place: str(look(places, place[1])), wanted)

    def needed(self, needs: dict[str, str], **more: Any) -> dict[str, str]:
        return {name: self.value(wanted, name, **more) for name, wanted in needs.items()}

    def path(self, path: str) -> str:
        return f"/{self.id}/{path}"

    # Out and back

    def asked(self, **changes: str | None) -> dict[str, str]:
        scopes = [*self.says["scopes"]]
        kind, _, rest = self.says["refresh"]["when"].partition(" ")
        scopes += [rest] if kind == "scope" and rest not in scopes else []
        scopes += ["openid"] if self.says["kind"] == "oidc" and "openid" not in scopes else []
        params: dict[str, str | None] = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": self.redirect_uri,
            "state": STATE,
            "scope": self.says.get("separator", " ").join(scopes).replace("CODE", "X") or None,
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            "nonce": NONCE if self.says["kind"] == "oidc" else None,
            **(dict(parse_qsl(rest)) if kind == "by" else {}),
            **({"connection": "c1"} if self.says.get("quirk") == "workos" else {}),
            **({"grant_options[]": "per-user"} if self.says.get("quirk") == "shopify" else {}),
            **self.needed(self.says["authorize"].get("needs", {})),
        }
        if self.says.get("pkce") == "plain":
            params |= {"code_challenge": VERIFIER, "code_challenge_method": "plain"}
        params |= changes
        return self.renamed("authorize", {k: v for k, v in params.items() if v is not None})

    def authorize(self, **changes: str | None) -> TestResponse:
        return self.web.get(self.path("authorize"), query_string=self.asked(**changes))

    def back(self, **changes: str | None) -> str:
        """The code that comes back; :attr:`callback` holds all of the answer."""
        self.callback = came_back(self.authorize(**changes))
        name = self.says.get("callback", {}).get("code", "code")
        assert name in self.callback, self.callback
        return self.callback[name]

    # Tokens

    def token(self, form: dict[str, str], at: str = "token", **options: Any) -> TestResponse:
        """Ask for a token with *form*, in the provider's way."""
        form, headers = self.proved(form)
        form = self.renamed("token", form)
        if self.says.get("quirk") == "alipay":
            form = alipay_signed(form)
        for name, value in self.words.get("headers", {}).items():
            headers[name] = self.value(value, name)
        headers |= {"Accept": "application/json", **options.pop("headers", {})}
        method = self.words.get("method", "POST")
        if method == "GET":
            options.setdefault("query_string", form)
        elif self.words.get("body") == "json":
            options.setdefault("json", form)
        else:
            options.setdefault("data", form)
        verb = "GET" if method == "GET" else "POST"
        return self.web.open(self.path(at), method=verb, headers=headers, **options)

    def proved(self, form: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """*form* and headers, with who we are."""
        method = self.words.get("auth", ["client_secret_post"])[0]
        headers: dict[str, str] = {}
        if method == "client_secret_basic":
            headers["Authorization"] = basic(CLIENT_ID, SECRET)
            return form, headers
        form = {**form, "client_id": CLIENT_ID}
        if method == "private_key_jwt":
            form |= self.assertion()
        elif self.says.get("quirk") == "apple":
            form["client_secret"] = apple_secret()
        elif method == "client_secret_post" and self.says.get("quirk") != "alipay":
            form["client_secret"] = SECRET
        for name, header in (("client_id", "id_header"), ("client_secret", "secret_header")):
            if header in self.words:
                headers[self.words[header]] = form.pop(name)
        if self.words.get("anonymous"):
            del form["client_id"]
        return form, headers

    def assertion(self) -> dict[str, str]:
        now = self.box.now()
        claims = {
            "iss": CLIENT_ID,
            "sub": CLIENT_ID,
            "aud": f"{self.box.url}{self.id}/token",
            "exp": now + 60,
            "jti": hashlib.sha256(f"{time.monotonic_ns()}".encode()).hexdigest(),
        }
        key = RSAKey.import_key(private_pem(own_key()))
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        token = jwt.encode({"alg": "RS256"}, claims, key)
        return {"client_assertion": token, "client_assertion_type": kind}

    def exchange(self, code: str, **changes: str | None) -> TestResponse:
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
            **self.needed(self.words.get("needs", {})),
            **changes,
        }
        if self.id == "qq":
            form["need_openid"] = "1"
        return self.token({k: v for k, v in form.items() if v is not None})

    def read(self, response: TestResponse) -> dict[str, Any]:
        """The members of a good token answer."""
        assert response.status_code == 200, response.text
        text = response.text.removeprefix(self.words.get("prefix", ""))
        if response.mimetype == "application/x-www-form-urlencoded":
            return dict(parse_qsl(text, keep_blank_values=True))
        answer: dict[str, Any] = json.loads(text)
        return answer

    def member(self, answer: Any, name: str) -> Any:
        return look(answer, self.words.get("says", {}).get(name, name))

    def tokens(self, **changes: str | None) -> dict[str, Any]:
        return self.read(self.exchange(self.back(**changes)))

    def refresh(self, token: str, **changes: str) -> TestResponse:
        refresh = self.says["refresh"]
        needs = refresh.get("needs", {} if "url" in refresh else self.words.get("needs", {}))
        form = {
            **self.needed(needs),
            "grant_type": "refresh_token",
            "refresh_token": token,
            **changes,
        }
        return self.token(form, at="refresh" if "url" in refresh else "token")
