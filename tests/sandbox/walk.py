"""A plain client that walks the flows with nothing but HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from flask_social.testing import ServedSandbox

CALLBACK = "http://127.0.0.1:5000/login/here"
VERIFIER = "a-verifier-of-more-than-forty-three-characters"


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def part(token: str, number: int) -> dict[str, Any]:
    """The header (0) or claims (1) of a compact JWS."""
    text = token.split(".")[number]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return decoded


@dataclass
class Walk:
    """One browser and one client at one provider."""

    box: ServedSandbox
    provider_id: str
    session: requests.Session = field(default_factory=requests.Session)

    def url(self, path: str) -> str:
        return f"{self.box.url}{self.provider_id}/{path}"

    def asked(self, **changes: str | None) -> dict[str, str]:
        params: dict[str, str | None] = {
            "client_id": "app",
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "state": "S",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in params.items() if value is not None}

    def authorize(self, **changes: str | None) -> requests.Response:
        return self.session.get(
            self.url("authorize"), params=self.asked(**changes), allow_redirects=False
        )

    def choose(self, form: dict[str, Any], **changes: str | None) -> requests.Response:
        return self.session.post(
            self.url("authorize"), params=self.asked(**changes), data=form, allow_redirects=False
        )

    def back(self, **changes: str | None) -> dict[str, str]:
        """The parameters that came back to the client."""
        return came_back(self.authorize(**changes))

    def token(self, code: str, **changes: str | None) -> requests.Response:
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            "client_id": "app",
            "client_secret": "secret",
            **changes,
        }
        data = {name: value for name, value in form.items() if value is not None}
        return self.post("token", data)

    def post(self, path: str, form: dict[str, str], **options: Any) -> requests.Response:
        headers = {"Accept": "application/json", **options.pop("headers", {})}
        return self.session.post(self.url(path), data=form, headers=headers, **options)

    def tokens(self, **changes: str | None) -> dict[str, Any]:
        answer = self.token(self.back(**changes)["code"])
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def refresh(self, token: str, **changes: str) -> requests.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token, **changes}
        return self.post("token", {"client_id": "app", "client_secret": "secret", **form})

    def get(self, path: str, token: str | None, **params: str) -> requests.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.session.get(self.url(path), headers=headers, params=params)

    def jwks(self) -> list[dict[str, Any]]:
        keys: list[dict[str, Any]] = self.session.get(self.url("jwks")).json()["keys"]
        return keys


def came_back(response: requests.Response) -> dict[str, str]:
    assert response.status_code == 302, response.text
    location = response.headers["Location"]
    assert location.startswith(CALLBACK)
    return dict(parse_qsl(urlsplit(location).query))
