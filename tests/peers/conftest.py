"""Real providers in processes of their own, begun anew for every test.

Here is what all of them need, and npm oidc-provider.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from tests.bed import Bed, Browser, make_app, served

HERE = Path(__file__).parent
NODE = HERE.parent.parent / ".venv" / "peers" / "bin" / "node"
SECONDS_TO_START = 300
CLIENT_ID = "the bed"
SECRET = 'a secret: 100 % + more & "such" = odd'  # what Basic has to encode (RFC 6749 2.3.1)
BACK_CHANNEL = ("/.well-known/openid-configuration", "/jwks", "/token", "/me")
"""What an application asks for by itself, without the browser."""


@dataclass(frozen=True)
class Call:
    """A request that the provider had."""

    method: str
    path: str
    connection: int
    """Which TCP connection it came on."""


@dataclass(frozen=True)
class Peer:
    """The provider's process."""

    url: str

    def start(self, client: dict[str, Any], settings: dict[str, Any]) -> None:
        """Begin anew, with one client registered; *settings* are oidc-provider's own."""
        control(self.url, "PUT", json={"clients": [client], "settings": settings})

    def calls(self) -> list[Call]:
        """What the application asked for by itself, in order."""
        listed = [Call(**each) for each in control(self.url, "GET")]
        return [each for each in listed if each.path in BACK_CHANNEL]

    def counts(self) -> Counter[str]:
        """How often it asked for each path."""
        return Counter(each.path for each in self.calls())


def control(url: str, method: str, **kwargs: Any) -> Any:
    """What the provider's process at *url* answers to a word from the test."""
    with requests.Session() as session:
        session.trust_env = False
        answer = session.request(method, f"{url}/control", timeout=60, **kwargs)
    assert answer.status_code == 200, answer.text
    return answer.json()


class Visitor(Browser):
    """A browser that fills in the provider's pages."""

    def at_peer(self, url: str, person: str = "ada", *, cancel: bool = False) -> str:
        """Sign in and consent where asked, or press cancel: the callback's address."""
        answer = self.http.get(url, allow_redirects=False, timeout=60)
        while True:
            if answer.status_code == 200:
                answer = self._fill_in(answer, person, cancel=cancel)
            assert answer.status_code in (302, 303), (answer.status_code, answer.text)
            location = urljoin(answer.url, answer.headers["Location"])
            if location.startswith(self.bed.url):
                return location
            answer = self.http.get(location, allow_redirects=False, timeout=60)

    def trip_to_peer(self, path: str, person: str = "ada", **form: str) -> requests.Response:
        """Set out, say yes at the provider, come back: the answer of the callback."""
        return self.get(self.at_peer(self.set_out(path, **form), person))

    def _fill_in(self, page: requests.Response, person: str, *, cancel: bool) -> requests.Response:
        if cancel:
            [link] = re.findall(r'href="([^"]+/abort)"', page.text)
            url = urljoin(page.url, link)
            return self.http.get(url, allow_redirects=False, timeout=60)
        [action] = re.findall(r'<form[^>]* action="([^"]+)"', page.text)
        hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        form = {"login": person, "password": "any will do"} | dict(hidden)
        url = urljoin(page.url, action)
        return self.http.post(url, data=form, allow_redirects=False, timeout=60)


class PeerBed:
    """A served application whose provider ``peer`` is the real one."""

    def __init__(self, bed: Bed, peer: Peer) -> None:
        self.bed = bed
        self.peer = peer

    def visitor(self) -> Visitor:
        """A browser with no cookies yet."""
        return Visitor(self.bed)

    def connected(self, email: str, person: str = "ada") -> Visitor:
        """The browser of a new user who has just connected *person*'s account."""
        self.bed.add_user(email)
        visitor = self.visitor()
        visitor.sign_in(email)
        answer = visitor.trip_to_peer("/connect/peer", person)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
        return visitor


@pytest.fixture(scope="session")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """The provider's process, for the whole run. Without Node.js a skip, in CI a failure."""
    if not NODE.exists():
        if os.environ.get("CI"):
            pytest.fail("make peers has not been run")
        pytest.skip("needs Node.js: make peers")
    with running(tmp_path_factory.mktemp("peers") / "op.log", NODE, "op.mjs") as url:
        yield Peer(url)


@contextmanager
def running(log: Path, *command: str | Path) -> Iterator[str]:
    """The address of a process that ends with the block, or if we are killed: its stdin closes."""
    with (
        log.open("w") as written,
        subprocess.Popen(
            command,
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            readable, _, _ = select.select([process.stdout], [], [], SECONDS_TO_START)
            said, _, url = (process.stdout.readline() if readable else "").strip().partition(" ")
            assert said == "ready", log.read_text()
            yield url
        finally:
            process.terminate()


@pytest.fixture
def make_peer_bed(peer: Peer) -> Iterator[Callable[..., PeerBed]]:
    """A function that serves an application and registers it at the provider.

    Its keyword arguments go into ``SOCIAL_PEER``; *client* into the registration, where ``None``
    leaves something out; and *settings* are oidc-provider's.
    """
    with ExitStack() as beds:

        def make(
            *,
            client: dict[str, Any] | None = None,
            settings: dict[str, Any] | None = None,
            **options: Any,
        ) -> PeerBed:
            social = {"consumer_key": CLIENT_ID, "consumer_secret": SECRET, "issuer": peer.url}
            bed = beds.enter_context(served(make_app({"SOCIAL_PEER": {**social, **options}})))
            registration = {
                "client_id": CLIENT_ID,
                "client_secret": SECRET,
                "token_endpoint_auth_method": "client_secret_post",
                "redirect_uris": [f"{bed.url}/login/peer", f"{bed.url}/connect/peer"],
            }
            registration |= client or {}
            peer.start({k: v for k, v in registration.items() if v is not None}, settings or {})
            return PeerBed(bed, peer)

        yield make


@pytest.fixture
def peer_bed(make_peer_bed: Callable[..., PeerBed]) -> PeerBed:
    """An application with an issuer, a key and a secret, as most are configured."""
    return make_peer_bed()
