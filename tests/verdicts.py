"""The table of what was tried and how it ended: hooks of pytest, which tests/conftest.py registers.

``--verdicts=write`` runs nothing but the tests with a number or a module's name, prints the table
and writes it to docs/verdicts/. ``--verdicts=check`` fails the run unless the pages there say what
it says. Either fails if something did not hold or was not tried. The table of stores is
tests/store_verdicts.py.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import store_verdicts
from tests.conformance import NOT_OFFERED
from tests.listed import ATTACKS, FAULTS

PAGES = Path(__file__).parent.parent / "docs" / "verdicts"
NAME = re.compile(r"test_(?:([AF])(\d+)_|(oidcc_client_test\w*))")
MODE = pytest.StashKey[str]()


@dataclass
class Tried:
    """What became of one number or name."""

    files: set[str] = field(default_factory=set)
    outcomes: set[str] = field(default_factory=set)

    @property
    def verdict(self) -> str:
        if not self.outcomes:
            return "no test"
        if "failed" in self.outcomes:
            return "FELL"
        return "not run" if "skipped" in self.outcomes else "held"


TRIED: dict[str, Tried] = defaultdict(Tried)
"""``A011``, ``F04`` or a module's name -> what became of it in this run."""


def add_option(parser: pytest.Parser) -> None:
    parser.addoption(
        "--verdicts", choices=["write", "check"], help="the table of attacks and faults"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "store(name): a store's column in docs/verdicts/stores.md")
    config.stash[MODE] = config.getoption("--verdicts") or ""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is in no table, where the tables are all that is wanted."""
    for item in items:
        store_verdicts.note(item)
    if config.stash[MODE] == "write":
        left_out = [item for item in items if not is_listed(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if is_listed(item)]


def is_listed(item: pytest.Item) -> bool:
    """Whether a table tells of *item*."""
    return bool(NAME.match(item.name)) or store_verdicts.is_noted(item)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when != "call" and report.passed:
        return
    store_verdicts.count(report)
    path, _, rest = report.nodeid.partition("::")
    if match := NAME.match(rest.rpartition("::")[2]):
        letter, number, module = match.groups()
        tried = TRIED[f"{letter}{number}" if letter else module.replace("_", "-")]
        tried.files.add(path)
        tried.outcomes.add(report.outcome)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput") or not (mode := session.config.stash[MODE]):
        return
    if mode == "write":
        PAGES.mkdir(exist_ok=True)
        for name, text in pages().items():
            (PAGES / name).write_text(text)
    if complaints(mode) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not (mode := terminalreporter.config.stash[MODE]):
        return
    if mode == "write":
        terminalreporter.section("attacks and faults")
        for number, name, verdict, _files in [*rows("A", ATTACKS), *rows("F", FAULTS)]:
            terminalreporter.line(f"{number:5}{name:62}{verdict}", red=verdict != "held")
        for name, _what, verdict, _files in modules():
            terminalreporter.line(f"{name:67}{verdict}")
        terminalreporter.section("stores")
        for line in store_verdicts.page().splitlines():
            terminalreporter.line(line)
    for complaint in complaints(mode):
        terminalreporter.line(complaint, red=True)


def rows(letter: str, names: dict[int, str]) -> Iterator[tuple[str, str, str, set[str]]]:
    """Number, name, verdict and files of each of *names*."""
    width = 3 if letter == "A" else 2
    for number, name in names.items():
        tried = TRIED.get(full := f"{letter}{number:0{width}}", Tried())
        yield full, name, tried.verdict, tried.files


def modules() -> Iterator[tuple[str, str, str, set[str]]]:
    """The same of the suite's modules, then of those that are not offered."""
    for name in sorted(name for name in TRIED if name.startswith("oidcc")):
        yield name, "", TRIED[name].verdict, TRIED[name].files
    for name, reason in sorted(NOT_OFFERED.items()):
        yield name, reason, "not offered", set()


def pages() -> dict[str, str]:
    """The generated pages: file name -> text."""
    return {
        "attacks.md": table(("", "Attack", "Verdict", "Tests"), rows("A", ATTACKS)),
        "faults.md": table(("", "Fault", "Verdict", "Tests"), rows("F", FAULTS)),
        "conformance.md": table(("Module", "Why not", "Verdict", "Tests"), modules()),
        store_verdicts.PAGE: store_verdicts.page(),
    }


def table(head: tuple[str, ...], body: Iterator[tuple[str, str, str, set[str]]]) -> str:
    """A Markdown table; files without the folder that all are in."""
    lines = [head, ("---",) * len(head)]
    for number, name, verdict, files in body:
        where = ", ".join(f"`{each.removeprefix('tests/')}`" for each in sorted(files))
        lines.append((number, name, verdict, where))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def complaints(mode: str) -> list[str]:
    """What is wrong with the table, or with the pages that should show it."""
    listed = [*rows("A", ATTACKS), *rows("F", FAULTS)]
    found = [f"{number} {name}: {how}" for number, name, how, _ in listed if how != "held"]
    numbers = {number for number, *_ in listed}
    found += [
        f"{name} has tests and is not in tests/listed.py"
        for name in TRIED
        if name not in numbers and not name.startswith("oidcc")
    ]
    stores = PAGES / store_verdicts.PAGE
    written = stores.read_text() if mode == "check" and stores.exists() else ""
    found += store_verdicts.complaints(written if mode == "check" else None)
    if mode == "check" and not found:
        for name, text in pages().items():
            page = PAGES / name
            if name == store_verdicts.PAGE:
                continue
            if not page.exists() or page.read_text() != text:
                found.append(f"docs/verdicts/{name} tells of another run: make attacks")
    return found
