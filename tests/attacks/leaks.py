"""What must not be written down anywhere, and a listener at every place where it could be."""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus

import pytest
import requests
from flask import has_app_context
from itsdangerous import URLSafeTimedSerializer
from werkzeug.wrappers import Request, Response

from flask_social.sandbox import Fault
from tests.bed import Bed, Browser, query_of

U1 = "one@example.org"
CONFIDENTIAL = ("code", "code_verifier", "nonce", "state", "oauth_token", "oauth_verifier")
"""Parameters of addresses and forms that let whoever reads them do something."""
SHORTEST = 8
"""Characters of a secret that does not stand in a text by chance."""


class Secrets:
    """Every secret of a test, and what it is."""

    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}
        self.seen: set[str] = set()
        """The kinds of which there was one at all."""

    def add(self, kind: str, *values: str | None) -> None:
        """Know *values*, as they are and as addresses and headers carry them."""
        for value in filter(None, values):
            assert len(value) >= SHORTEST, kind
            self.seen.add(kind)
            encoded = base64.b64encode(value.encode()).decode()
            for written in (str(value), encoded, quote(value, ""), quote_plus(value)):
                self.kinds.setdefault(written, kind)

    def shown_in(self, text: str) -> list[str]:
        """The kinds of those that *text* shows. The secrets themselves are in no test's output."""
        return sorted({kind for written, kind in self.kinds.items() if written in text})


def note_id_tokens(bed: Bed, secrets: Secrets) -> None:
    """Note each ID token that ``acme`` signs from now on."""

    def note(answer: Any) -> Any:
        secrets.add("id token", answer["id_token"])
        return answer

    bed.sandbox["acme"].change("token", note)


class Noted(Browser):
    """A browser whose cookies are noted as they are set."""

    def __init__(self, bed: Bed, secrets: Secrets) -> None:
        super().__init__(bed)
        self.secrets = secrets

    def at_provider(self, url: str) -> str:
        callback = super().at_provider(url)
        for address in (url, callback):
            for name in query_of(address).keys() & set(CONFIDENTIAL):
                self.secrets.add(name, query_of(address)[name])
        return callback

    def _send(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        answer = super()._send(method, path, **kwargs)
        self.secrets.add("cookie", *(cookie.value for cookie in answer.cookies))
        return answer


def note_grants(bed: Bed, secrets: Secrets) -> None:
    """Note all that the providers have given out, been shown, and know of the application."""
    for provider in bed.sandbox.providers.values():
        secrets.add("code", *provider.codes)
        secrets.add("access token", *provider.access_tokens)
        secrets.add("token secret", *(each.secret for each in provider.access_tokens.values()))
        secrets.add("refresh token", *provider.refresh_tokens)
        secrets.add("request token", *provider.request_tokens)
        secrets.add("request secret", *(each.secret for each in provider.request_tokens.values()))
    for request in list(bed.sandbox.requests):
        for name, values in [*parse_qs(request.query).items(), *parse_qs(request.body).items()]:
            if name in CONFIDENTIAL:
                secrets.add(name, *values)
        secrets.add("credentials", request.headers.get("Authorization", "").partition(" ")[2])
    for remote in bed.app.extensions["social"].providers.values():
        secrets.add("client secret", remote.consumer_secret)
    secrets.add("secret key", bed.app.config["SECRET_KEY"])


class Written(logging.Handler):
    """Every record of every logger, from DEBUG up, as it would be in a file.

    But what the test's own browser logs, in this thread and outside of the application.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(message)s %(args)r"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if has_app_context() or threading.current_thread() is not threading.main_thread():
            self.lines.append(self.format(record))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@contextmanager
def everything_logged() -> Iterator[Written]:
    """What is logged in the block, though nobody would look at such details in earnest."""
    root, written = logging.getLogger(), Written()
    before = root.level
    root.addHandler(written)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.setLevel(before)
        root.removeHandler(written)


def keys(provider_id: str) -> dict[str, str]:
    return {"consumer_key": f"{provider_id} key", "consumer_secret": f"{provider_id} secret"}


@dataclass
class Watched:
    """An application, every secret of its trips, and all that was written down meanwhile."""

    bed: Bed
    secrets: Secrets
    written: Written
    capfd: pytest.CaptureFixture[str]

    def browser(self) -> Noted:
        return Noted(self.bed, self.secrets)

    def log_in(self, provider_id: str, said: int = 303) -> None:
        answer = self.browser().trip(f"/login/{provider_id}")
        assert answer.status_code == said, answer.text

    def connected(self, provider_id: str) -> Noted:
        """The browser of U1, whose account at *provider_id* is connected."""
        browser = self.browser()
        browser.sign_in(U1)
        assert browser.trip(f"/connect/{provider_id}").status_code == 303
        return browser

    def knows(self, *kinds: str) -> None:
        """Nothing of what was written shows a secret, and *kinds* are among those looked for."""
        note_grants(self.bed, self.secrets)
        missing = {"client secret", "cookie", "secret key", *kinds} - set(
            self.secrets.kinds.values()
        )
        assert missing == set()
        assert self.written.text, "nothing was logged at all"
        assert self.secrets.shown_in(self.written.text) == []
        assert self.secrets.shown_in("".join(self.capfd.readouterr())) == []


class Echo(Fault):
    """An answer that repeats whatever it was asked with, as an error or as a token."""

    def __init__(self, code: int, member: str) -> None:
        self.times = None
        self.code = code
        self.member = member

    def before(self, request: Request) -> Response:
        said = (
            f"{request.headers.get('Authorization')} {request.url} {request.get_data(as_text=True)}"
        )
        members = {"error": "invalid_grant", "token_type": "bearer", "access_token": "a"}
        document = json.dumps({**members, self.member: said})
        return Response(document, self.code, content_type="application/json")


def opened(cookie: str) -> str:
    """What anybody reads in a session cookie of Flask's."""
    payload = URLSafeTimedSerializer("no key is needed to read").load_payload
    signed = cookie.rpartition(".")[0].rpartition(".")[0]
    return repr(payload(signed.encode()))
