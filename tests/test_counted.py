"""Coverage rests where it is told to, and nowhere else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.counted import HERE, counts

TESTED = """
def before():
    return 3

def in_the_slow():
    return 6

def in_a_fixture_of_the_slow():
    return 9

def in_a_thread_afterwards():
    return 12
"""
FILES = {
    "tests/test_before.py": "import tested\ndef test(): tested.before()\n",
    "tests/slow/test_slow.py": """
import pytest, tested
@pytest.fixture(autouse=True)
def made():
    tested.in_a_fixture_of_the_slow()
    yield
    tested.in_a_fixture_of_the_slow()
def test(): tested.in_the_slow()
""",
    "tests/test_after.py": """
import threading, tested
def test():
    thread = threading.Thread(target=tested.in_a_thread_afterwards)
    thread.start()
    thread.join()
""",
}


def test_what_an_uncounted_test_and_its_fixtures_run_is_not_covered(tmp_path: Path) -> None:
    (tmp_path / "tests" / "slow").mkdir(parents=True)
    ours = (HERE / "counted.py").read_text()
    conftest = "from tests.counted import *\ndef pytest_addoption(parser): add_option(parser)\n"
    support = {"tests/__init__.py": "", "tests/counted.py": ours, "tests/conftest.py": conftest}
    for name, text in {**FILES, **support, "tested.py": TESTED}.items():
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--cov=tested"),
            *("--cov-report=term-missing", "--uncounted=other slow", *FILES),
        ],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "3 passed" in done.stdout, done.stdout + done.stderr
    [line] = [line for line in done.stdout.splitlines() if line.startswith("tested.py")]
    assert line.partition("%")[2].strip() == "6, 9"


@pytest.mark.parametrize(
    ("test", "uncounted", "counted"),
    [
        ("slow/test_one.py", "slow", False),
        ("slow/deeper/test_one.py", "other slow", False),
        ("slowly/test_one.py", "slow", True),
        ("test_slow.py", "slow", True),
        ("flows/slow/test_one.py", "slow", True),
        ("slow/test_one.py", "", True),
    ],
)
def test_a_folder_is_named_by_its_first_part(test: str, uncounted: str, counted: bool) -> None:
    assert counts(HERE / test, uncounted) is counted
