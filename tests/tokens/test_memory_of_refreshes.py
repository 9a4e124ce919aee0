"""The memory of a worker does not grow, however many tokens it refreshes.

They are 500 here; ``make bench`` has it do 20,000.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from tests.bed import close, make_app, usual_config
from tests.tokens.askers import EMAIL

ROOT = Path(__file__).parent.parent.parent
WARM = 300
REFRESHES = int(os.environ.get("SOCIAL_REFRESHES", "500"))
ALL = WARM + REFRESHES
MIB = 1024 * 1024


class TokenEndpoint(BaseHTTPRequestHandler):
    """Gives a new pair for every refresh token that was not used before."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    numbers = count(1)
    used: set[str]

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        form = self.rfile.read(length).decode()
        assert form not in self.used, "a refresh token was used twice"
        self.used.add(form)
        number = next(self.numbers)
        answer = {
            "access_token": f"sbx_access_{number:08}",
            "refresh_token": f"sbx_refresh_{number:08}",
            "token_type": "Bearer",
            "expires_in": 3600,
        }
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def token_endpoint() -> Iterator[str]:
    """Its address."""
    handler = type("Handler", (TokenEndpoint,), {"used": set()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_memory_of_a_worker_does_not_grow_with_its_refreshes(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/app.sqlite"
    with token_endpoint() as url:
        key = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        config = {"SOCIAL_PLAIN": usual_config(url)["SOCIAL_PLAIN"], "SOCIAL_TOKEN_KEYS": [key]}
        bed = make_app(config, database=database)
        with bed.app.app_context():
            bed.db.session.execute(sa.text("PRAGMA journal_mode = WAL"))
        bed.add_user(EMAIL)
        bed.connect(EMAIL, "plain", "7", refresh_token="the first", expires_at=1)
        close(bed)
        given = {"config": config, "database": database, "tell_at": [WARM, ALL]}
        told = subprocess.run(
            [sys.executable, "-m", "tests.tokens.refresher"],
            cwd=ROOT,
            env={**os.environ, "SOCIAL_REFRESHER": json.dumps(given)},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout

    warm, end = map(json.loads, told.splitlines())
    assert end["memory"] - warm["memory"] < 2 * MIB, (warm, end)
    assert end["objects"] - warm["objects"] < 500, (warm, end)
    [row] = bed.rows()
    assert row.refresh_token == f"sbx_refresh_{ALL:08}"
    close(bed)
