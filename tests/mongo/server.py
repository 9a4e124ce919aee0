"""A MongoDB server for the tests: the one named, else one of our own that ends with them.

In order: ``MONGODB_URI``; PyPI's mongoeco, which speaks MongoDB's protocol. MongoDB itself can be
had from no registry. Our own listens on a free port of 127.0.0.1 and keeps everything in memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PYTHON = Path(sys.prefix) / "mongo" / "bin" / "python"
"""What ``tests/mongo/install.sh`` makes."""
SCRIPT = Path(__file__).with_name("serve.py")


MISSING = (
    "A MongoDB server is missing: set MONGODB_URI, or have a Python 3.13 for "
    "tests/mongo/install.sh to find, and make mongo."
)


def named() -> str | None:
    """The address of the server that the environment names."""
    return os.environ.get("MONGODB_URI")


def require() -> None:
    """Skip the module whose tests need a server, where there is none: one skip for all of them."""
    if named() is None and not PYTHON.exists():
        pytest.skip(MISSING, allow_module_level=True)


@contextmanager
def server() -> Iterator[str]:
    """The address of a server, for as long as the block lasts.

    :raises RuntimeError: when there is neither an address nor a server to start.
    """
    if (uri := named()) is not None:
        yield uri
        return
    if not PYTHON.exists():
        raise RuntimeError(MISSING)
    with started() as (uri, _process):
        yield uri


@contextmanager
def started() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A new server: its address and its process, which a test may end before the block does."""
    process = subprocess.Popen(
        [str(PYTHON), str(SCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        uri = process.stdout.readline().strip()
        if not uri:
            raise RuntimeError(f"{SCRIPT} ended at once")
        try:
            yield uri, process
        finally:
            process.kill()  # what it holds is thrown away
