"""Requests that no browser sends, byte by byte: never a 500 on a route of ours, and life goes on.

Beside :mod:`tests.test_hostile_requests`, whose requests are at least well-formed HTTP.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from flask_social import limits
from flask_social.testing import ServedSandbox
from tests.bed import Bed

U1 = "one@example.org"
FORM = b"Content-Type: application/x-www-form-urlencoded"
JSON = b"Content-Type: application/json"
POSTS = (
    b"/login/acme",
    b"/connect/acme",
    b"/connect/acme/1",
    b"/disconnect/acme",
    b"/reconnect/acme",
    b"/verify/acme",
    b"/callback/acme",
    b"/callback/posty",
)


@pytest.fixture
def bed(make_bed: Callable[..., Bed], box: ServedSandbox) -> Bed:
    keys = {"consumer_key": "k", "consumer_secret": "s", "response_mode": "form_post"}
    return make_bed(SOCIAL_POSTY={**keys, "issuer": f"{box.url}posty"})


def status(bed: Bed, line: bytes, *headers: bytes, body: bytes = b"") -> int:
    """The status that is answered to these very bytes; 0 when the server would not read them."""
    head = [line + b" HTTP/1.1", b"Host: 127.0.0.1", *headers, b"Connection: close", b"", b""]
    with socket.create_connection(("127.0.0.1", urlsplit(bed.url).port or 80), 120) as sock:
        sock.sendall(b"\r\n".join(head) + body)
        sock.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: sock.recv(65_536), b""))
    assert bed.raised == [], line
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0


def goes_on(bed: Bed) -> None:
    """An ordinary connect and login work."""
    bed.add_user(U1)
    assert bed.browser().sign_in(U1).trip("/connect/acme").status_code == 303
    assert bed.browser().trip("/login/acme").headers["Location"] == "/home"


def test_octets_that_are_no_utf_8(bed: Bed) -> None:
    callback = b"GET /login/acme?state=s&code=c"
    asked = {
        b"GET /login/acme?state=\xff\xfe&code=\xc3": 400,
        b"GET /login/acme?x=\xff": 200,
        "GET /connect/acme?state=\u202e\u00fc".encode(): 400,
        b"POST /login/acme?next=/\xff": 303,
        b"GET /login/\xff\xfe": 404,
        b"GET /callback/\xc3(?state=s": 404,
    }
    for line, expected in asked.items():
        assert status(bed, line, b"Content-Length: 0") == expected, line
    for cookie in (b"session=\xff\xfe", b"\xff\xfe=x", b"social-flow-\xff=\xff", b"a=\xc3;;=;\xff"):
        assert status(bed, callback, b"Cookie: " + cookie) == 400, cookie
    for name in (b"Origin", b"Accept", b"Referer", b"Authorization", b"Sec-Purpose", b"X-\xff"):
        assert status(bed, callback, name + b": \xff\xfe") == 400, name
    goes_on(bed)


def test_a_remembering_cookie_that_no_server_signed_is_nobodys(bed: Bed) -> None:
    # Flask-Login compares what is behind the bar as ASCII, and raises where it is not.
    cookie = "Cookie: remember_token=1|\u2028\u00fc; other=x".encode()
    for path, expected in (
        (b"GET /login/acme", 200),
        (b"GET /login/acme?state=s&code=c", 400),
        (b"GET /connections", 302),
        (b"POST /login/acme", 303),
        (b"POST /callback/posty", 400),
    ):
        assert status(bed, path, cookie, b"Content-Length: 0") == expected, path


def test_a_remembering_cookie_goes_on_remembering(bed: Bed) -> None:
    bed.add_user(U1)
    browser = bed.browser().sign_in(U1)
    browser.trip("/connect/acme")
    browser.sign_out()
    browser.trip("/login/acme", remember="on")
    assert "remember_token" in browser.http.cookies
    browser.http.cookies.set("other", "\u00fc".encode().decode("latin-1"))
    del browser.http.cookies["session"]
    assert browser.who() == U1
    del browser.http.cookies["session"]
    assert browser.get("/connections").status_code == 200


def test_a_body_in_chunks_that_are_none(bed: Bed) -> None:
    chunked = b"Transfer-Encoding: chunked"
    for body in (b"zz\r\nnext=/x\r\n0\r\n\r\n", b"ff\r\nnext=/x", b"-5\r\nnext=/x", b"", b"5;x"):
        for kind in (FORM, JSON, b"Content-Type: multipart/form-data; boundary=b", b"X: y"):
            for path in (b"POST /login/acme", b"POST /callback/posty"):
                assert status(bed, path, chunked, kind, body=body) == 400, (path, kind, body)
    whole = b"7\r\nnext=/x\r\n0\r\n\r\n"
    assert status(bed, b"POST /login/acme", chunked, FORM, body=whole) == 303
    goes_on(bed)


class Unreadable(io.BytesIO):
    """A body as gunicorn gives it whose chunks are none: reading raises a class of the server's."""

    class InvalidChunkSize(Exception):
        pass

    def readinto(self, buffer: object) -> int:
        raise self.InvalidChunkSize


def test_a_body_that_the_server_itself_cannot_read(bed: Bed) -> None:
    client = bed.app.test_client()
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
        for path in POSTS:
            answer = client.post(
                path.decode(),
                input_stream=Unreadable(),
                headers={"Transfer-Encoding": "chunked", "Content-Type": kind},
                environ_overrides={"wsgi.input_terminated": True},
            )
            assert answer.status_code == 400, (path, kind)
    assert (bed.raised, bed.told) == ([], [])


