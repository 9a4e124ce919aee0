"""Which tests coverage counts: hooks of pytest, which tests/conftest.py registers.

``--uncounted="attacks browser"`` has coverage rest during the tests of these folders. They run at
their full speed then, and what decides who gets in has to be covered by the others alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def add_option(parser: pytest.Parser) -> None:
    parser.addoption(
        "--uncounted", default="", help="folders below tests/ during whose tests coverage rests"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Any:
    """Rest before the fixtures of a test are made, and go on once they are gone.

    What lives for the whole run keeps how it was begun, for as long as its threads do.
    """
    plugin = item.config.pluginmanager.getplugin("_cov")
    controller = plugin.cov_controller if plugin else None
    if controller is None or counts(item.path, item.config.getoption("--uncounted")):
        return (yield)
    controller.pause()
    try:
        return (yield)
    finally:
        controller.resume()


def counts(test: Path, uncounted: str) -> bool:
    """Whether coverage counts the file *test*."""
    return test.relative_to(HERE).parts[0] not in uncounted.split()
