"""What a client library takes for its session, and what it cannot make that session do."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from flask_social.api import ApiSession
from flask_social.protocols.credentials import bearer
from flask_social.values import Client, Token
from flask_social.vendors.sending import OurSession, below, origin_of, without
from tests.faulty import PATIENT, Exchange, Faulty


def session_at(url: str) -> ApiSession:
    return ApiSession(
        base_url=url,
        token=Token(access_token="the-token"),
        client=Client(id="client"),
        token_use=bearer,
        options=PATIENT,
    )


def echo(exchange: Exchange) -> None:
    exchange.reply(b"{}")


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"Authorization": "Bearer of-somebody-else"}},
        {"headers": {"authorization": "Basic b3RoZXI6b3RoZXI="}},
        {"auth": ("other", "other")},
        {"auth": lambda request: request},
        {"verify": "/no/such/bundle"},
        {"verify": False},
        {"proxies": {"http": "http://127.0.0.1:9"}},
        {"cert": "/no/such/certificate"},
    ],
    ids=lambda options: next(iter(options)),
)
def test_whatever_a_library_says_the_request_carries_our_token_and_has_our_limits(
    options: dict[str, Any],
) -> None:
    with Faulty(echo) as server:
        answer = OurSession(session_at(server.url)).get(f"{server.url}/me", **options)
    assert answer.status_code == 200
    [sent] = server.requests
    assert sent.headers["authorization"] == "Bearer the-token"


def test_headers_of_the_library_s_session_and_of_a_request_are_sent() -> None:
    with Faulty(echo) as server:
        ours = OurSession(session_at(server.url))
        ours.headers["User-Agent"] = "a library/1.0"
        ours.post("/posts", headers={"X-One": "1"}, json={"text": "hello"})
    [sent] = server.requests
    assert (sent.method, sent.target, sent.body) == ("POST", "/posts", b'{"text": "hello"}')
    assert (sent.headers["user-agent"], sent.headers["x-one"]) == ("a library/1.0", "1")


def test_a_request_elsewhere_is_refused() -> None:
    with Faulty(echo) as server, Faulty(echo) as other:
        ours = OurSession(session_at(server.url))
        with pytest.raises(ValueError, match="is not where this token may go"):
            ours.get(f"{other.url}/me")
    assert server.requests == other.requests == []


def test_an_address_of_the_library_s_is_moved_to_where_it_really_is() -> None:
    with Faulty(echo) as server:
        ours = OurSession(session_at(server.url), lambda url: below(server.url, url))
        ours.get("https://api.provider.example/v1/me?a=b")
    assert [sent.target for sent in server.requests] == ["/v1/me?a=b"]


def test_what_is_prepared_already_is_not_sent() -> None:
    with Faulty(echo) as server:
        ours = OurSession(session_at(server.url))
        prepared = ours.prepare_request(requests.Request("GET", server.url))
        with pytest.raises(TypeError):
            ours.send(prepared)
    assert server.requests == []


def test_closing_it_leaves_our_session_as_it_is() -> None:
    with Faulty(echo) as server:
        session = session_at(server.url)
        with OurSession(session) as ours:
            ours.get("/one")
        assert session.get("two").status_code == 200


def test_it_shows_no_secret() -> None:
    assert repr(OurSession(session_at("http://127.0.0.1"))) == (
        "<OurSession <ApiSession http://127.0.0.1/>>"
    )


def test_addresses_are_taken_apart() -> None:
    assert origin_of("https://api.test:8443/v1/me?a=b") == "https://api.test:8443"
    assert below("http://127.0.0.1:5000/acme/api", "https://api.test/v1?a=b") == (
        "http://127.0.0.1:5000/acme/api/v1?a=b"
    )
    assert without("/v1", "https://api.test/v1/") == "https://api.test"
    assert without("/v1", "https://api.test/") == "https://api.test"


# What the session has for libraries that do something by themselves.


def test_a_session_lets_its_token_go_where_a_vendor_has_its_other_hosts() -> None:
    with Faulty(echo) as server, Faulty(echo) as other:
        session = session_at(server.url)
        session.admit(f"{other.url}/files")
        assert session.get(f"{other.url}/files/1").status_code == 200
        with pytest.raises(ValueError, match="unless by https"):
            ApiSession(
                base_url="https://api.test",
                token=Token(access_token="the-token"),
                client=Client(id="client"),
                token_use=bearer,
            ).admit(other.url)
    assert [sent.headers["authorization"] for sent in other.requests] == ["Bearer the-token"]


def test_a_session_without_a_renewal_has_no_other_token() -> None:
    session = session_at("http://127.0.0.1")
    assert session.renewed("the-token").access_token == "the-token"
    assert session.seconds == PATIENT.call_timeout
