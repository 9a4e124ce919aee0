"""A client of OAuth 1.0a that signs with oauthlib and walks the flow with nothing but HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import requests
from oauthlib.oauth1 import Client as Signer

from flask_social.testing import ServedSandbox

from .walk import CALLBACK, came_back

Pair = tuple[str, str]
FORM = "application/x-www-form-urlencoded"


@dataclass
class SignedWalk:
    """One browser and one client at one provider."""

    box: ServedSandbox
    provider_id: str
    secret: str = ""
    """Of the client; the one that goes with its key where empty."""
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def key(self) -> str:
        return f"{self.provider_id}-key"

    def url(self, path: str) -> str:
        return f"{self.box.url}{self.provider_id}/{path}"

    def send(
        self,
        method: str,
        path: str,
        pair: Pair | tuple[None, None] = (None, None),
        form: dict[str, str] | None = None,
        **options: Any,
    ) -> requests.Response:
        """Sign and send. *options* are those of oauthlib's client."""
        options.setdefault("timestamp", str(self.box.now()))
        signer = Signer(
            options.pop("key", self.key),
            self.secret or f"{self.provider_id}-secret",
            resource_owner_key=pair[0],
            resource_owner_secret=pair[1],
            **options,
        )
        headers = {} if form is None else {"Content-Type": FORM}
        verb: Any = method
        url, headers, body = signer.sign(self.url(path), verb, form, headers)
        return self.session.request(method, url, data=body, headers=headers, allow_redirects=False)

    def request_token(self, callback: str | None = CALLBACK, **options: Any) -> requests.Response:
        return self.send("POST", "request_token", callback_uri=callback, **options)

    def temporary(self, **options: Any) -> Pair:
        return pair_of(self.request_token(**options))

    def authorize(self, token: str, form: dict[str, str] | None = None) -> requests.Response:
        method = "GET" if form is None else "POST"
        return self.session.request(
            method,
            self.url("authorize"),
            params={"oauth_token": token},
            data=form,
            allow_redirects=False,
        )

    def approved(self) -> tuple[Pair, str]:
        """Temporary credentials and the verifier that the person's word gave."""
        pair = self.temporary()
        return pair, came_back(self.authorize(pair[0]))["oauth_verifier"]

    def access_token(self, pair: Pair, verifier: str | None, **options: Any) -> requests.Response:
        return self.send("POST", "access_token", pair, verifier=verifier, **options)

    def tokens(self) -> Pair:
        return pair_of(self.access_token(*self.approved()))


def said(response: requests.Response) -> dict[str, str]:
    """The members of a good answer."""
    assert response.status_code == 200, response.text
    return dict(parse_qsl(response.text, keep_blank_values=True))


def pair_of(response: requests.Response) -> Pair:
    members = said(response)
    return members["oauth_token"], members["oauth_token_secret"]


def problem(response: requests.Response) -> tuple[int, str]:
    """The status and the ``oauth_problem`` of a refusal."""
    return response.status_code, dict(parse_qsl(response.text))["oauth_problem"]
