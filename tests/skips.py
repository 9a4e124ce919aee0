"""In CI no skip that nobody wrote down: hooks of pytest, which tests/conftest.py registers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SKIPPED: dict[str, str] = {}
"""What was skipped in this run: test id -> reason."""


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _note(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    _note(report)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _unlisted() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    unlisted = _unlisted()
    if unlisted:
        terminalreporter.section("skipped in CI, but not in tests/allowed_skips.txt", red=True)
        for test, reason in unlisted.items():
            terminalreporter.line(f"{test}  {reason}")


def _note(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        SKIPPED[report.nodeid] = reason


def _unlisted() -> dict[str, str]:
    """Skips that fail the run: in CI, all that tests/allowed_skips.txt does not name."""
    if not os.environ.get("CI"):
        return {}
    lines = Path(__file__).with_name("allowed_skips.txt").read_text().splitlines()
    allowed = {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}
    return {
        test: reason
        for test, reason in SKIPPED.items()
        if test not in allowed and test.partition("[")[0] not in allowed
    }
