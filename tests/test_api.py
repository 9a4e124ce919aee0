"""The session that ``get_api()`` gives: where the token goes, and where it never does."""

from __future__ import annotations

import copy
import logging
import pickle
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import requests
import trustme
from requests.auth import HTTPBasicAuth

from flask_social.api import ApiSession
from flask_social.http import Request
from flask_social.transport import TransportOptions, Wire
from flask_social.values import Client, Token

from .faulty import PATIENT, TRIES, Exchange, Faulty, Script, Watch, head, refusing, server_tls

CLIENT = Client(id="app", secret="app-s3cret")
TOKEN = Token(access_token="s3cret")


def bearer(request: Request, token: Token, client: Client) -> Request:
    return request.with_headers(Authorization=f"Bearer {token.access_token}")


def in_query(request: Request, token: Token, client: Client) -> Request:
    return request.with_query(access_token=token.access_token)


def signed(request: Request, token: Token, client: Client) -> Request:
    parts = (request.method, request.url, sorted((request.form or {}).items()), request.body)
    return request.with_headers(Authorization=f"Signed {parts!r}")


def session_at(base_url: str, **more: object) -> ApiSession:
    given: dict[str, object] = {
        "token": TOKEN,
        "client": CLIENT,
        "token_use": bearer,
        "options": PATIENT,
    }
    return ApiSession(base_url=base_url, **{**given, **more})  # type: ignore[arg-type]


def well(exchange: Exchange) -> None:
    exchange.reply(b'{"n": %d}' % exchange.nth, Content_Type="application/json")


@pytest.mark.parametrize("base", ["/v1", "/v1/"])
@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("me", "/v1/me"),
        ("/me", "/v1/me"),
        ("//evil.test/me", "/v1/evil.test/me"),
        ("me/friends?limit=2", "/v1/me/friends?limit=2"),
        ("", "/v1/"),
        ("urn:li:person:1", "/v1/urn:li:person:1"),
        ("me?next=https://evil.test/../x", "/v1/me?next=https://evil.test/../x"),
        ("a..b/...", "/v1/a..b/..."),
    ],
)
def test_paths_are_below_the_base_with_or_without_a_slash(
    base: str, path: str, target: str
) -> None:
    with Faulty(well) as server, session_at(server.url + base) as session:
        assert session.get(path).json() == {"n": 1}
    assert server.requests[0].target == target
    assert server.requests[0].headers["authorization"] == "Bearer s3cret"


def test_an_absolute_address_of_the_same_origin_is_taken() -> None:
    with Faulty(well) as server, session_at(server.url + "/v1") as session:
        session.get(server.url + "/v2/me", params={"a": "b"})
    assert server.requests[0].target == "/v2/me?a=b"


@pytest.mark.parametrize("path", ["../admin", "users/../../x", "a/%2e%2E/b", "./x", "a\\..\\b"])
def test_a_path_does_not_climb_out_of_the_api(path: str) -> None:
    with (
        Faulty(well) as server,
        session_at(server.url + "/v1") as session,
        pytest.raises(ValueError, match="dot segments"),
    ):
        session.get(path)
    assert server.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/me",
        "http://evil.test/me",
        "https://api.test:444/me",
        "HTTPS://evil.test/",
        "https://api.test.evil.test/",
        "https://api.test@evil.test/",
        "https://evil.test\\@api.test/",
        "ftp://api.test/",
        "https:///me",
        "http://api.test/",
    ],
)
def test_an_address_of_another_origin_is_refused(url: str) -> None:
    session = session_at("https://api.test/v1")
    with pytest.raises(ValueError, match=r"evil\.test|api\.test|not an address"):
        session.get(url)


def test_the_refusal_names_the_host() -> None:
    with pytest.raises(ValueError, match=r"^evil\.test is not where this token may go$"):
        session_at("https://api.test/v1").get("https://evil.test/me?access_token=s3cret")


def test_a_prepared_request_to_another_origin_is_refused() -> None:
    prepared = requests.Request("GET", "https://evil.test/").prepare()
    with pytest.raises(ValueError, match=r"evil\.test"):
        session_at("https://api.test/").send(prepared)


