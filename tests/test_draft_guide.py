"""Somebody follows the guide "Add a provider" in a checkout of their own, to its last command."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.doccommands import commands
from tests.docpages import ROOT, blocks

GUIDE = ROOT / "docs" / "add-a-provider.md"
COPIED = {"providers"}
"""The folders of tests that the guide writes into; the others are ours."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the guide changes, beside what it does not."""
    shutil.copytree(ROOT / "src", tmp_path / "src")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "tests").mkdir()
    for each in (ROOT / "tests").iterdir():
        if each.name in COPIED:
            shutil.copytree(each, tmp_path / "tests" / each.name)
        elif each.name != "__pycache__":
            (tmp_path / "tests" / each.name).symlink_to(each)
    return tmp_path


def run(command: str, folder: Path) -> str:
    """What *command* prints in *folder*, whose code is the one that runs."""
    words = shlex.split(command)
    assert words[0] == "python"
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, *words[1:]],
        cwd=folder,
        env={**ours, "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{folder}"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_the_guide_ends_with_a_provider_that_is_proved_end_to_end(checkout: Path) -> None:
    printed: dict[str, str] = {}
    for block in blocks(GUIDE):
        if block.kind.startswith("json "):
            (checkout / block.kind.removeprefix("json ")).write_text(block.text)
            continue
        for command in commands(block.text):
            if command.startswith("python "):
                printed[command.split()[2]] = run(command, checkout)

    assert list(printed) == ["flask_social", "tests.providers.known", "pytest"]
    assert "To check:" in printed["flask_social"]
    looks = (checkout / "src/flask_social/providers/_looks.py").read_text()
    assert '"acme_cloud": ("Acme Cloud", "#C0392B"),' in looks
    made = checkout / "tests/providers/acme_cloud/identity.json"
    assert json.loads(made.read_text())["email"] == "ada@example.com"
    [passed] = re.findall(r"(\d+) passed", printed["pytest"])
    assert int(passed) >= 10
    assert "failed" not in printed["pytest"]
    assert not (ROOT / "src/flask_social/providers/acme_cloud.py").exists()
