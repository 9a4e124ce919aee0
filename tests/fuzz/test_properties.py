"""Each property with other examples than usual, new ones for SOCIAL_FUZZ_SECONDS each.

What fails says by which seed, and the same command finds it again. Without a time, as in ``make
check``, which tries them all in tests/properties, one module is run once, by the same seed in every
run: that this works is what is tested then.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROPERTIES = ROOT / "tests" / "properties"
SECONDS = float(os.environ.get("SOCIAL_FUZZ_SECONDS", "0"))
USUAL = 20_261_126
"""The seed of a brief run."""
FACTOR = 10 if SECONDS >= 60 else 1
"""By how much more examples a run tries than in ``make check``."""
MODULES = (
    sorted(each.name for each in PROPERTIES.glob("test_*.py")) if SECONDS else ["test_seals.py"]
)


def tried(path: Path, seed: int) -> str | None:
    """``None`` when the properties in *path* hold for the examples of *seed*, else what failed."""
    arguments = ["-q", "-n", "0", "-p", "no:cacheprovider", "--show-capture=no"]
    command = [sys.executable, "-m", "pytest", *arguments, f"--hypothesis-seed={seed}", str(path)]
    inherited = {name: v for name, v in os.environ.items() if not name.startswith("PYTEST_")}
    chosen = {"HYPOTHESIS_PROFILE": "random", "SOCIAL_FUZZ_FACTOR": str(FACTOR)}
    done = subprocess.run(
        command, cwd=ROOT, env={**inherited, **chosen}, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return None
    again = " ".join([*(f"{name}={value}" for name, value in chosen.items()), *command])
    return f"Found with\n{again}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("module", MODULES)
def test_the_properties_hold_for_other_examples(module: str) -> None:
    ends = time.monotonic() + SECONDS
    while True:
        failure = tried(PROPERTIES / module, secrets.randbelow(2**32) if SECONDS else USUAL)
        assert failure is None, failure
        if time.monotonic() >= ends:
            break


def test_what_fails_is_reported_with_its_seed(tmp_path: Path) -> None:
    broken = tmp_path / "test_broken.py"
    broken.write_text(
        "from hypothesis import given, strategies as st\n"
        "@given(st.integers())\n"
        "def test_no_number_is_large(number):\n"
        "    assert number < 1_000\n"
    )
    failure = tried(broken, 4_711)
    assert failure is not None
    assert "--hypothesis-seed=4711" in failure
    assert "number=1000" in failure
