"""What no test may see in an application: an answer of 500, a secret in a log. Hooks of pytest.

Every answer of every Flask application in the run is counted, and every log record that one writes
is read, from DEBUG up. A test that is about a 500 says so: ``@pytest.mark.answers_500("reason")``.
"""

from __future__ import annotations

import logging
import os
import re
from collections import Counter
from typing import Any

import pytest
from flask import Flask, Response, got_request_exception, has_app_context, request_finished

SECRETS = re.compile(
    r"sbx_[\w-]{20,}"  # whatever the sandbox mints
    r"|eyJ[\w-]{10,}\.eyJ[\w-]{10,}"  # signed tokens
    r"|(?:acme|plain|twitter) secret|correct horse battery|a secret of this test"
)
ANSWERS: Counter[int] = Counter()
"""Answers of applications by status."""
BROKEN: list[str] = []
"""Tests in which an application answered 500."""
LEAKS: list[str] = []
"""Tests in which a secret got into a log, and the logger."""
TOTALS = pytest.StashKey[dict[str, Any]]()


class Reader(logging.Handler):
    """Reads what applications log."""

    def emit(self, record: logging.LogRecord) -> None:
        if has_app_context() and SECRETS.search(self.format(record)):
            LEAKS.append(f"{current_test()}: a secret in {record.name}, {record.levelname}")


READER = Reader(logging.DEBUG)


def current_test() -> str:
    """The id of the test that runs."""
    return os.environ.get("PYTEST_CURRENT_TEST", "no test").partition(" ")[0]


def count(sender: Flask, response: Response, **_: Any) -> None:
    """Note an answer."""
    ANSWERS[response.status_code] += 1
    if response.status_code == 500:
        BROKEN.append(current_test())


def count_raised(sender: Flask, exception: BaseException, **_: Any) -> None:
    """Note an exception that nobody handled; in testing no answer follows it."""
    BROKEN.append(f"{current_test()}: {type(exception).__name__}")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "answers_500(reason): an application of the test breaks")
    config.stash[TOTALS] = {"answers": Counter(), "broken": [], "leaks": []}
    request_finished.connect(count)
    got_request_exception.connect(count_raised)
    logging.getLogger().addHandler(READER)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Any:
    before = len(BROKEN)
    result = yield
    if item.get_closest_marker("answers_500"):
        del BROKEN[before:]
    return result


def add(
    config: pytest.Config, answers: dict[str, int], broken: list[str], leaks: list[str]
) -> None:
    """Add what one process saw."""
    totals = config.stash[TOTALS]
    totals["answers"].update({int(status): number for status, number in answers.items()})
    totals["broken"] += broken
    totals["leaks"] += leaks


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    add(node.config, *getattr(node, "workeroutput", {}).get("watch", ({}, [], [])))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    seen = {str(status): number for status, number in ANSWERS.items()}, BROKEN, LEAKS
    if hasattr(session.config, "workerinput"):
        session.config.workeroutput["watch"] = seen  # type: ignore[attr-defined]
        return
    add(session.config, *seen)
    totals = session.config.stash[TOTALS]
    if (totals["broken"] or totals["leaks"]) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    totals = terminalreporter.config.stash[TOTALS]
    for line in [*totals["broken"], *totals["leaks"]]:
        terminalreporter.line(line, red=True)
    number = sum(totals["answers"].values())
    terminalreporter.line(
        f"{number} answers of applications, {len(totals['broken'])} of 500; "
        f"{len(totals['leaks'])} secrets in their logs"
    )
