"""A worker that does nothing but refresh one connection, and says how much memory it has.

``python -m tests.tokens.refresher`` with JSON in the environment's ``SOCIAL_REFRESHER``: the
application's ``config``, its ``database``, and after how many refreshes to tell.
"""

from __future__ import annotations

import gc
import json
import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.bed import Bed, close, make_app
from tests.tokens.askers import EMAIL, say

FOR_EVER = 10**9
"""Seconds that a token would have to last: none does, so that each call refreshes it."""


def main() -> None:
    """Refresh."""
    given = json.loads(os.environ["SOCIAL_REFRESHER"])
    bed = make_app(given["config"], database=given["database"])
    done = 0
    for count in given["tell_at"]:
        while done < count:
            refresh(bed)
            done += 1
        gc.collect()
        say(json.dumps({"memory": resident(), "objects": len(gc.get_objects())}))
    close(bed)


def refresh(bed: Bed) -> None:
    """What a worker does for one job: a context of its own, the user, a fresh token."""
    with bed.app.app_context():
        user = bed.db.session.scalar(sa.select(bed.User).filter_by(email=EMAIL))
        connection = bed.social.plain.get_connection(user)
        token: Any = bed.social.plain.fresh_token(connection, within=FOR_EVER)
        assert token.access_token == connection.access_token


def resident() -> int:
    """Octets of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
