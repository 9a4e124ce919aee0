"""The wheel holds all that it needs, and is small: built, installed elsewhere, and used."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from flask_social import providers

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "flask_social"
MIB = 1024 * 1024
BUILD = "import sys; from flit_core import buildapi; print(buildapi.build_wheel(sys.argv[1]))"


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """What *command* prints. :raises AssertionError: with what it says, when it fails."""
    asked = [str(each) for each in command]
    done = subprocess.run(asked, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    return folder / run(sys.executable, "-c", BUILD, folder).strip()


@pytest.fixture(scope="module")
def told(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``visit.py`` tells from a fresh environment, far from this checkout."""
    home = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", home / "venv")
    python = home / "venv" / "bin" / "python"
    needs: list[str | Path] = ["-r", ROOT / "requirements" / "demo.txt"]
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        run(uv, "pip", "install", "-q", "--python", python, *needs, wheel)
    else:
        run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *needs, wheel)
    (home / "visit.py").write_bytes((Path(__file__).parent / "visit.py").read_bytes())
    answer: dict[str, Any] = json.loads(run(python, home / "visit.py", cwd=home).splitlines()[-1])
    return answer


def test_it_is_smaller_than_a_mebibyte(wheel: Path) -> None:
    assert wheel.stat().st_size < MIB


def test_it_holds_every_file_of_the_package(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"flask_social/{each.relative_to(SOURCE).as_posix()}"
        for each in SOURCE.rglob("*")
        if each.is_file() and "__pycache__" not in each.parts
    }
    assert wanted - held == set()
    assert not [name for name in held if not name.startswith(("flask_social/", "flask_social-"))]


def test_it_is_used_from_where_it_was_installed(told: dict[str, Any]) -> None:
    assert str(SOURCE) not in told["where"]
    assert "site-packages" in told["where"]
    assert told["names"] == providers.names()
    assert told["imported"] is True


@pytest.mark.parametrize("provider_id", ["spotify", "google"])
def test_somebody_connects_and_logs_in(told: dict[str, Any], provider_id: str) -> None:
    visit = told[provider_id]
    assert visit["connected"] == "/connections"
    assert "Ada" in visit["page"]
    assert visit["status"] == 200
    assert len(json.loads(visit["listed"])) >= 220
