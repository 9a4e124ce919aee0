"""What a callback says went wrong: nobody sees a word of it, and the log holds one plain line."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import requests
from flask_login import user_logged_in

from flask_social import limits
from tests.bed import Bed, Browser, query_of

U1 = "one@example.org"
SENTENCE = "Call +1-800-EVIL to unlock"
DESCRIPTION = "error_description=Call+%2B1-800-EVIL+to+unlock"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """The lines of our log, as a handler writes them; each is one."""
    caplog.set_level(logging.DEBUG, "flask_social")
    written: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Handler()
    logging.getLogger("flask_social").addHandler(handler)
    yield written
    logging.getLogger("flask_social").removeHandler(handler)
    assert written
    for line in written:
        assert line.isascii()
        assert line.isprintable(), "one line, nothing hidden in it"
        assert len(line) <= limits.LOGGED


def is_told_nowhere(
    text: str, browser: Browser, answer: requests.Response, lines: list[str]
) -> None:
    """*text* is on no page, in no header, flash or log, and no signal brings it along."""
    pages = [browser.get(path).text for path in ("/login", "/login/acme", "/connections")]
    said = [answer.text, str(answer.headers), *pages, *lines]
    said += [str(browser.http.cookies), *(str(told) for told in browser.bed.told)]
    assert not [each for each in said if text in each]


# A22: nobody asked.


@pytest.mark.parametrize("path", ["/login/acme", "/connect/acme", "/callback/acme"])
def test_A022_an_error_without_a_flow(bed: Bed, lines: list[str], path: str) -> None:
    bed.add_user(U1)
    other, browser = bed.browser(), bed.browser()
    if path == "/connect/acme":
        browser.sign_in(U1)
    foreign = query_of(other.set_out("/login/acme"))["state"]

    for state in ("", "&state=", "&state=unknown", f"&state={foreign}"):
        answer = browser.get(f"{path}?error=access_denied&{DESCRIPTION}{state}")
        assert answer.status_code == 400
        assert "not started in this browser" in answer.text
        assert "cancelled" not in answer.text
        is_told_nowhere("EVIL", browser, answer, lines)
        is_told_nowhere("access_denied", browser, answer, lines)

    told = {(name, arguments.get("reason")) for name, arguments in bed.told}
    assert told == {("flow_rejected", "missing")}
    assert bed.calls("acme") == 0


def test_A022_as_json(bed: Bed, lines: list[str]) -> None:
    json = {"Accept": "application/json"}
    answer = bed.browser().get(f"/login/acme?error=access_denied&{DESCRIPTION}", headers=json)
    assert answer.status_code == 400
    assert answer.json()["response"]["code"] == "missing"
    assert "EVIL" not in answer.text + "".join(lines)


@pytest.mark.parametrize("path", ["/login/{}", "/connect/{}", "/callback/{}"])
def test_A022_a_provider_that_does_not_exist(bed: Bed, lines: list[str], path: str) -> None:
    # The sentence may as well stand in the path.
    browser = bed.browser()
    answer = browser.get(path.format(quote(SENTENCE)) + f"?error=x&{DESCRIPTION}")
    assert answer.status_code == 404
    assert "no such provider" in answer.text
    for word in ("EVIL", "Evil", "1-800"):
        assert word not in answer.text
    assert all(len(line) < limits.LOGGED for line in lines)


# A23: somebody did ask, and the answer is hostile.

HOSTILE = {
    "markup": quote("<script>alert(1)</script>"),
    "a template": quote("{{ config }}{% raw %}{0.__class__}%(x)s"),
    "10 kB": "a" * 10_000,
    "NUL": "a%00b",
    "a header": "%0d%0aSet-Cookie:%20planted=1",
    "a second record": quote("x\n2030-01-01 ERROR root: all is lost"),
    "bidi override": quote("\u202egnp.exe"),
    "a line separator": quote("\u2028\u0085x"),
    "no UTF-8": "%ff%fe",
    "half a surrogate": "%ed%a0%80",
    "emoji": quote("\N{PINCHING HAND}" * 50),
    "an escape": quote("\x1b[2J\x1b]0;x\x07"),
}


def answer_with(browser: Browser, path: str, query: str, **headers: str) -> requests.Response:
    """Set out, and come back with *query* in place of the provider's answer."""
    state = query_of(browser.set_out(path))["state"]
    return browser.get(f"{path}?state={state}&{query}", headers=headers)


def test_A023_a_cancelled_login_with_a_hostile_text(bed: Bed, lines: list[str]) -> None:
    for text in HOSTILE.values():
        browser = bed.browser()
        query = f"error=access_denied&error_description={text}&error_uri={text}"

        answer = answer_with(browser, "/login/plain", query)

        assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
        assert "planted" not in browser.http.cookies
        assert "You cancelled at Plain. Nothing was changed." in browser.get("/login").text
    assert {told for told, _ in bed.told} == {"login_denied"}
    assert bed.calls("plain") == 0


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_A023_a_hostile_code_and_text(bed: Bed, lines: list[str], accept: str) -> None:
    for text in HOSTILE.values():
        browser = bed.browser()
        query = f"error={text}&error_description={text}"

        answer = answer_with(browser, "/login/plain", query, Accept=accept)

        assert answer.status_code == 502
        assert "Plain did not answer as expected. Nothing was changed." in answer.text
        assert "planted" not in browser.http.cookies
        for part in ("alert(1)", "config", "aaaaaaaa", "lost", "gnp.exe", "\x1b", "\u202e"):
            assert part not in answer.text + "".join(lines)
        assert "unknown_error" in lines[-1]
    assert {name for name, _ in bed.told} == {"provider_failed"}
    told = {str(arguments["error"]) for _, arguments in bed.told}
    assert told == {"unknown_error: reading the callback"}
    assert bed.calls("plain") == 0


@pytest.mark.parametrize("path", ["/connect/plain", "/reconnect/plain"])
def test_A023_a_cancelled_connect_with_a_hostile_text(
    bed: Bed, lines: list[str], path: str
) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    bed.connect(U1, "plain", "1")
    state = query_of(browser.set_out(path))["state"]
    query = f"state={state}&error=access_denied&{DESCRIPTION}"

    answer = browser.get(f"/connect/plain?{query}")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    page = browser.get("/connections").text
    assert "You cancelled at Plain" in page
    assert "EVIL" not in page + "".join(lines)
    assert [told for told, _ in bed.told] == ["connection_denied"]
    assert bed.accounts() == [(U1, "plain", "1")]


def test_A023_a_code_beside_the_error_is_not_used(bed: Bed, lines: list[str]) -> None:
    signed_in: list[object] = []
    user_logged_in.connect(lambda sender, **extra: signed_in.append(sender), bed.app, weak=False)
    browser = bed.browser()
    callback = browser.at_provider(browser.set_out("/login/acme"))
    answer = browser.get(f"{callback}&error=server_error")
    assert answer.status_code == 502
    assert (bed.calls("acme"), browser.who(), signed_in) == (0, None, [])
