"""Requests that no browser sends, at a server that passes on more of them than a test server does.

gunicorn gives the application octets as they came, and raises errors of its own while a body is
read. What the workers answered is counted when they stop: there is no 500 among it.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.hostile.databases import Database
from tests.hostile.workers import Workers
from tests.test_odd_requests import FORM, JSON, POSTS, status

U1 = "one@example.org"
RAW = b"\xff\xfe\xc3(\xed\xb0\x80"
CHUNKED = b"Transfer-Encoding: chunked"
TARGETS = (
    b"GET /login/acme?state=" + RAW + b"&code=c",
    b"GET /login/acme?" + RAW,
    b"GET /connect/acme?error=" + RAW,
    b"GET /connect/acme/" + RAW,
    b"GET /callback/" + RAW + b"?state=s",
    b"GET /verify/acme?next=/" + RAW,
    b"GET /connections?" + RAW,
    b"GET /disconnect/acme?" + RAW,
    b"POST /login/acme?next=/" + RAW,
    b"POST /connect/acme?" + RAW,
    b"POST /callback/acme?" + RAW,
    b"DELETE /connect/acme?" + RAW,
    b"GET http://evil.example/login/acme?state=s&code=c",
    b"GET //login/acme?state=s&code=c",
    b"GET /login/%ff%fe?state=%ff%fe&code=%00",
)
BODIES = (
    b"",
    b"zz\r\nnext=/x\r\n0\r\n\r\n",
    b"ff\r\nnext=/x",
    b"-5\r\nnext=/x",
    b"5;x",
    b"5\r\nnext=/x",
    b"7\r\nnext=/x\r\n",
    b"0\r\nTrailer: \xff\r\n",
)


def test_no_octet_of_a_request_makes_a_500(
    serve: Callable[..., Workers], open_database: Callable[[str], Database]
) -> None:
    workers = serve(open_database("sqlite"))
    bed = workers.bed
    bed.add_user(U1)
    browser = workers.browser().sign_in(U1)
    session = f"Cookie: session={browser.http.cookies['session']}".encode()
    remembered = "Cookie: remember_token=1|\u00fc".encode()
    for line in TARGETS:
        for header in (session, remembered, b"Cookie: session=" + RAW):
            for accept in (b"Accept: text/html", b"Accept: application/json"):
                assert status(bed, line, header, accept, b"Content-Length: 0") != 500, line
    for path in POSTS:
        for kind in (FORM, JSON, b"Content-Type: multipart/form-data; boundary=b"):
            for body in BODIES:
                assert status(bed, b"POST " + path, CHUNKED, kind, session, body=body) != 500, body
            for length in (b"-1", b"x", b"10485760", b"5"):
                sent = (b"Content-Length: " + length, kind, session)
                assert status(bed, b"POST " + path, *sent, body=b"a=b") != 500, length
    assert browser.trip("/connect/acme").status_code == 303
    assert workers.browser().trip("/login/acme").headers["Location"] == "/home"
