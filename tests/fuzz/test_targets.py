"""The fuzz targets: they search, they find what is planted, and they find nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .targets import harness, readers

TARGETS = Path(__file__).with_name("targets")
SECONDS = int(os.environ.get("SOCIAL_FUZZ_SECONDS", "0"))
BRIEFLY = 20_000
"""How many inputs are tried where no time is given: the same in every run."""
ANY = {"token": readers.token_seeds, "document": readers.document_seeds}
JUDGES = {"token": readers.read_token_bytes, "document": readers.read_document_bytes}


def searched(
    target: str, folder: Path, *options: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """What *target* did, with its corpus and what it found in *folder*."""
    command = [
        *(sys.executable, str(TARGETS / f"{target}_reader.py")),
        *(f"-artifact_prefix={folder}/", "-rss_limit_mb=1024", *options, str(folder / "corpus")),
    ]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": "0", **environment},  # else no two runs are alike
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


@pytest.mark.parametrize("target", ANY)
def test_every_seed_is_read(target: str) -> None:
    for seed in ANY[target]():
        JUDGES[target](seed)


@pytest.mark.parametrize("target", ANY)
def test_a_target_searches_and_finds_nothing(target: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris is made for CPython on x86_64 alone")
    bounds = [f"-max_total_time={SECONDS}"] if SECONDS else [f"-runs={BRIEFLY}", "-seed=4"]
    done = searched(target, tmp_path, "-max_len=8192", *bounds)
    assert done.returncode == 0, done.stdout + done.stderr
    [runs] = re.findall(r"Done (\d+) runs", done.stderr)
    assert int(runs) >= (1 if SECONDS else BRIEFLY)
    assert [each.name for each in tmp_path.iterdir()] == ["corpus"]
    assert len(list((tmp_path / "corpus").iterdir())) > len(ANY[target]()), "the corpus grew"


@pytest.mark.parametrize("target", ANY)
def test_a_planted_bug_is_found(target: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris is made for CPython on x86_64 alone")
    done = searched(target, tmp_path, "-runs=1000000", "-seed=4", **{harness.PLANTED: "1"})
    assert done.returncode != 0
    assert "Planted: a reader raised what it may not" in done.stdout + done.stderr
    assert list(tmp_path.glob("crash-*")), "and kept, to be tried again"
