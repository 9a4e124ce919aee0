"""Does a test notice each change that mutmut makes to the code that decides who gets in?

``python tests/mutants/run.py [JOBS]`` changes MODULES in a copy, one place at a time, and runs
TESTS on each. What no test notices has to be in explained.toml, with the reason, and nothing else
may be. The result is written to docs/verdicts/mutants.md.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
EXPLAINED = Path(__file__).with_name("explained.toml")
PAGE = ROOT / "docs" / "verdicts" / "mutants.md"
MODULES = {
    "flows/pending.py": "flow record",
    "protocols/id_token.py": "ID-token verifier",
    "flows/accounts.py": "account matching",
    "origins.py": "redirect sanitiser and cross-site check",
}
TESTS = [
    "tests/flows/test_pending.py",
    "tests/flows/test_pending_closely.py",
    "tests/flows/test_accounts.py",
    "tests/flows/test_accounts_closely.py",
    "tests/protocols/test_id_token.py",
    "tests/protocols/test_id_token_closely.py",
    "tests/test_origins.py",
    "tests/test_origins_closely.py",
]
SETTINGS = f"""
[tool.mutmut]
source_paths = ["src"]
only_mutate = {[f"src/flask_social/{each}" for each in MODULES]}
pytest_add_cli_args_test_selection = {TESTS}
pytest_add_cli_args = ["-p", "no:cacheprovider", "-n", "0"]
"""
NAME = re.compile(r"flask_social\.(?P<module>[\w.]+)\.x(_|ǁ)(?P<function>\w+)__mutmut_\d+")


@dataclass(frozen=True, order=True)
class Change:
    """One place changed. mutmut numbers them, and its numbers move with every edit."""

    module: str
    function: str
    before: str
    after: str
    why: str = field(default="", compare=False)


def main(jobs: str) -> int:
    with TemporaryDirectory() as folder:
        copy(Path(folder))
        mutmut(folder, "run", "--max-children", jobs, shown=True)
        ended = dict(
            line.strip().rsplit(": ", 1)
            for line in mutmut(folder, "results", "--all", "true").splitlines()
            if "__mutmut_" in line
        )
        survived = {change(folder, name) for name, end in ended.items() if end != "killed"}
    explained = {Change(**each) for each in tomllib.loads(EXPLAINED.read_text())["mutant"]}
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(ended, explained))
    new, gone = sorted(survived - explained), sorted(explained - survived)
    told = [
        *(f"{name}: {end}" for name, end in ended.items() if end not in ("killed", "survived")),
        *(f"No test notices this, and nothing explains it:\n{as_toml(each)}" for each in new),
        *(f"A test notices this by now, or it is no more:\n{as_toml(each)}" for each in gone),
        ", ".join(f"{count} {end}" for end, count in Counter(ended.values()).items()),
    ]
    sys.stdout.write("\n".join(told) + "\n")
    return int(not ended or survived != explained)


def copy(folder: Path) -> None:
    """What the tests need, without what other tools left in it."""
    left_out = shutil.ignore_patterns("node_modules", "__pycache__")
    for each in ("src", "tests"):
        shutil.copytree(ROOT / each, folder / each, ignore=left_out)
    for each in ("README.md", "LICENSE"):
        shutil.copy(ROOT / each, folder)
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text() + SETTINGS)


def mutmut(folder: str, *words: str, shown: bool = False) -> str:
    command = [sys.executable, "-m", "mutmut", *words]
    done = subprocess.run(
        command, cwd=folder, check=True, text=True, stdout=None if shown else subprocess.PIPE
    )
    return done.stdout or ""


def change(folder: str, name: str) -> Change:
    """What mutmut changed under *name*."""
    found = NAME.fullmatch(name)
    assert found, name
    lines = mutmut(folder, "show", name).splitlines()
    before, after = (
        "\n".join(line[1:].strip() for line in lines if re.match(rf"\{sign}(?!\{sign})", line))
        for sign in "-+"
    )
    return Change(found["module"], found["function"].replace("ǁ", "."), before, after)


def as_toml(change: Change) -> str:
    return (
        f'[[mutant]]\nmodule = "{change.module}"\nfunction = "{change.function}"\n'
        f"before = '''{change.before}'''\nafter = '''{change.after}'''\nwhy = \"\"\n"
    )


def page(ended: dict[str, str], explained: Iterable[Change]) -> str:
    """The result as Markdown: a table of the modules, and one of what no test can notice."""
    lines = [
        "| Module | What it is | Changes | Noticed | Explained |",
        "| --- | --- |" + " ---: |" * 3,
    ]
    for path, what in MODULES.items():
        module = path.removesuffix(".py").replace("/", ".")
        ends = [end for name, end in ended.items() if f".{module}.x" in name]
        killed = ends.count("killed")
        lines.append(f"| `{path}` | {what} | {len(ends)} | {killed} | {len(ends) - killed} |")
    lines += ["", "| Where | Change | Why it does no harm |", "| --- | --- | --- |"]
    for each in sorted(explained):
        what = f"{code(each.before)} → {code(each.after)}"
        lines.append(f"| `{each.module}.{each.function}` | {what} | {each.why} |")
    return "\n".join(lines) + "\n"


def code(text: str) -> str:
    ticks = "``" if "`" in text else "`"
    escaped = " ".join(text.split()).replace("|", "\\|")
    return f"{ticks}{escaped}{ticks}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or ["2"]))
