"""The control interface over HTTP does what the Python methods do."""

from __future__ import annotations

import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from flask_social.sandbox import Hang, Kill
from flask_social.sandbox.control import KINDS
from flask_social.testing import ServedSandbox

from .walk import Walk, part


def control(box: ServedSandbox, method: str, path: str, options: object = None) -> Any:
    answer = requests.request(method, f"{box.url}control/{path}", json=options, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_people_come_and_go(acme: Walk) -> None:
    box = acme.box
    control(box, "POST", "login_as", {"person": "grace"})
    assert part(acme.tokens()["id_token"], 1)["name"] == "Grace Hopper"
    control(box, "POST", "login_as", {"person": "alan", "provider": "acme", "scopes": ["openid"]})
    assert acme.tokens()["scope"] == "openid"
    control(box, "POST", "deny", {"provider": "acme"})
    assert acme.back()["error"] == "access_denied"
    control(box, "POST", "ask")
    assert acme.authorize().status_code == 200
    control(box, "POST", "deny")
    assert acme.back()["error"] == "access_denied"
    control(box, "POST", "ask", {"provider": "acme"})
    assert acme.authorize().status_code == 200


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"kind": "status", "code": 500}, 500),
        ({"kind": "type", "type": "text/html"}, 200),
        ({"kind": "redirect", "url": "/sink/x", "code": 307}, 307),
        ({"kind": "size", "size": 5000}, 200),
    ],
)
def test_faults_come_and_go(acme: Walk, options: dict[str, Any], status: int) -> None:
    control(acme.box, "PUT", "acme/faults/jwks", options)
    answer = acme.session.get(acme.url("jwks"), allow_redirects=False)
    assert answer.status_code == status
    control(acme.box, "DELETE", "acme/faults/jwks")
    assert acme.session.get(acme.url("jwks")).headers["Content-Type"] == "application/json"
    control(acme.box, "DELETE", "acme/faults")


def test_every_fault_has_a_name() -> None:
    expected = "refuse reset hang barrier delay status redirect truncate drip size gzip"
    assert set(KINDS) == {*expected.split(), "gzip_bomb", "headers", "type", "charset"}


def test_authorization_requests_are_held_until_released(acme: Walk) -> None:
    control(acme.box, "POST", "acme/hold")
    [held] = acme.box["acme"].faults["authorize"]
    assert isinstance(held, Hang)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(acme.authorize)
        assert held.entered.wait(60)
        control(acme.box, "POST", "release")
        assert waiting.result(60).status_code == 302


def test_a_process_is_killed_before_it_has_its_answer(acme: Walk) -> None:
    with subprocess.Popen(["sleep", "60"]) as doomed:
        acme.box["acme"].fail("jwks", Kill(doomed.pid))
        with pytest.raises(requests.ConnectionError):
            requests.get(acme.url("jwks"), timeout=60)
        assert doomed.wait(60) == -signal.SIGKILL


def test_over_http_no_process_is_killed(acme: Walk) -> None:
    with subprocess.Popen(["sleep", "60"]) as spared:
        options = {"kind": "kill", "pid": spared.pid}
        url = f"{acme.box.url}control/acme/faults/jwks"
        answer = requests.put(url, json=options, timeout=60)
        assert (answer.status_code, len(acme.jwks())) == (400, 1)
        assert "no such fault" in answer.json()["error"]
        assert spared.poll() is None
        spared.terminate()


@pytest.mark.parametrize("pid", [-1, 0, 1, "all"])
def test_a_whole_group_of_processes_cannot_be_killed(pid: Any) -> None:
    with pytest.raises(ValueError, match="one process"):
        Kill(pid)


def asked_by(box: ServedSandbox, host: str) -> requests.Response:
    headers = {"Host": host}
    return requests.post(f"{box.url}control/deny", headers=headers, timeout=60)


