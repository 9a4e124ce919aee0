"""F63 to F68: tokens that expire, are revoked, are refreshed in vain, or cannot be read."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from flask_social import clock
from flask_social.errors import ProviderUnavailable, ReconnectNeeded
from flask_social.sandbox import Hang, Reset, Status
from flask_social.sandbox.faults import Fault
from flask_social.testing import ServedSandbox
from tests.bed import Bed, make_app, served
from tests.freshness import EMAIL, Connected, MakeConnected, config

ONE = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OTHER = "k2:Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="
JSON = {"Content-Type": "application/json"}


def reason(ada: Connected) -> str:
    """Why nobody gets an answer from the API."""
    with pytest.raises(ReconnectNeeded) as raised:
        ada.account()
    return raised.value.reason


def test_F63_a_key_that_is_lost_and_one_that_is_rotated(
    make_bed: Callable[..., Bed], box: ServedSandbox, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/app.sqlite"
    ada = Connected(make_bed(**config(box), SOCIAL_TOKEN_KEYS=[ONE], database=url))
    for keys, works in (([OTHER, ONE], True), ([OTHER], False), ([ONE], True)):
        bed = make_app({**config(box), "SOCIAL_TOKEN_KEYS": keys}, database=url)
        bed.sandbox = box
        with served(bed):
            ada.bed = bed
            if works:
                assert ada.account() == "Ada Lovelace"
            else:
                assert reason(ada) == "unreadable"
            assert bed.browser().sign_in(EMAIL).who() == EMAIL
            assert not ada.row().needs_reauth


@pytest.mark.parametrize("provider_id", ["acme", "plain"])
def test_F64_a_token_that_was_revoked_and_can_be_refreshed(
    make_connected: MakeConnected, provider_id: str
) -> None:
    ada = make_connected(provider_id)
    del ada.provider.access_tokens[str(ada.row().access_token)]
    assert ada.account() == "Ada Lovelace"
    assert ada.asked() == (1, 2)
    assert ada.account() == "Ada Lovelace"
    assert ada.asked() == (1, 3)


@pytest.mark.parametrize("provider_id", ["acme", "plain"])
def test_F64_a_consent_that_was_taken_back(make_connected: MakeConnected, provider_id: str) -> None:
    ada = make_connected(provider_id)
    ada.revoke()
    assert reason(ada) == "invalid_grant"
    assert ada.asked() == (1, 1)
    assert reason(ada) == "needs_reauth"
    assert ada.asked() == (1, 1)
    assert ada.row().needs_reauth
    assert ada.broken() == ["invalid_grant"]
    assert ada.browser.who() == EMAIL


def test_F64_an_api_that_refuses_what_the_provider_just_gave(ada: Connected) -> None:
    ada.provider.fail("api", Status(401))
    assert reason(ada) == "unauthorized"
    assert ada.asked() == (1, 2)
    assert reason(ada) == "needs_reauth"
    assert ada.asked() == (1, 2)


def test_F64_a_token_that_nothing_can_refresh(ada: Connected) -> None:
    ada.write(refresh_token=None)
    ada.revoke()
    assert reason(ada) == "unauthorized"
    assert ada.asked() == (0, 1)
    assert ada.row().needs_reauth


def test_F65_a_new_pair_that_was_lost(ada: Connected) -> None:
    ada.expire()
    spent = str(ada.row().refresh_token)
    ada.provider.refresh_tokens[spent].refresh_token = "what was never stored"
    assert reason(ada) == "invalid_grant"
    row = ada.row()
    assert (row.needs_reauth, row.refresh_token) == (True, spent)
    assert ada.broken() == ["invalid_grant"]
    page = ada.browser.get("/connections").text
    assert "reconnect needed" in page
    assert ada.browser.trip("/reconnect/acme").status_code == 303
    assert ada.account() == "Ada Lovelace"


def test_F66_two_who_refresh_at_once(
    make_bed: Callable[..., Bed], box: ServedSandbox, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/app.sqlite?timeout=60"
    ada = Connected(make_bed(**config(box), database=url))
    ada.expire()
    hang = Hang(times=1)
    ada.provider.fail("token", hang)
    looked = threading.Event()

    def second() -> str:
        hang.entered.wait(120)
        with clock.replaced(lambda: clock_now, pause):
            return ada.account()

    clock_now = clock.now()

    def pause(seconds: float) -> None:
        looked.set()
        threading.Event().wait(seconds)

    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(ada.account), pool.submit(second)]
        assert looked.wait(120)  # the second has seen that the first is at it
        hang.release()
        assert [each.result() for each in asked] == ["Ada Lovelace"] * 2
    assert ada.asked() == (1, 2)
    assert ada.row().access_token in ada.provider.access_tokens


FAILS: list[tuple[Fault, str, int, int]] = [
    (Status(500), "unavailable", 502, 10),
    (Status(503, headers={"Retry-After": "120"}), "unavailable", 503, 120),
    (Status(429, headers={"Retry-After": "30"}), "busy", 503, 30),
    (Status(200, "<html>welcome", {"Content-Type": "text/html"}), "bad_answer", 502, 10),
    (Status(200, "{}", JSON), "bad_answer", 502, 10),
    (Status(200, '{"access_token": "x", "token_type": "mac"}', JSON), "bad_answer", 502, 10),
    (Status(400, '{"error": "a word of theirs"}', JSON), "unknown_error", 502, 10),
    (Status(401, '{"error": "invalid_client"}', JSON), "invalid_client", 503, 10),
    (Status(400, '{"error": "temporarily_unavailable"}', JSON), "temporarily_unavailable", 502, 10),
    (Reset(), "unreachable", 503, 10),
]


@pytest.mark.parametrize(("fault", "code", "status", "wait"), FAILS)
def test_F67_a_refresh_in_vain_erases_nothing(
    ada: Connected, fault: Fault, code: str, status: int, wait: int
) -> None:
    ada.expire()
    before = ada.row()
    ada.provider.fail("token", fault)
    start = clock.now()
    with clock.replaced(lambda: start):
        for _ in range(3):
            with pytest.raises(ProviderUnavailable) as raised:
                ada.account()
            error = raised.value
            assert (error.code, error.status, error.retry_after) == (code, status, wait)
            assert error.provider_id == "acme"
    assert ada.asked() == (1, 0)  # nobody asked again before the delay was over
    after = ada.row()
    for name in ("access_token", "refresh_token", "id_token", "expires_at"):
        assert getattr(after, name) == getattr(before, name)
    assert (after.needs_reauth, after.lease_until, ada.broken()) == (False, None, [])
    ada.provider.clear()
    with clock.replaced(lambda: start + wait):
        assert ada.account() == "Ada Lovelace"


def test_F67_a_provider_that_is_silent(
    make_connected: MakeConnected, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = make_connected(SOCIAL_CALL_TIMEOUT=1)
    ada.expire()
    ada.provider.fail("token", Hang())
    with pytest.raises(ProviderUnavailable) as raised:
        ada.account()
    assert (raised.value.code, raised.value.status) == ("too_slow", 504)
    assert ada.row().refresh_token


def test_F67_the_old_token_will_do_while_it_lasts(ada: Connected) -> None:
    ada.write(expires_at=clock.now() + 50)
    ada.provider.fail("token", Status(503))
    start = clock.now()
    with clock.replaced(lambda: start):
        assert [ada.account(), ada.account()] == ["Ada Lovelace"] * 2
    assert ada.asked() == (1, 2)


@pytest.mark.parametrize(
    ("changed", "kept", "expiry", "scopes"),
    [
        ({"refresh_token": None}, True, True, "openid profile email"),
        ({"expires_in": None}, False, False, "openid profile email"),
        ({"scope": None}, False, True, "openid profile email"),
        ({"scope": "openid"}, False, True, "openid"),
        ({"refresh_token": None, "expires_in": None, "scope": "openid"}, True, False, "openid"),
    ],
)
def test_F68_what_a_refresh_does_not_bring(
    ada: Connected, changed: dict[str, Any], kept: bool, expiry: bool, scopes: str
) -> None:
    ada.expire()
    before = ada.row()
    ada.provider.set("token", **changed)
    assert ada.account() == "Ada Lovelace"
    after = ada.row()
    assert (after.refresh_token == before.refresh_token) is kept
    assert (after.expires_at is not None) is expiry
    assert after.scopes == scopes
    assert after.access_token != before.access_token