def test_a_length_that_is_none(bed: Bed) -> None:
    for length in (b"-1", b"x", b"", b"1, 2", b"+5", b"\xb2", b"0x10", b"5 5"):
        for line in (b"POST /login/acme", b"POST /callback/posty", b"GET /login/acme?state=s"):
            given = status(bed, line, b"Content-Length: " + length, FORM, body=b"next=/x&state=s")
            assert given in (303, 400), (line, length)


def test_ten_megabytes_are_refused_before_they_are_read(bed: Bed) -> None:
    length = b"Content-Length: 10485760"
    others = (b"DELETE /connect/acme", b"GET /login/acme?state=s&code=c")
    for line in (*(b"POST " + path for path in POSTS), *others):
        for kind in (FORM, JSON, b"Content-Type: text/plain", b"X: y"):
            assert status(bed, line, kind, length) == 413, (line, kind)
    goes_on(bed)


@pytest.mark.parametrize("limit", [None, 1_000])
def test_no_more_is_read_of_an_endless_body_than_may_be(
    make_bed: Callable[..., Bed], limit: int | None
) -> None:
    bed = make_bed(MAX_CONTENT_LENGTH=limit)
    bound = limit or limits.REQUEST
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
        body = io.BytesIO(b"x" * (bound + 100_000))
        answer = bed.app.test_client().post(
            "/login/acme",
            input_stream=body,
            headers={"Transfer-Encoding": "chunked", "Content-Type": kind},
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert answer.status_code in (400, 413), kind
        assert body.tell() <= bound + 65_536
    assert bed.raised == []


def test_targets_of_every_form(bed: Bed) -> None:
    callback = b"/login/acme?state=s&code=c"
    asked = {
        b"GET http://evil.example" + callback: 400,
        b"POST http://evil.example/login/acme": 303,
        b"GET http://[::1" + callback: 0,  # the server itself closes
        b"OPTIONS *": 404,
        b"CONNECT evil.example:443": 404,
        b"GET //login/acme?state=s": 400,
        b"GET //evil.example" + callback: 404,
        b"GET /login/%zz%?state=s": 404,
        b"GET /login/acme?state=%zz&code=%": 400,
        b"GET /login/acme?=&&&=&state": 400,
        b"GET /login/acme?state=" + b"s" * 60_000: 400,
        b"GET /login/acme?state=s" + b"".join(b"&p%d" % n for n in range(9_000)): 400,
        b"GET /login/acme?state=s" + b"&state=s" * 7_000: 400,
        b"GET /login/acme?" + b"?" * 60_000: 200,
        b"GET /connect/acme/../../login/acme?state=s": 302,
    }
    for line, expected in asked.items():
        assert status(bed, line, b"Content-Length: 0") == expected, line[:60]
    goes_on(bed)


def test_ten_thousand_parameters_in_a_form(bed: Bed) -> None:
    for path, expected in ((b"/login/acme", 303), (b"/callback/posty", 400)):
        body = b"next=/x" + b"".join(b"&p%d=" % n for n in range(10_000))
        length = b"Content-Length: %d" % len(body)
        assert status(bed, b"POST " + path, FORM, length, body=body) == expected
    goes_on(bed)


def test_headers_of_any_length_and_number(bed: Bed) -> None:
    line = b"GET /login/acme?state=s&code=c"
    flows = b"; ".join(b"social-flow-%024x=x" % n for n in range(1_200))
    assert status(bed, line, b"Cookie: " + b"a" * 60_000) == 400
    assert status(bed, line, b"Cookie: " + flows) == 400
    assert status(bed, b"POST /login/acme", b"Content-Length: 0", b"Cookie: " + flows) == 303
    assert status(bed, line, *[b"X-%d: y" % n for n in range(90)]) == 400
    goes_on(bed)


def test_other_methods_are_not_allowed(bed: Bed) -> None:
    for method in (b"PATCH", b"PUT", b"TRACE", b"CONNECT", b"PROPFIND"):
        for path in POSTS:
            line = method + b" " + path + b"?state=s&code=c"
            override = b"X-HTTP-Method-Override: POST"
            assert status(bed, line, b"Content-Length: 0", override) in (404, 405), path
    assert bed.told == []


def test_a_multipart_body_that_is_none(bed: Bed) -> None:
    kind = b"Content-Type: multipart/form-data"
    part = b'--b\r\nContent-Disposition: form-data; name="state"'
    bodies = [
        (kind, b"state=s"),
        (kind + b"; boundary=\xff", b"state=s"),
        (kind + b"; boundary=b", part),
        (kind + b"; boundary=b", part + b'; filename="x"\r\n\r\ns\r\n--b--\r\n'),
        (
            kind + b"; boundary=b",
            part + b"\r\nContent-Type: x; charset=hex\r\n\r\n\xff\r\n--b--\r\n",
        ),
        (kind + b"; boundary=b", b"--b\r\n\r\n\r\n--b--\r\n"),
        (kind + b"; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
    ]
    for header, body in bodies:
        length = b"Content-Length: %d" % len(body)
        assert status(bed, b"POST /callback/posty", header, length, body=body) == 400, body
        assert status(bed, b"POST /login/acme", header, length, body=body) in (303, 400), body
    goes_on(bed)