def test_a_request_by_another_name_is_refused(acme: Walk) -> None:
    # A web page can have its own name resolve to this machine.
    names = (
        "evil.example",
        "evil.example:5001",
        "localhost.evil.example",
        "x@localhost",
        "10.0.0.1",
    )
    for host in names:
        answer = asked_by(acme.box, host)
        assert (answer.status_code, "localhost" in answer.json()["error"]) == (403, True), host
    assert "code" in acme.back(), "Ada is let in still"
    for host in ("localhost", "LocalHost:1", "127.0.0.1:5001", "[::1]", "[::1]:80"):
        assert asked_by(acme.box, host).status_code == 200, host
    assert acme.back()["error"] == "access_denied"


def test_answers_are_edited(acme: Walk) -> None:
    edit = {"set": {"iss": "https://evil.test"}, "delete": ["nonce"]}
    control(acme.box, "PUT", "acme/edits/claims", edit)
    claims = part(acme.tokens(nonce="N")["id_token"], 1)
    assert claims["iss"] == "https://evil.test"
    assert "nonce" not in claims
    control(acme.box, "PUT", "acme/edits/jwks", {"replace": {"keys": []}})
    assert acme.jwks() == []
    control(acme.box, "POST", "acme/honest")
    assert len(acme.jwks()) == 1


def test_keys_signatures_and_clock_are_set(acme: Walk) -> None:
    control(acme.box, "POST", "acme/sign", {"alg": "none"})
    assert acme.tokens()["id_token"].endswith(".")
    control(acme.box, "POST", "acme/rotate_keys")
    assert len(acme.jwks()) == 2
    control(acme.box, "POST", "acme/rotate_keys", {"withdraw": True})
    assert len(acme.jwks()) == 1
    control(acme.box, "POST", "acme/publish_keys", {"count": 3})
    assert len(acme.jwks()) == 3
    before = acme.box.now()
    control(acme.box, "POST", "clock", {"skew": 500})
    assert acme.box.now() >= before + 500


def test_providers_and_clients_are_added(box: ServedSandbox) -> None:
    script = {"id": "extra", "kind": "oauth2", "shape": "plain", "default_scopes": ["a"]}
    control(box, "POST", "providers", script)
    client = {"id": "app", "secret": "s", "redirect_uris": ["http://127.0.0.1/only"]}
    control(box, "POST", "extra/clients", client)
    walk = Walk(box, "extra")
    assert walk.authorize().status_code == 400
    assert walk.authorize(redirect_uri="http://127.0.0.1/only").status_code == 302


def test_counts_and_records_are_told(acme: Walk) -> None:
    acme.jwks()
    requests.post(f"{acme.box.url}sink/here", data="loot", timeout=60)
    assert control(acme.box, "GET", "counters")["requests"] == {"acme": {"jwks": 1}}
    assert control(acme.box, "GET", "requests")[0]["path"] == "/acme/jwks"
    assert control(acme.box, "GET", "sink")[0]["body"] == "loot"
    control(acme.box, "DELETE", "counters")
    assert control(acme.box, "GET", "requests") == []


def test_reset_forgets_everything(acme: Walk) -> None:
    token = acme.tokens()["access_token"]
    control(acme.box, "PUT", "acme/faults/jwks", {"kind": "status", "code": 500})
    control(acme.box, "POST", "release")
    assert len(acme.jwks()) == 1
    control(acme.box, "POST", "reset")
    assert acme.get("userinfo", token).status_code == 401
    assert acme.authorize().status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        ("POST", "nothing", {}),
        ("POST", "login_as", {"person": "eve"}),
        ("POST", "clock", []),
        ("PUT", "acme/faults/jwks", {"kind": "odd"}),
        ("PUT", "acme/faults/jwks", {"kind": "status", "odd": 1}),
        ("PUT", "acme/faults/nowhere", {"kind": "reset"}),
        ("PUT", "acme/edits/claims", {"odd": 1}),
        ("POST", "acme/nothing", {}),
        ("POST", "providers", {"id": "sink"}),
    ],
)
def test_nonsense_is_refused_with_a_reason(
    box: ServedSandbox, method: str, path: str, options: object
) -> None:
    answer = requests.request(method, f"{box.url}control/{path}", json=options, timeout=60)
    assert answer.status_code == 400
    assert answer.json()["error"]
