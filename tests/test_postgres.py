"""The test bed's PostgreSQL: each test has a database to itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from tests import postgres

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("time", [1, 2])
def test_every_test_gets_an_empty_database(postgres_database: str, time: int) -> None:
    engine = create_engine(postgres_database)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == []
        connection.execute(text("CREATE TABLE left_behind (id int)"))
        assert inspect(connection).get_table_names() == ["left_behind"]
    engine.dispose()


def test_a_database_goes_even_while_something_holds_it(
    postgres_databases: postgres.Databases,
) -> None:
    def schemas() -> list[str]:  # those of the URL, since others may test on the same server
        found = postgres_databases.connection.execute("SELECT nspname FROM pg_namespace")
        return [name for [name] in found if name.startswith("social_test_") and name in url]

    with postgres_databases.fresh() as url:
        assert len(schemas()) == 1
        engine = create_engine(url)
        held = engine.connect()
        held.execute(text("CREATE TABLE held (id int)"))
        held.commit()
        held.execute(text("SELECT * FROM held"))
    held.invalidate()
    engine.dispose()
    assert schemas() == []


@pytest.mark.parametrize(("listed", "status"), [("", 1), ("test_it.py::test_one  why", 0)])
def test_in_ci_a_skip_needs_a_line_in_the_list(tmp_path: Path, listed: str, status: int) -> None:
    (tmp_path / "tests").mkdir()
    for name in ("__init__.py", "skips.py"):
        (tmp_path / "tests" / name).write_text((ROOT / "tests" / name).read_text())
    (tmp_path / "tests" / "allowed_skips.txt").write_text(listed)
    (tmp_path / "conftest.py").write_text("from tests.skips import *\n")
    (tmp_path / "test_it.py").write_text(
        "import pytest\n@pytest.mark.skip(reason='no reason')\ndef test_one(): pass\n"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--rootdir=.",
            "-p",
            "no:cacheprovider",
            "test_it.py",
        ],
        cwd=tmp_path,
        env={"CI": "true", "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout
    assert ("test_it.py::test_one" in done.stdout.replace("SKIPPED", "")) is bool(status)
