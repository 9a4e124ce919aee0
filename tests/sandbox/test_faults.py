"""Every fault strikes as described, and only there."""

from __future__ import annotations

import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from flask_social import clock
from flask_social.sandbox import (
    Barrier,
    Charset,
    Delay,
    Drip,
    Fault,
    Gzip,
    Hang,
    Headers,
    Kill,
    Redirect,
    Reset,
    Size,
    Status,
    Truncate,
)
from flask_social.testing import ServedSandbox

from .walk import Walk


def fetch(walk: Walk, path: str = "jwks") -> requests.Response:
    return requests.get(walk.url(path), timeout=60, allow_redirects=False)


def test_a_reset_breaks_the_connection(acme: Walk) -> None:
    acme.box["acme"].fail("jwks", Reset(times=1))
    with pytest.raises(requests.ConnectionError):
        fetch(acme)
    assert fetch(acme).status_code == 200


def test_a_late_reset_breaks_it_after_the_code_is_spent(plain: Walk) -> None:
    code = plain.back()["code"]
    plain.box["plain"].fail("token", Reset(late=True, times=1))
    with pytest.raises(requests.ConnectionError):
        plain.token(code)
    assert plain.token(code).json()["error"] == "invalid_grant"


def test_a_process_can_be_killed_once_the_request_took_effect(plain: Walk) -> None:
    code = plain.back()["code"]
    with subprocess.Popen(["sleep", "60"]) as doomed:
        plain.box["plain"].fail("token", Kill(doomed.pid, late=True, times=1))
        with pytest.raises(requests.ConnectionError):
            plain.token(code)
        assert doomed.wait(60) == -signal.SIGKILL
    assert plain.token(code).json()["error"] == "invalid_grant"


def test_a_hanging_endpoint_answers_once_released(acme: Walk) -> None:
    hang = Hang()
    acme.box["acme"].fail("jwks", hang)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(fetch, acme)
        assert hang.entered.wait(60)
        assert not waiting.done()
        assert fetch(acme, ".well-known/openid-configuration").status_code == 200
        acme.box["acme"].clear("jwks")
        assert waiting.result(60).status_code == 200


def test_authorization_can_be_held(acme: Walk) -> None:
    hang = acme.box["acme"].hold()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(acme.authorize)
        assert hang.entered.wait(60)
        acme.box.release()
        assert waiting.result(60).status_code == 302


def test_a_barrier_opens_when_enough_are_in(acme: Walk) -> None:
    barrier = Barrier(2)
    acme.box["acme"].fail("jwks", barrier)
    with ThreadPoolExecutor() as pool:
        both = [pool.submit(fetch, acme) for _ in range(2)]
        assert [each.result(60).status_code for each in both] == [200, 200]
    assert barrier.arrived == 2


@pytest.mark.parametrize("fault", [Barrier(2), Delay(3600), Drip(3600)])
def test_whoever_waits_is_let_go(acme: Walk, fault: Fault) -> None:
    acme.box["acme"].fail("jwks", fault)
    fault.release()
    assert len(fetch(acme).json()["keys"]) == 1


def test_another_status_replaces_the_answer(acme: Walk) -> None:
    acme.box["acme"].fail("jwks", Status(503, "busy", {"Retry-After": "120"}))
    answer = fetch(acme)
    assert (answer.status_code, answer.text) == (503, "busy")
    assert answer.headers["Retry-After"] == "120"
    acme.box["acme"].clear()
    assert fetch(acme).status_code == 200