def test_further_origins_may_be_admitted() -> None:
    with Faulty(well) as one, Faulty(well) as other:
        session = session_at(one.url, origins=[other.url])
        assert session.get(other.url + "/people").status_code == 200
    assert other.requests[0].headers["authorization"] == "Bearer s3cret"


@pytest.mark.parametrize("base_url", ["http://api.test/", "ftp://api.test", "api.test", ""])
def test_a_base_that_is_not_secure_is_refused(base_url: str) -> None:
    with pytest.raises(ValueError, match=r"https|address"):
        session_at(base_url, options=TransportOptions())


def test_a_token_in_the_query_leaves_what_else_is_there() -> None:
    with Faulty(well) as server, session_at(server.url, token_use=in_query) as session:
        session.get("me?fields=id", params={"name": "ü"})
    assert server.requests[0].target == "/me?fields=id&name=%C3%BC&access_token=s3cret"
    assert "authorization" not in server.requests[0].headers


def test_a_token_may_be_a_function_asked_for_each_request() -> None:
    tokens = iter([TOKEN, replace(TOKEN, access_token="second")])
    with Faulty(well) as server, session_at(server.url, token=lambda: next(tokens)) as session:
        session.get("me")
        session.get("me")
    assert [each.headers["authorization"] for each in server.requests] == [
        "Bearer s3cret",
        "Bearer second",
    ]


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ({"data": {"a": "1", "b": "ü"}}, "[('a', '1'), ('b', 'ü')], None"),
        ({"data": [("a", "1"), ("a", "2")]}, "[], b'a=1&a=2'"),
        ({"data": b"raw"}, "[], b'raw'"),
        ({"json": {"a": 1}}, "[], b'{\"a\": 1}'"),
        ({}, "[], None"),
    ],
)
def test_a_signature_sees_what_is_sent(sent: dict[str, object], seen: str) -> None:
    with Faulty(well) as server, session_at(server.url, token_use=signed) as session:
        session.post("me?x=1", **sent)  # type: ignore[arg-type]
    signature = server.requests[0].headers["authorization"].encode("latin-1").decode("latin-1")
    expected = f"Signed ('POST', '{server.url}/me?x=1', {seen})"
    assert signature == expected


def test_a_field_added_to_a_form_is_sent() -> None:
    def proof(request: Request, token: Token, client: Client) -> Request:
        return request.with_form(proof="abc")

    with Faulty(well) as server, session_at(server.url, token_use=proof) as session:
        session.post("feed", data={"message": "hi"})
    received = server.requests[0]
    assert received.body == b"message=hi&proof=abc"
    assert received.headers["content-length"] == str(len(received.body))


def test_own_authorisation_of_a_call_replaces_the_sessions() -> None:
    with Faulty(well) as server, session_at(server.url) as session:
        session.get("me", auth=HTTPBasicAuth("a", "b"))
    assert server.requests[0].headers["authorization"] == "Basic YTpi"


def redirecting(to: Callable[[Exchange], str]) -> Script:
    def script(exchange: Exchange) -> None:
        if exchange.received.target.startswith("/old"):
            exchange.reply(b"moved", 302, Location=to(exchange))
        else:
            well(exchange)

    return script


