"""``python -m flask_social.sandbox [--port 5001]``: serve the sandbox on localhost."""

from __future__ import annotations

import argparse
import sys
import threading
from contextlib import suppress

from .app import DEFAULT_URL, Sandbox
from .server import Server


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m flask_social.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=5001, help=f"default 5001: {DEFAULT_URL}")
    sandbox = Sandbox()
    server = Server(sandbox, parser.parse_args().port)
    server.start()
    sandbox.url = server.url
    sandbox.connections = lambda: server.connections
    sys.stdout.write(f"The sandbox's providers are at {server.url} (Ctrl+C ends it)\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
    sandbox.release()
    server.close()


if __name__ == "__main__":
    main()
