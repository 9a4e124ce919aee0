"""Commands that the documentation tells people to type, each with a check that it can work.

A command without a check here is an error.
"""

from __future__ import annotations

import importlib
import io
import os
import re
import runpy
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from functools import cache
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from flask.cli import FlaskGroup
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from flask_social.cli import social

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
ASSIGNMENT = re.compile(r"(\w+)=(.*)")


class UnknownCommand(AssertionError):
    """A command that nothing here knows how to check."""


def commands(text: str) -> Iterator[str]:
    """The commands of a block, each after its prompt; a backslash carries one on to the next line.

    :raises UnknownCommand: for a line without a prompt, which would be output.
    """
    for line in re.sub(r"\\\n *", "", text).splitlines():
        if not line.startswith("$ "):
            raise UnknownCommand(f"no prompt: {line!r}")
        yield line.removeprefix("$ ")


def check(command: str, folder: Path, source: str) -> None:
    """Fail unless *command* works.

    :param folder: where the reader works.
    :param source: the ``app.py`` that they have saved by now.
    """
    words = shlex.split(command, comments=True)
    variables: dict[str, str] = {}
    while found := ASSIGNMENT.fullmatch(words[0]):
        variables[found[1]] = found[2]
        del words[0]
    match words:
        case ["make", *targets]:
            run(["make", "-n", *targets], ROOT, variables)
        case ["python", "-m", module, *options]:
            check_module(module, options, folder, variables)
        case [".", script]:
            assert (folder / script).is_file(), command
        case ["pip", "install", *wanted]:
            for each in wanted:
                check_requirement(each)
        case ["flask", "--app", "app", "--debug", "run"]:
            (folder / "app.py").write_text(source)
            importlib.invalidate_caches()
            said = flask(["--app", "app", "--debug", "routes"], variables)
            assert "social.login" in said, said
        case ["flask", "--app", "app", "social", *_]:
            (folder / "app.py").write_text(source)
            importlib.invalidate_caches()
            check_said(words[4:], flask(words[1:], variables))
        case _:
            raise UnknownCommand(command)


def check_module(module: str, options: list[str], folder: Path, variables: dict[str, str]) -> None:
    """Fail unless ``python -m`` *module* with *options* works."""
    match module:
        case "venv":
            run([sys.executable, "-m", "venv", "--without-pip", *options], folder, variables)
        case "flask_social":
            done = CliRunner().invoke(social, options, catch_exceptions=False)
            assert done.exit_code == 0, done.output
        case "flask_social.sandbox":
            said = sandbox_help()
            assert all(each in said for each in options if each.startswith("-")), options
        case "tests.providers.known":
            assert (ROOT / "tests" / "providers" / "known.py").is_file()
        case "pytest":
            folders = [each for each in options if each.startswith("tests/")]
            assert folders, options
            assert all((ROOT / each).is_dir() for each in folders), options
        case _:
            raise UnknownCommand(module)


def check_said(words: list[str], said: str) -> None:
    """Fail if ``flask social`` with *words* did not say what it does."""
    assert "Error" not in said, said
    if words[0] == "import":
        assert " rows in " in said, said
        assert said.rstrip().endswith("Nothing was written.") != ("--write" in words), said


def check_requirement(wanted: str) -> None:
    """Fail unless *wanted* is this project with extras that it has, or one that its parts need."""
    if wanted.startswith("."):
        extras = re.fullmatch(r"\.(?:\[([\w,]+)\])?", wanted)
        assert extras, wanted
        known = PROJECT["project"]["optional-dependencies"]
        assert set((extras[1] or "").split(",")) - {""} <= known.keys(), wanted
        return
    requirement = Requirement(wanted)
    mine = [each for each in needed() if canonicalize_name(each.name) == name_of(requirement)]
    assert mine, f"{wanted}: not among what pyproject.toml names"
    assert any(requirement.extras <= each.extras for each in mine), wanted


def needed() -> Iterator[Requirement]:
    """Everything that ``pyproject.toml`` requires for anything."""
    lists = [PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"].values()]
    for each in (each for group in lists for each in group):
        if isinstance(each, str):
            yield Requirement(each)


def name_of(requirement: Requirement) -> str:
    return canonicalize_name(requirement.name)


@cache
def sandbox_help() -> str:
    """What ``python -m flask_social.sandbox --help`` prints."""
    printed, before = io.StringIO(), sys.argv
    sys.argv = ["sandbox", "--help"]
    try:
        with redirect_stdout(printed), suppress(SystemExit):
            runpy.run_module("flask_social.sandbox", run_name="__main__")
    finally:
        sys.argv = before
    return printed.getvalue()


def flask(words: list[str], variables: dict[str, str]) -> str:
    """What the command ``flask`` with *words* prints, in the folder where we are."""
    sys.modules.pop("app", None)
    # Flask sets this one and leaves it there; what stands here is put back as it was.
    env = {"FLASK_RUN_FROM_CLI": None, **variables}
    done = CliRunner().invoke(FlaskGroup(), words, env=env, catch_exceptions=False)
    return done.output


def run(words: list[str], folder: Path, variables: dict[str, str]) -> str:
    """What the program *words* prints, in English, once it has ended well."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        words,
        cwd=folder,
        env={**ours, "LC_ALL": "C", **variables},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout
