"""Files that several processes append to at once: JSON in lines, and log records."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any


class Note:
    """A file to which each process appends whole lines."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, **what: Any) -> None:
        self.append(json.dumps(what))

    def append(self, line: str) -> None:
        """One system call, so that no other process writes in between."""
        os.write(self.descriptor, f"{line}\n".encode(errors="backslashreplace"))


class NoteHandler(logging.Handler):
    """Log records with their tracebacks."""

    def __init__(self, note: Note) -> None:
        super().__init__()
        self.note = note
        self.setFormatter(logging.Formatter("%(process)d %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.note.append(self.format(record))


def log_to(path: Path) -> None:
    """Write all that any logger says at DEBUG or above to *path*."""
    root = logging.getLogger()
    root.setLevel(logging.DEBUG)
    root.addHandler(NoteHandler(Note(path)))
    for logger in logging.Logger.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.disabled = False


def read(path: Path) -> list[dict[str, Any]]:
    """What was noted in *path*, oldest first."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
