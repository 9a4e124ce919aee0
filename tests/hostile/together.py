"""Several requests at one instant."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from tests.bed import Browser


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """What each of *work* gives, all begun at once."""
    with ThreadPoolExecutor(len(work)) as pool:
        return [each.result() for each in [pool.submit(one) for one in work]]


def ways_back(browsers: list[Browser], path: str) -> list[Callable[[], Any]]:
    """For each of *browsers*, which set out at *path*, its way back from the provider."""
    urls = [browser.at_provider(browser.set_out(path)) for browser in browsers]
    return [partial(browser.get, url) for browser, url in zip(browsers, urls, strict=True)]
