"""Serve the demo, and beside it the providers it connects to: `make demo`.

Nothing leaves this machine: the sandbox plays the providers on another port. What was registered
and connected is forgotten at the end. PORT chooses the application's port.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from tempfile import TemporaryDirectory

import click
from app import create_app  # type: ignore[import-not-found]  # it lies beside this file
from werkzeug.serving import make_server

from flask_social.testing import sandbox


def main() -> None:
    """Serve until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit())
    with sandbox() as providers, TemporaryDirectory() as folder:
        app = create_app(
            {
                "DEBUG": True,  # the sandbox lets anybody be anybody, so it asks for this
                "SOCIAL_SANDBOX": providers.url,
                "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/demo.sqlite",
            }
        )
        server = make_server("127.0.0.1", int(os.environ.get("PORT", "5000")), app, threaded=True)
        click.echo(f"The demo runs on http://127.0.0.1:{server.port} (Ctrl+C ends it)")
        server.serve_forever()


if __name__ == "__main__":
    main()
