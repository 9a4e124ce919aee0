"""Work without a request: everybody's connections, one after the other, and their tokens."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_social import clock
from flask_social.datastore.tokens import BATCH
from flask_social.testing import ServedSandbox
from tests.bed import Bed, usual_config
from tests.revocable import connected

U1, U2 = "one@example.org", "two@example.org"
NOON = 1_795_780_800


@pytest.fixture
def bed(make_bed: Callable[..., Bed], tmp_path: Path) -> Bed:
    """An application on a file, with two users."""
    made = make_bed(database=f"sqlite:///{tmp_path / 'app.sqlite'}")
    made.add_user(U1)
    made.add_user(U2)
    return made


def subjects(bed: Bed, **filters: Any) -> list[str]:
    with bed.app.app_context():
        return [row.provider_user_id for row in bed.social.acme.connections(**filters)]


def test_everybody_s_connections_to_this_provider(bed: Bed) -> None:
    bed.connect(U1, "acme", "1")
    bed.connect(U2, "plain", "2")
    bed.connect(U2, "acme", "3")
    bed.connect(U1, "acme", "4")
    assert subjects(bed) == ["1", "3", "4"]
    with bed.app.app_context():
        assert [row.user.email for row in bed.social.acme.connections()] == [U1, U2, U1]


@pytest.mark.parametrize(
    "before",
    [
        NOON,
        float(NOON),
        NOON - 0.5,
        datetime.fromtimestamp(NOON, UTC),
        datetime.fromtimestamp(NOON, timezone(timedelta(hours=5))),
    ],
)
def test_those_that_expire_before_a_time(bed: Bed, before: Any) -> None:
    for subject, expires_at in (("1", NOON - 1), ("2", NOON), ("3", None), ("4", NOON - 9999)):
        bed.connect(U1, "acme", subject, expires_at=expires_at)
    assert subjects(bed, expiring_before=before) == ["1", "4"]


def test_a_time_without_a_zone_is_refused_at_once(bed: Bed) -> None:
    with bed.app.app_context(), pytest.raises(ValueError, match="no time zone"):
        bed.social.acme.connections(expiring_before=datetime(2026, 11, 27))  # noqa: DTZ001


def test_there_is_no_end_to_how_many(bed: Bed) -> None:
    many = 2 * BATCH + 1
    with bed.app.app_context():
        rows = [
            {
                "user_id": bed.user_id(U1),
                "provider_id": "acme",
                "provider_user_id": str(each),
                "access_token": "a",
                "version": 1,
                "created_at": NOON,
                "updated_at": NOON,
            }
            for each in range(many)
        ]
        bed.db.session.execute(sa.insert(bed.Connection.__table__), rows)
        bed.db.session.commit()
        remembered: list[weakref.ref[Any]] = []
        most = 0
        for row in bed.social.acme.connections():
            remembered.append(weakref.ref(row))
            del row
            if len(remembered) % 100 == 0:
                gc.collect()
                most = max(most, sum(each() is not None for each in remembered))
    assert len(remembered) == many
    assert most <= 2, "rows are not kept once the next one is asked for"


def test_no_transaction_stays_open_from_one_to_the_next(bed: Bed) -> None:
    for subject in ("1", "2", "3"):
        bed.connect(U1, "acme", subject)
    with bed.app.app_context():
        open_at: list[int] = []
        pool = bed.db.engine.pool
        sa.event.listen(
            bed.db.engine,
            "before_cursor_execute",
            lambda *_: open_at.append(pool.checkedout()),  # type: ignore[attr-defined]
        )
        assert len(list(bed.social.acme.connections())) == 3
        assert pool.checkedout() == 0  # type: ignore[attr-defined]
        assert set(open_at) == {1}, "no query began while another's transaction was open"


def test_what_the_application_has_pending_is_neither_committed_nor_lost(bed: Bed) -> None:
    bed.connect(U1, "acme", "1")
    bed.connect(U1, "acme", "2")
    with bed.app.app_context():
        user: Any = bed.db.session.get(bed.User, bed.user_id(U1))
        for row in bed.social.acme.connections():
            user.username = f"seen {row.provider_user_id}"
        bed.db.session.commit()
        assert user.username == "seen 2"


def test_one_that_is_gone_or_renewed_when_its_turn_comes_is_passed_over(bed: Bed) -> None:
    for subject in ("1", "2", "3", "4"):
        bed.connect(U1, "acme", subject, expires_at=NOON)
    seen = []
    with bed.app.app_context():
        for row in bed.social.acme.connections(expiring_before=NOON + 1):
            seen.append(row.provider_user_id)
            if len(seen) == 1:
                with bed.db.engine.begin() as elsewhere:
                    table = bed.Connection.__table__
                    is_of = table.c.provider_user_id
                    elsewhere.execute(sa.delete(table).where(is_of == "2"))
                    renewed = sa.update(table).where(is_of == "3")
                    elsewhere.execute(renewed.values(expires_at=NOON + 9999))
    assert seen == ["1", "4"]


def test_in_a_thread_each_has_a_token_that_is_fresh(bed: Bed, box: ServedSandbox) -> None:
    connected(bed, "acme", "ada", "grace")
    in_an_hour = clock.now() + 3600

    def job() -> list[str]:
        with bed.app.app_context():
            acme = bed.social.acme
            found = acme.connections(expiring_before=in_an_hour + 60)
            return [str(acme.get_token(connection=row).access_token) for row in found]

    with clock.replaced(lambda: in_an_hour), ThreadPoolExecutor(1) as pool:
        tokens = pool.submit(job).result(120)

    assert tokens == [str(row.access_token) for row in bed.rows()]
    assert all(token in box["acme"].access_tokens for token in tokens)
    assert box.count("acme", "token") == 2


WORKER = """
import json, os, sys
from tests.bed import make_app

bed = make_app(json.loads(os.environ["KEYS"]), database=os.environ["DATABASE"])
with bed.app.app_context():
    plain = bed.social.plain
    for connection in plain.connections():
        print(plain.get_api(connection=connection).get("me").status_code, connection.user.email)
"""


def test_in_a_process_that_serves_no_request(bed: Bed, box: ServedSandbox, tmp_path: Path) -> None:
    connected(bed, "plain")
    env = {
        **os.environ,
        "DATABASE": f"sqlite:///{tmp_path / 'app.sqlite'}",
        "KEYS": json.dumps(usual_config(box.url)),
    }
    done = subprocess.run(
        [sys.executable, "-c", WORKER],
        cwd=Path(__file__).parent.parent,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout == f"200 {U1}\n", done.stderr
    assert box.count("plain", "api") == 1
