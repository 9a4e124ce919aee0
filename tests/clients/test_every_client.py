"""Every client that get_api() may give: what leaves carries the token, the present one alone.

The APIs are servers on loopback, which keep what came. ``make test`` runs none of this, since the
libraries are large; ``make check`` does.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from flask_social import vendors
from flask_social.errors import ReconnectNeeded
from tests.clients.cases import (
    ACCOUNT,
    CASES,
    CLIENT,
    REFRESH,
    STRIPE,
    Case,
    Renewing,
    Store,
    at,
    made,
)
from tests.faulty import Exchange, Faulty, Received, refusing

ALL = [*CASES, STRIPE]
every = pytest.mark.parametrize("case", CASES, ids=repr)
every_one = pytest.mark.parametrize("case", ALL, ids=repr)


def wire(received: Received) -> str:
    """All of a request, as one text."""
    headers = "\n".join(f"{name}: {value}" for name, value in received.headers.items())
    return f"{received.method} {received.target}\n{headers}\n\n{received.body!r}"


def test_every_library_has_a_case() -> None:
    named = {vendors.find("SOCIAL_ACME", case.name) for case in ALL}
    assert named == set(vendors.LIBRARIES)


@every
def test_the_request_that_leaves_carries_the_token(case: Case) -> None:
    store = Store()
    with Faulty(case.script) as server:
        assert case.call(at(server, case, store)) == case.result
    [sent] = server.requests
    assert (sent.method, sent.target.partition("?")[0]) == (case.method, case.target)
    assert sent.headers["authorization"] == f"Bearer {store.access_token}"
    assert wire(sent).count(store.access_token) == 1


@every
def test_a_token_that_was_refreshed_since_is_on_the_next_request(case: Case) -> None:
    store = Store()
    with Faulty(case.script) as server:
        api = at(server, case, store)
        case.call(api)
        store.access_token = "the-second-token"
        case.call(api)
    first, second = (sent.headers["authorization"] for sent in server.requests)
    assert first == "Bearer the-first-token"
    assert second == "Bearer the-second-token"


@every_one
def test_nothing_else_that_is_secret_leaves_or_is_shown(
    case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    store = Store()
    with Faulty(case.script) as server:
        api = at(server, case, store)
        case.call(api)
    secrets = [REFRESH, CLIENT.secret or "", "what-the-row-has", store.access_token]
    allowed = {CLIENT.secret if case is STRIPE else store.access_token}
    told = "".join(map(wire, server.requests))
    assert [each for each in secrets if each in told and each not in allowed] == []
    # The library's own records: Flask-Social keeps tokens out of the messages it causes.
    shown = repr(api) + "\n".join(record.getMessage() for record in caplog.records)
    assert [each for each in secrets if each in shown] == []


@pytest.mark.parametrize("case", [each for each in CASES if each.name != "PyGithub"], ids=repr)
def test_a_token_that_the_api_refuses_is_renewed_and_the_call_made_again(case: Case) -> None:
    store = Store()
    renewal = Renewing(store)

    def script(exchange: Exchange) -> None:
        if "the-renewed-token" in exchange.received.headers["authorization"]:
            case.script(exchange)
        else:
            exchange.reply(b"{}", 401, Content_Type="application/json")

    with Faulty(script) as server:
        api = made(case.name, server.url + case.path, store, renewal=renewal)
        assert case.call(api) == case.result
    assert renewal.refused == ["the-first-token"]
    assert renewal.gave_up == []
    assert len(server.requests) == 2


@every
def test_a_token_is_renewed_no_more_than_once_for_a_call(case: Case) -> None:
    store = Store()
    renewal = Renewing(store)

    def script(exchange: Exchange) -> None:
        exchange.reply(b"{}", 401, Content_Type="application/json")

    with Faulty(script) as server:
        api = made(case.name, server.url + case.path, store, renewal=renewal)
        with suppress(Exception):  # each has an error of its own
            case.call(api)
    # PyGithub does not say what an API has answered.
    assert renewal.refused == ([] if case.name == "PyGithub" else ["the-first-token"])


@every
def test_a_broken_connection_is_told_as_one(case: Case) -> None:
    store = Store()
    with Faulty(case.script) as server:
        api = at(server, case, store)
        store.fails = ReconnectNeeded("acme", ACCOUNT, "invalid_grant")
        with pytest.raises(ReconnectNeeded):
            case.call(api)
    assert server.requests == []


@every_one
def test_no_library_takes_a_credential_from_the_environment(
    case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    decoys = {
        "GITHUB_TOKEN": "decoy-1",
        "GITLAB_PRIVATE_TOKEN": "decoy-2",
        "SLACK_BOT_TOKEN": "decoy-3",
        "SPOTIPY_CLIENT_ID": "decoy-4",
        "SPOTIPY_CLIENT_SECRET": "decoy-5",
        "STRAVA_CLIENT_ID": "6",
        "STRAVA_CLIENT_SECRET": "decoy-6",
        "STRIPE_API_KEY": "decoy-7",
        "praw_refresh_token": "decoy-8",
        "praw_username": "decoy-9",
        "praw_password": "decoy-9",
        "praw_site": "decoy",
        "NETRC": str(tmp_path / "netrc"),
    }
    for name, value in decoys.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "netrc").write_text("default login decoy password decoy-10\n")
    (tmp_path / "the-first-token").write_text("decoy-11\nhttp://127.0.0.1:9\n")
    monkeypatch.chdir(tmp_path)
    store = Store()
    with Faulty(case.script) as server:
        assert case.call(at(server, case, store)) == case.result
    [sent] = server.requests
    secret = CLIENT.secret if case is STRIPE else store.access_token
    assert sent.headers["authorization"] == f"Bearer {secret}"
    assert "decoy" not in wire(sent)


@pytest.mark.parametrize("case", [each for each in ALL if each.name != "PyGithub"], ids=repr)
def test_no_proxy_of_the_environment_gets_a_token(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refusing() as port, Faulty(case.script) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert case.call(at(server, case, Store())) == case.result
    assert len(server.requests) == 1


@every_one
def test_an_api_may_be_below_a_path_as_in_the_sandbox(case: Case) -> None:
    moved = replace(case, target=f"/acme/api{case.target}")
    with Faulty(moved.script) as server:
        api = made(case.name, f"{server.url}/acme/api{case.path}", Store())
        assert case.call(api) == case.result
    assert len(server.requests) == 1


@every_one
def test_a_client_is_made_without_a_request(case: Case) -> None:
    with Faulty(case.script) as server:
        at(server, case, Store())
    assert server.connections == 0


@every_one
def test_no_library_waits_longer_than_a_call_may_take(case: Case) -> None:
    with Faulty(Exchange.stall) as server:
        api = made(case.name, server.url + case.path, Store(), timeout=1)
        with pytest.raises(Exception, match=r".*") as raised:  # each has an error of its own
            case.call(api)
    assert not isinstance(raised.value, AssertionError | AttributeError | TypeError)


BUSY = {
    # Notion's.
    "object": "error",
    "code": "rate_limited",
    "message": "Not now.",
    # Discord's.
    "retry_after": 3.0,
    # Dropbox's, and an object where Google, Spotify and Stripe have one.
    "error_summary": "too_many_requests/",
    "error": {"reason": {".tag": "too_many_requests"}, "retry_after": 300},
}


@pytest.mark.parametrize(
    ("case", "status"),
    [
        pytest.param(case, status, id=f"{case.name}-{status}")
        for case in ALL
        for status in (429, 503)
        # When Reddit's servers fail praw tries three times, as the documentation says.
        if (case.name, status) != ("praw", 503)
    ],
)
def test_a_refusal_for_now_is_raised_rather_than_slept_away(
    case: Case, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep(seconds: float) -> None:
        raise AssertionError(f"slept for {seconds} s")

    def busy(exchange: Exchange) -> None:
        body = json.dumps(BUSY).encode()
        exchange.reply(body, status, Retry_After="300", Content_Type="application/json")

    # Others may sleep in a loop: whoever slept before asking again would ask at once.
    at_once = partial(asyncio.sleep, 0)
    monkeypatch.setattr("time.sleep", sleep)
    monkeypatch.setattr("asyncio.sleep", lambda seconds, *_: at_once())
    with Faulty(busy) as server:
        api = at(server, case, Store())
        if case.name == "google-auth":
            assert api.get(f"{server.url}/drive/v3/about").status_code == status
        else:
            with pytest.raises(Exception, match=r".*") as raised:  # each has an error of its own
                case.call(api)
            assert not isinstance(raised.value, AssertionError | AttributeError | TypeError)
    assert len(server.requests) == 1
