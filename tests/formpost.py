"""A provider's page that posts its answer, as a browser without scripts walks it."""

from __future__ import annotations

import re
from html import unescape

import requests

from tests.bed import Browser

FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
ACTION = re.compile(r'<form method="post" action="([^"]*)">')
ONWARD = re.compile(r'<a class="social-button" href="(\?state=[^"]*)">')


def fields_of(page: str) -> dict[str, str]:
    """What the form on *page* holds."""
    return {unescape(name): unescape(value) for name, value in FIELD.findall(page)}


def form_at(browser: Browser, url: str) -> tuple[str, dict[str, str]]:
    """What the provider answers by itself: where its form goes, and what it holds."""
    page = browser.http.get(url, timeout=120)
    assert page.status_code == 200, page.text
    [action] = ACTION.findall(page.text)
    return unescape(action), fields_of(page.text)


def hand_in(browser: Browser, action: str, fields: dict[str, str]) -> requests.Response:
    """Post the form as another site's, and follow the page that leads to the callback."""
    bounce = browser.post(action, data=fields, headers={"Sec-Fetch-Site": "cross-site"})
    if bounce.status_code != 200:
        return bounce
    [onward] = ONWARD.findall(bounce.text)
    return browser.get(action + unescape(onward))


def trip(browser: Browser, path: str) -> requests.Response:
    """Set out, say yes at the provider, come back by its form: the answer of the callback."""
    return hand_in(browser, *form_at(browser, browser.set_out(path)))
