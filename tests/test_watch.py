"""The watch over every run notices what it is there for."""

from __future__ import annotations

import logging

import pytest
from flask import Flask

from tests import watch

CANARY = "sbx_" + "a" * 43


@pytest.fixture
def app() -> Flask:
    return Flask(__name__)


@pytest.fixture
def leaks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the watch finds in this test, kept out of the run's own account."""
    found: list[str] = []
    monkeypatch.setattr(watch, "LEAKS", found)
    return found


@pytest.mark.parametrize("secret", [CANARY, "plain secret", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0"])
def test_a_secret_in_any_log_of_an_application(app: Flask, leaks: list[str], secret: str) -> None:
    with app.app_context():
        logging.getLogger("some.library").debug("sent %s", {"body": secret})
    assert leaks == [f"{watch.current_test()}: a secret in some.library, DEBUG"]


def test_a_secret_in_a_traceback(app: Flask, leaks: list[str]) -> None:
    with app.app_context():
        try:
            raise ValueError(CANARY)
        except ValueError:
            app.logger.exception("it failed")
    assert len(leaks) == 1


def test_what_a_test_itself_logs_is_not_the_applications(leaks: list[str]) -> None:
    logging.getLogger("urllib3").debug(CANARY)
    assert leaks == []


def test_an_answer_of_500(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    broken: list[str] = []
    monkeypatch.setattr(watch, "BROKEN", broken)
    app.add_url_rule("/", "broken", lambda: ("no", 500))
    app.add_url_rule("/raises", "raises", lambda: str(1 // 0))
    app.test_client().get("/")
    app.test_client().get("/raises")
    assert broken[0] == watch.current_test()
    assert broken[1].endswith(": ZeroDivisionError")
