"""``make demo``: one command, one process, an address that answers."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

SERVE = Path(__file__).parents[1] / "examples" / "demo" / "serve.py"


@pytest.fixture
def demo() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running demo, on a free port, and the line it printed."""
    process = subprocess.Popen(
        [sys.executable, str(SERVE)],
        env={**os.environ, "PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process:
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


def test_the_demo_prints_its_address_and_serves_there(
    demo: tuple[subprocess.Popen[str], str],
) -> None:
    process, said = demo
    found = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert found, process.communicate()
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(f"{found[0]}/login", timeout=60)
        assert page.status_code == 200
        for name in ("Twitter", "Facebook", "Foursquare", "Google", "GitHub", "LinkedIn"):
            assert f"Login with {name}" in page.text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token
        away = browser.post(
            f"{found[0]}/login/google",
            data={"csrf_token": token[1]},
            allow_redirects=False,
            timeout=60,
        )
        assert away.status_code == 303
        assert away.headers["Location"].startswith("http://localhost:")
        assert "Continue as Ada Lovelace" in browser.get(away.headers["Location"], timeout=60).text


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_ends_when_it_is_told_to(
    demo: tuple[subprocess.Popen[str], str], how: signal.Signals
) -> None:
    process, said = demo
    assert "The demo runs on" in said
    process.send_signal(how)
    assert process.wait(60) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