@pytest.mark.parametrize("token_use", [bearer, in_query, signed])
def test_a_redirect_within_the_origin_is_followed_and_authorised_anew(
    token_use: Callable[[Request, Token, Client], Request],
) -> None:
    with (
        Faulty(redirecting(lambda _: "/new?a=b")) as server,
        session_at(server.url, token_use=token_use) as session,
    ):
        assert session.get("old").json() == {"n": 2}
    first, second = server.requests
    assert second.target.startswith("/new?a=b")
    if token_use is bearer:
        assert second.headers["authorization"] == first.headers["authorization"]
    if token_use is in_query:
        assert second.target.endswith("access_token=s3cret")
    if token_use is signed:
        assert f"{server.url}/new?a=b" in second.headers["authorization"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_origin_is_the_answer_itself(status: int) -> None:
    with Faulty(well) as sink:
        place = sink.url + "/steal"
        with (
            Faulty(lambda exchange: exchange.reply(b"", status, Location=place)) as server,
            session_at(server.url) as session,
        ):
            response = session.get("me")
    assert (response.status_code, response.headers["Location"]) == (status, place)
    assert sink.connections == 0


@pytest.mark.parametrize("location", ["//evil.test/x", "https://evil.test", "ftp://a", "http://["])
def test_a_redirect_to_elsewhere_is_not_followed(location: str) -> None:
    with Faulty(redirecting(lambda _: location)) as server, session_at(server.url) as session:
        assert session.get("old").status_code == 302
    assert len(server.requests) == 1


def test_redirects_come_to_an_end() -> None:
    with (
        Faulty(redirecting(lambda _: "/old")) as server,
        session_at(server.url) as session,
        pytest.raises(requests.TooManyRedirects),
    ):
        session.get("old")
    assert len(server.requests) == 6


def test_logins_and_sessions_share_one_connection() -> None:
    with Faulty(well) as server:
        Wire(PATIENT)(Request(url=server.url, purpose="x"))
        for n in (2, 3):
            with session_at(server.url) as session:
                assert session.get("me").json() == {"n": n}
    assert server.connections == 1


def test_a_stream_is_read_piece_by_piece_and_gives_its_connection_back() -> None:
    octets = b"0123456789" * 10_000
    with (
        Faulty(lambda exchange: exchange.reply(octets)) as server,
        session_at(server.url) as session,
    ):
        response = session.get("file", stream=True)
        assert b"".join(response.iter_content(1000)) == octets
        session.get("file")
    assert server.connections == 1


def drip(exchange: Exchange) -> None:
    exchange.raw(head(200, Content_Length="1000000"))
    exchange.drip(b"x" * 1_000_000)


def drip_headers(exchange: Exchange) -> None:
    exchange.drip(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 60_000)


@pytest.mark.parametrize("script", [drip, drip_headers, lambda exchange: exchange.stall()])
def test_no_api_outlasts_the_total_of_a_call(script: Script) -> None:
    with (
        Faulty(script) as server,
        session_at(server.url, timeout=0.3) as session,
        pytest.raises((requests.ConnectionError, requests.Timeout)),
    ):
        session.get("me")


@pytest.mark.parametrize("timeout", [lambda total: total, lambda total: (total / 3, total * 2 / 3)])
def test_a_call_may_have_a_timeout_of_its_own(
    timeout: Callable[[float], float | tuple[float, float]],
) -> None:
    for seconds in TRIES:
        with (
            Faulty(drip) as server,
            session_at(server.url) as session,
            pytest.raises(requests.RequestException) as caught,
        ):
            session.get("me", timeout=timeout(seconds))
        if not isinstance(caught.value, requests.Timeout):  # as it is before the answer begins
            break
    assert type(caught.value) is requests.ConnectionError


def test_a_wait_without_end_still_has_the_sessions_total() -> None:
    for seconds in TRIES:
        with (
            Faulty(lambda exchange: exchange.stall()) as server,
            session_at(server.url, timeout=seconds) as session,
            pytest.raises(requests.RequestException) as caught,
        ):
            session.get("me", timeout=(60, None))
        if server.requests:
            break
    assert isinstance(caught.value, requests.ReadTimeout)


def test_a_silent_api_is_a_read_timeout() -> None:
    options = replace(PATIENT, read_timeout=0.2)
    with Faulty(lambda exchange: exchange.stall()) as server, pytest.raises(requests.ReadTimeout):
        session_at(server.url, options=options).get("me")


def test_a_stream_that_has_begun_may_take_longer_than_the_total(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_on = threading.Event()

    def slow(exchange: Exchange) -> None:
        exchange.raw(head(200, Content_Length="60"))
        go_on.wait(60)
        exchange.drip(b"x" * 60)

    watch = Watch()
    monkeypatch.setattr("flask_social.transport.connections.time", watch)
    with Faulty(slow) as server, session_at(server.url, timeout=60) as session:
        response = session.get("file", stream=True)
        watch.ahead += 61
        go_on.set()
        assert len(response.content) == 60


def test_the_environment_and_netrc_change_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password s3cret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with Faulty(well) as proxy, Faulty(well) as server, session_at(server.url) as session:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        session.get("me")
    assert proxy.connections == 0
    assert server.requests[0].headers["authorization"] == "Bearer s3cret"


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def test_the_session_trusts_what_the_application_trusts(
    authority: trustme.CA, tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    options = replace(PATIENT, ca_bundle=str(bundle))
    with Faulty(well, server_tls(authority)) as server:
        assert session_at(server.url, options=options).get("me").status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            session_at(server.url).get("me")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "given", [{"verify": False}, {"cert": "client.pem"}, {"proxies": {"http": "http://p.test"}}]
)
def test_what_the_configuration_decides_no_call_can_change(given: dict[str, object]) -> None:
    with (
        Faulty(well) as server,
        session_at(server.url) as session,
        pytest.raises(ValueError, match="SOCIAL_CA_BUNDLE"),
    ):
        session.get("me", **given)  # type: ignore[arg-type]
    assert server.connections == 0


def test_plain_requests_go_to_the_proxy_whole() -> None:
    with Faulty(well) as proxy:
        options = replace(PATIENT, proxy=proxy.url)
        session_at("http://api.test/v1", options=options).get("me#here")
    assert proxy.requests[0].target == "http://api.test/v1/me"
    assert proxy.requests[0].headers["host"] == "api.test"


def hang_up(exchange: Exchange) -> None:
    exchange.hang_up()


def test_a_post_is_never_sent_twice() -> None:
    def hang_up_on_the_second(exchange: Exchange) -> None:
        hang_up(exchange) if exchange.nth == 2 else well(exchange)

    with Faulty(hang_up_on_the_second) as server, session_at(server.url) as session:
        session.post("me")
        with pytest.raises(requests.ConnectionError):
            session.post("me")
    assert len(server.requests) == 2


@pytest.mark.parametrize("script", [hang_up, lambda exchange: exchange.raw(b"what?\r\n\r\n")])
def test_a_failure_says_nothing_of_the_token(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), Faulty(script) as server:
        session = session_at(server.url, token_use=in_query)
        with pytest.raises(requests.ConnectionError) as caught:
            session.get("me")
    assert "s3cret" not in f"{caught.value!s} {caught.value!r} {caplog.text}"
    assert caught.value.request is not None


def test_nobody_listening_is_a_connection_error_without_the_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with (
        refusing() as port,
        session_at(f"http://127.0.0.1:{port}", token_use=in_query) as session,
        caplog.at_level(logging.DEBUG),
        pytest.raises(requests.ConnectionError) as caught,
    ):
        session.get("me")
    assert "refused" in str(caught.value)
    assert "s3cret" not in f"{caught.value!s} {caught.value!r} {caplog.text}"


@pytest.mark.parametrize("secret", ["s3cret\r\nX-Evil: 1", "s3cret\u0416"])
def test_a_token_that_no_header_can_carry_is_refused_without_repeating_it(secret: str) -> None:
    with Faulty(well) as server:
        session = session_at(server.url, token=Token(access_token=secret))
        with pytest.raises(requests.exceptions.InvalidHeader) as caught:
            session.get("me")
    assert server.requests == []
    assert "s3cret" not in f"{caught.value!s} {caught.value!r}"


def test_a_session_does_not_show_its_token() -> None:
    session = session_at("https://api.test/v1")
    shown = f"{session!r} {session!s} {session.auth!r} {vars(session)!r} {vars(session.auth)!r}"
    assert "s3cret" not in shown
    assert repr(session) == "<ApiSession https://api.test/v1/>"


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_session_is_neither_pickled_nor_copied(duplicate: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="token"):
        duplicate(session_at("https://api.test/v1"))
