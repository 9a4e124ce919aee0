"""The forms of a page, found and sent as browsers do."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.bed import Browser


@dataclass
class Form:
    """A form: what it sends, where, and what its button says."""

    action: str
    method: str
    label: str = ""
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.in_button = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(said.get("action", ""), said.get("method", "get").lower()))
        elif tag == "input" and self.forms:
            self._note_input(self.forms[-1], said)
        self.in_button = tag == "button"

    def _note_input(self, form: Form, said: dict[str, str]) -> None:
        if said.get("type") == "submit":
            form.label = said.get("value", "")
        elif "name" in said and (said.get("type") != "checkbox" or "checked" in said):
            form.fields[said["name"]] = said.get("value", "")

    def handle_data(self, text: str) -> None:
        if self.in_button and text.strip():
            self.forms[-1].label = text.strip()


def forms(page: requests.Response) -> dict[str, Form]:
    """The forms of *page* by what their buttons say."""
    assert page.status_code == 200, (page.status_code, page.text)
    return forms_of(page.text)


def forms_of(html: str) -> dict[str, Form]:
    """The same of the page *html*."""
    reader = _Reader()
    reader.feed(html)
    return {form.label: form for form in reader.forms}


def press(browser: Browser, page: requests.Response, label: str, **typed: str) -> requests.Response:
    """Press the button that says *label*, with *typed* in the fields of its form.

    A method that HTML does not know, such as ``DELETE``, is a GET to every browser (HTML, 4.10.18.6
    "the method attribute": "invalid value default: GET").
    """
    form = forms(page)[label]
    sent: dict[str, Any] = {**form.fields, **typed}
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
    if form.method == "post":
        return browser.post(
            form.action, data=sent, headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        )
    return browser.get(form.action, params=sent, headers={"Sec-Fetch-Site": "same-origin"})
