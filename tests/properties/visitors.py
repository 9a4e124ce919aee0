"""Visitors of an application in this process: nothing but the cookies they hold."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from werkzeug.test import Client, TestResponse

from tests.bed import PASSWORD, Bed

JSON = {"Accept": "application/json"}


class Visitor:
    """Somebody with a cookie jar that a test may look into, keep, and give to somebody else."""

    def __init__(self, bed: Bed) -> None:
        self.bed = bed
        self.cookies: dict[str, str] = {}

    def ask(
        self, method: str, path: str, *, query: bytes | None = None, **given: Any
    ) -> TestResponse:
        """The answer to a request. *query* are the bytes behind the question mark, as they are."""
        headers = {**JSON, **given.pop("headers", {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        overrides = {} if query is None else {"QUERY_STRING": query.decode("latin-1")}
        client = self.bed.app.test_client(use_cookies=False)
        answer = client.open(
            path, method=method, headers=headers, environ_overrides=overrides, **given
        )
        self._take(answer)
        return answer

    def _take(self, answer: TestResponse) -> None:
        for cookie in cookies_of(answer):
            self.cookies[cookie.name] = cookie.value
            if not cookie.value:
                del self.cookies[cookie.name]

    def sign_in(self, email: str) -> int:
        answer = self.ask("POST", "/login", json={"email": email, "password": PASSWORD})
        return answer.status_code

    def who(self) -> str | None:
        """Whom the application takes this visitor for; asking changes nothing."""
        held = dict(self.cookies)
        answer = self.ask("GET", "/whoami")
        self.cookies = held
        assert answer.status_code in (200, 401)
        return answer.json["email"] if answer.status_code == 200 and answer.json else None

    def set_out(self, path: str, **form: str) -> TestResponse:
        """Press the button at *path*."""
        return self.ask("POST", path, data=form)


class Set(NamedTuple):
    """A cookie that an answer sets; an empty value takes it away."""

    name: str
    value: str


def cookies_of(answer: TestResponse) -> list[Set]:
    """The cookies that *answer* sets, whose values need no quotes."""
    pairs = (each.partition(";")[0] for each in answer.headers.getlist("Set-Cookie"))
    return [Set(*pair.split("=", 1)) for pair in pairs]


def where(answer: TestResponse) -> str:
    """The provider's address that *answer* leads to."""
    assert answer.status_code == 200, answer.text
    assert answer.json
    return str(answer.json["response"]["authorization_url"])


def at_provider(bed: Bed, url: str) -> str:
    """What the provider answers by itself, without a network: the callback's path and query."""
    answer = Client(bed.sandbox).get(url, base_url=bed.sandbox.url)
    assert answer.status_code in (302, 303), answer.text
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def code_of(answer: TestResponse) -> str:
    """The outcome that a JSON answer names."""
    assert answer.json
    return str(answer.json["response"].get("code", ""))


def require(expected: str, got: TestResponse) -> None:
    """That *got* says what was expected; who is rejected may be told so in several ways."""
    code = code_of(got)
    if expected.startswith("rejected"):
        assert code in ("signed_in", "not_signed_in", "used", "missing", "foreign", "expired")
        assert got.status_code == (200 if code == "signed_in" else 400)
    else:
        assert code == expected