def test_a_late_status_lets_the_request_take_effect(plain: Walk) -> None:
    code = plain.back()["code"]
    plain.box["plain"].fail("token", Status(500, late=True, times=1))
    assert plain.token(code).status_code == 500
    assert plain.token(code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_leads_to_the_sink(acme: Walk, code: int) -> None:
    acme.box["acme"].fail("jwks", Redirect(f"{acme.box.url}sink/x", code))
    answer = fetch(acme)
    assert answer.status_code == code
    requests.post(answer.headers["Location"], data="loot", timeout=60)
    assert [(each.path, each.body) for each in acme.box.sink] == [("/sink/x", "loot")]


def test_a_redirect_can_depend_on_the_request(box: ServedSandbox) -> None:
    to_honest = Redirect(lambda request: f"{box.url}op-a/authorize?{request.query_string.decode()}")
    box["op-b"].fail("authorize", to_honest)
    hostile = Walk(box, "op-b")
    location = hostile.authorize().headers["Location"]
    assert location.startswith(f"{box.url}op-a/authorize?")
    honest = requests.get(location, timeout=60, allow_redirects=False)
    assert "op-a" in honest.headers["Location"]


def test_a_redirect_location_is_sent_as_it_is(acme: Walk) -> None:
    acme.box["acme"].fail("jwks", Redirect("//evil.test/x"))
    assert fetch(acme).headers["Location"] == "//evil.test/x"


def test_a_truncated_answer_breaks_off(acme: Walk) -> None:
    acme.box["acme"].fail("jwks", Truncate(10))
    with requests.get(acme.url("jwks"), timeout=60, stream=True) as answer:
        assert int(answer.headers["Content-Length"]) > 10
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            answer.content  # noqa: B018


def test_a_padded_answer_is_still_json(acme: Walk) -> None:
    acme.box["acme"].fail("jwks", Size(2_000_000))
    answer = fetch(acme)
    assert len(answer.content) == 2_000_000
    assert len(answer.json()["keys"]) == 1


def test_a_compressed_answer_can_be_a_bomb(acme: Walk) -> None:
    acme.box["acme"].fail("jwks", Gzip(5_000_000))
    answer = fetch(acme)
    assert int(answer.headers["Content-Length"]) < 10_000
    assert len(answer.content) == 5_000_000


def test_a_bomb_of_any_size_goes_out_in_pieces(acme: Walk) -> None:
    acme.box["acme"].fail("jwks", Gzip(10**10))
    with requests.get(acme.url("jwks"), timeout=60, stream=True) as answer:
        assert 5_000_000 < int(answer.headers["Content-Length"]) < 20_000_000
        assert len(answer.raw.read(3_000_000, decode_content=True)) == 3_000_000


def test_the_clock_of_the_providers_is_on_every_answer(acme: Walk) -> None:
    with clock.replaced(lambda: 1_700_000_000):
        acme.box.skew = 90
        assert fetch(acme).headers["Date"] == "Tue, 14 Nov 2023 22:14:50 GMT"
        acme.box["acme"].fail("jwks", Headers({"Date": "then"}))
        assert fetch(acme).headers["Date"] == "then"


def test_content_type_and_charset_can_be_others(acme: Walk) -> None:
    provider = acme.box["acme"]
    provider.fail("jwks", Headers({"Content-Type": "text/html"}))
    assert fetch(acme).headers["Content-Type"] == "text/html"
    provider.clear()
    provider.fail("jwks", Charset("utf-16"))
    answer = fetch(acme)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-16"
    assert '"keys"' in answer.content.decode("utf-16")


def test_faults_add_up_and_end_by_their_count(acme: Walk) -> None:
    acme.box["acme"].fail("jwks", Headers({"X-One": "1"}))
    acme.box["acme"].fail("jwks", Headers({"X-Two": "2"}, times=1))
    assert fetch(acme).headers.keys() >= {"X-One", "X-Two"}
    assert "X-Two" not in fetch(acme).headers


def test_an_unknown_endpoint_or_answer_is_named(box: ServedSandbox) -> None:
    with pytest.raises(ValueError, match="no endpoint 'tokens'"):
        box["acme"].fail("tokens", Reset())
    with pytest.raises(ValueError, match="no answer 'claim'"):
        box["acme"].set("claim", iss="x")
    with pytest.raises(ValueError, match="nobody is called 'eve'"):
        box.login_as("eve")
    with pytest.raises(ValueError, match="cannot be a provider"):
        box.add_provider(box["acme"].script.__class__(id="control"))


def test_a_plain_fault_does_nothing(acme: Walk) -> None:
    fault = Fault()
    acme.box["acme"].fail("jwks", fault)
    assert fetch(acme).status_code == 200
    fault.release()
