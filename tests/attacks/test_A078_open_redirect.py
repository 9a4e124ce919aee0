"""A078: nothing that a request names sends a visitor to another site."""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit

import pytest

from tests.bed import Bed

U1 = "one@example.org"
PAYLOADS = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "\\\\evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    " //evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "%2f%2fevil.example",
    "/%5cevil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "https://localhost@evil.example/",
    "https://evil.example\\@localhost/",
    "https://localhost.evil.example/",
    "http://localhost:80@evil.example",
    "http://[::1",
    "/ok?x=//evil",
    "/ok#//evil",
    "\u2028//evil.example",
    "https://localhost\u3002evil.example/",
    "/a\r\nSet-Cookie: x=1",
    "//localhost/",
    "http://localhost/x",
    "ftp://localhost/x",
    "/" + "a" * 9000,
]
ENCODINGS = {
    "raw": lambda payload: payload,
    "once": lambda payload: quote(payload, safe=""),
    "twice": lambda payload: quote(quote(payload, safe=""), safe=""),
}


def stays(bed: Bed, answer) -> None:  # type: ignore[no-untyped-def]
    """The answer leads to the application's own origin, as a browser reads it."""
    assert answer.status_code < 500
    assert "x" not in answer.cookies
    location = answer.headers.get("Location")
    if location is None:
        return
    # What the URL standard has browsers do: strip, drop tabs and newlines, read \ as /.
    read = location.strip("\x00\x20").translate({9: None, 10: None, 13: None}).replace("\\", "/")
    target, own = urlsplit(urljoin(bed.url, read)), urlsplit(bed.url)
    assert (target.scheme, target.netloc) == (own.scheme, own.netloc), location


@pytest.mark.parametrize("target", PAYLOADS, ids=range(1, 31))
def test_A078_open_redirect(linked_browser, target: str) -> None:  # type: ignore[no-untyped-def]
    bed, signed_in = linked_browser
    referer = {"Referer": quote(target, safe="/:@?#%")}

    stays(bed, signed_in.trip("/connect/plain", next=target))
    stays(bed, signed_in.post("/login/plain", data={"next": target}, headers=referer))
    stays(bed, signed_in.get("/connect/plain", params={"next": target}, headers=referer))
    stays(bed, signed_in.post("/disconnect/acme", data={"next": target}, headers=referer))
    stays(bed, signed_in.delete("/connect/acme/nobody", params={"next": target}, headers=referer))
    stays(bed, bed.browser().trip("/login/plain", next=target))


@pytest.fixture(scope="module")
def linked_browser(served_sandbox):  # type: ignore[no-untyped-def]
    """One application for all payloads, with a visitor who has a connection to ``plain``."""
    from tests.bed import make_app, served, usual_config

    served_sandbox.reset()
    served_sandbox.login_as("ada")
    bed = make_app(usual_config(served_sandbox.url))
    bed.sandbox = served_sandbox
    with served(bed):
        bed.add_user(U1)
        signed_in = bed.browser().sign_in(U1)
        signed_in.trip("/connect/plain")
        yield bed, signed_in


def test_A078_a_path_of_this_site_is_followed(bed: Bed) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    answer = browser.trip("/connect/acme", next="/ok?x=//evil")
    assert answer.headers["Location"] == "/ok?x=//evil"


def test_A078_a_session_key_names_the_way_back_once(bed: Bed) -> None:
    from flask import session

    @bed.app.get("/remember-where")
    def remember_where() -> str:
        session["post_oauth_connect_url"] = "/from-the-session"
        return ""

    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    browser.get("/remember-where")
    assert browser.trip("/connect/acme").headers["Location"] == "/from-the-session"
    assert browser.trip("/connect/acme").headers["Location"] == "/connections"
