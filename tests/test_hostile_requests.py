"""No request of a browser, or of somebody who writes his own, makes a 500 or does more than asked.

Cookies, headers, bodies and paths that no button sends. The attacks by name are in ``attacks/``.
"""

from __future__ import annotations

import http.client
import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask_wtf import CSRFProtect

from flask_social import Social
from flask_social.datastore.memory import MemoryConnectionDatastore
from tests.bed import Bed
from tests.test_bad_input import secured

U1 = "one@example.org"
JSON = {"Content-Type": "application/json"}


def ask(
    bed: Bed, method: str, target: str, headers: list[tuple[str, bytes]], body: bytes = b""
) -> tuple[int, dict[str, str]]:
    """The answer to a request whose bytes no client library would send."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(bed.url).port or 80, timeout=60)
    try:
        connection.putrequest(method, target)
        for name, value in headers:
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


@pytest.mark.parametrize("origin", [b"http://[::1", b"\xff\xfe", b"null", b"http://a:b:c", b"//"])
def test_an_origin_that_is_none_is_cross_site(bed: Bed, origin: bytes) -> None:
    status, headers = ask(bed, "POST", "/login/acme", [("Origin", origin)])
    assert status == 403
    assert "set-cookie" not in headers


@pytest.mark.parametrize("site", [b"cross-site", b"same-site"])
def test_a_cross_site_post_without_an_origin_is_refused(bed: Bed, site: bytes) -> None:
    status, headers = ask(bed, "POST", "/login/acme", [("Sec-Fetch-Site", site)])
    assert status == 403
    assert "location" not in headers


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{",
        b"[]",
        b"null",
        b'"provider_user_id"',
        b"\xff\xfe",
        b'{"provider_user_id": ["1"]}',
        b'{"provider_user_id": {"1": 1}}',
        b'{"provider_user_id": "1",}',
        b'{"provider_user_id": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_body_that_cannot_be_read_disconnects_nothing(bed: Bed, body: bytes) -> None:
    bed.add_user(U1)
    bed.connect(U1, "acme", "1")
    bed.connect(U1, "acme", "2")
    browser = bed.browser().sign_in(U1)

    answer = browser.post("/disconnect/acme", data=body, headers=JSON)

    assert answer.status_code == 400
    assert answer.json()["response"]["code"] == "malformed"
    assert len(bed.accounts()) == 2


def test_a_json_start_without_a_body_is_a_start(bed: Bed) -> None:
    answer = bed.browser().post("/login/acme", headers=JSON)
    assert answer.status_code == 200
    assert "/acme/authorize?" in answer.json()["response"]["authorization_url"]


@pytest.mark.parametrize("value", [7, True, 1.5])
def test_a_number_in_json_is_its_text(bed: Bed, value: Any) -> None:
    bed.add_user(U1)
    bed.connect(U1, "acme", str(value))
    bed.connect(U1, "acme", "another")
    browser = bed.browser().sign_in(U1)

    answer = browser.post("/disconnect/acme", json={"provider_user_id": value})

    assert answer.status_code == 200
    assert [row[2] for row in bed.accounts()] == ["another"]


def test_a_next_of_signs_that_grow_when_quoted_does_not_cost_the_flow_its_cookie(
    bed: Bed,
) -> None:
    browser = bed.browser()
    answer = browser.post("/login/acme", data={"next": "/" + "\N{PINCHING HAND}" * 400})
    assert answer.status_code == 303
    assert all(len(cookie.value or "") < 3_500 for cookie in browser.http.cookies)


def test_reconnecting_what_is_not_mine_does_not_set_out(bed: Bed) -> None:
    bed.add_user(U1)
    bed.connect(U1, "acme", "1")
    browser = bed.browser().sign_in(U1)
    for subject in ("2", "x" * 5_000, ""):
        answer = browser.post("/reconnect/acme", data={"provider_user_id": subject})
        assert answer.status_code == 404
        assert not any("social" in cookie.name for cookie in browser.http.cookies)
    assert browser.post("/reconnect/acme", data={"provider_user_id": "1"}).status_code == 303


@pytest.mark.parametrize(
    "name", ["social-flow-\N{SNOWMAN}".encode(), b"social-flow-\xff", b"social-flow-x", b"social-"]
)
def test_a_cookie_that_only_begins_like_ours_does_not_come_back_in_a_header(
    bed: Bed, name: bytes
) -> None:
    cookie = name + b"=" + b"a" * 5_000
    status, headers = ask(bed, "POST", "/login/acme", [("Cookie", cookie)])
    assert status == 303
    assert headers["set-cookie"].startswith("social-flow-")
    assert headers["set-cookie"].isascii()


@pytest.mark.parametrize(
    "target",
    [
        "/login/%00",
        "/login/%0aERROR%20all%20is%20lost",
        "/login/__class__",
        "/login/settings",
        "/login/%ff",
        "/login/" + "a" * 3_000,
        "/callback/%E2%80%A8",
        "/login/acme?state=%ff&code=%00",
        "/login/acme?state=" + "s" * 5_000,
        "/login/acme?state=a&state=b",
        "/login/acme?denied",
        "/connect/acme?error=%3Cscript%3E",
    ],
)
def test_an_odd_address_is_answered_by_a_page_and_by_one_line(
    bed: Bed, target: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "flask_social"):
        status, _ = ask(bed, "GET", target, [])
    assert status in (400, 404)
    assert bed.raised == []
    for record in caplog.records:
        said = record.getMessage()
        assert said.isascii()
        assert said.isprintable()
        assert len(said) < 600


@pytest.mark.parametrize("subject", ["%00", "%ff", "..%2f", "a" * 3_000, "%F0%9F%98%80"])
def test_an_odd_account_to_remove_is_not_found(bed: Bed, subject: str) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    for method in ("get", "post", "delete"):
        answer = getattr(browser, method)(
            f"/connect/acme/x{subject}", headers={"Accept": "application/json"}
        )
        assert answer.status_code == 404


@pytest.mark.parametrize("order", ["CSRFProtect first", "CSRFProtect last"])
def test_the_first_request_of_a_process_may_be_a_form_post_under_csrf_protection(
    order: str,
) -> None:
    protection = CSRFProtect()
    app = secured(before=protection.init_app if order == "CSRFProtect first" else None)
    app.config["SOCIAL_ACME"] = {
        "consumer_key": "key",
        "consumer_secret": "secret",
        "issuer": "https://op.example",
        "response_mode": "form_post",
    }
    Social(app, MemoryConnectionDatastore())
    if order == "CSRFProtect last":
        protection.init_app(app)
    client = app.test_client()
    answer = client.post("/callback/acme", data={"state": "s", "code": "c"})
    assert answer.status_code == 400
    assert "not started in this browser" in answer.text
    # Everything else is protected still.
    answer = client.post("/login/acme")
    assert answer.status_code == 400
    assert "CSRF" in answer.text


def test_a_mistake_in_a_message_never_shows_what_was_sent(make_bed: Callable[..., Bed]) -> None:
    bed = make_bed()
    answer = bed.browser().get(
        "/login/acme?error=access_denied&error_description=call+1-800-EVIL&state=x"
    )
    assert answer.status_code == 400
    assert "EVIL" not in answer.text
    assert json.dumps(bed.told[-1][1].get("reason")) == '"missing"'
