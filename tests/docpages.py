"""The pages of the documentation, taken apart and run: what a reader types must work as it stands.

A page has one namespace and one folder. Its blocks run in the order in which they stand:

- ``python`` is executed; a block that begins with ``# name.py`` is a module of that name.
- ``html+jinja`` is rendered by the page's ``app``; one that begins with ``{# templates/name #}`` is
  a template of that name, which something on the page has to render.
- ``json name.json`` is a file of that name.
- ``console`` holds commands, each of which has a check of its own.
- ``sql`` is for PostgreSQL, and noted only: ``test_docs_migrating.py`` executes it.
- ``{eval-rst}`` is Sphinx's; what it names must exist.

A block of any other kind is an error: none goes unchecked.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from jinja2 import StrictUndefined
from sqlalchemy import Connection, Engine, event
from werkzeug.test import TestResponse

from flask_social.testing import ServedSandbox, sandbox
from tests import doccommands

ROOT = Path(__file__).parent.parent
MADE = ROOT / "docs" / "providers"
"""The pages that ``make docs`` makes, if it has run."""
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").glob("**/*.md")) if page.parent != MADE),
]
FENCE = re.compile(r"(?P<indent> *)(?P<marks>`{3,}|~{3,})(?P<kind>.*)")
DIRECTIVE = re.compile(r" *:{3,}\{(?P<name>[\w:-]+)\}")
SPHINX = {"toctree", "include"}
"""Directives that hold no code."""
AUTODOC = re.compile(r"\.\. auto(?:class|exception|function|module):: (?P<name>[\w.]+)")
PASSWORD = "correct horse battery"
WITH_SQL = {ROOT / "docs" / "migrating.md"}
"""The pages whose statements a test executes."""


class Unchecked(AssertionError):
    """A block that nothing here knows how to check."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: *line* is that of its first line of text."""

    line: int
    kind: str
    text: str

    @property
    def first(self) -> str:
        return self.text.partition("\n")[0]


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of *page*.

    :raises Unchecked: for a fence that is not closed, code by indentation, or a directive that
        may hold code.
    """
    lines = page.read_text().splitlines()
    number = 0
    while number < len(lines):
        line, number = lines[number], number + 1
        if fence := FENCE.fullmatch(line):
            start = number
            while number < len(lines) and lines[number].strip() != fence["marks"]:
                number += 1
            if number == len(lines):
                raise Unchecked(f"{page}:{start}: the fence is not closed")
            text = [each.removeprefix(fence["indent"]) for each in lines[start:number]]
            yield Block(start + 1, fence["kind"].strip(), "\n".join(text) + "\n")
            number += 1
        elif (directive := DIRECTIVE.match(line)) and directive["name"] not in SPHINX:
            raise Unchecked(f"{page}:{number}: directive {directive['name']}")
        elif line.startswith("    "):
            raise Unchecked(f"{page}:{number}: code by indentation")


@dataclass
class Reader:
    """Somebody who follows one page, in a folder of their own."""

    page: Path
    folder: Path
    module: ModuleType
    source: str = ""
    """What the page's application consists of, so far."""
    templates: list[str] = field(default_factory=list)
    """Those that the page tells to save."""

    @property
    def app(self) -> Flask:
        """The application that the page has made by now."""
        app: Flask = self.module.__dict__["app"]
        return app

    def build(self) -> None:
        """Do what makes the page's application, and nothing else."""
        for block in blocks(self.page):
            match block.kind:
                case "python":
                    self.run(block)
                case "html+jinja":
                    self.render(block)
        self.prepare()

    def read(self) -> None:
        """Follow the page to its end, and look at what came of it."""
        for block in blocks(self.page):
            match block.kind:
                case "python":
                    self.run(block)
                case "html+jinja":
                    self.render(block)
                case "console":
                    for command in doccommands.commands(block.text):
                        doccommands.check(command, self.folder, self.source)
                case "{eval-rst}":
                    self.find(block)
                case kind if named := re.fullmatch(r"json ([\w.-]+)", kind):
                    json.loads(block.text)
                    (self.folder / named[1]).write_text(block.text)
                case "sql":
                    assert self.page in WITH_SQL, f"{self.page}:{block.line}: nobody executes it"
                case _:
                    raise Unchecked(f"{self.page}:{block.line}: kind {block.kind!r}")
        if "app" in self.module.__dict__:
            self.prepare()
            self.visit()

    def run(self, block: Block) -> None:
        """Execute *block*; tracebacks show its lines on the page."""
        if named := re.fullmatch(r"# (\w+)\.py", block.first):
            (self.folder / f"{named[1]}.py").write_text(block.text)
            importlib.invalidate_caches()
            importlib.import_module(named[1])
            return
        self.source += block.text + "\n"
        code = compile("\n" * (block.line - 1) + block.text, str(self.page), "exec")
        exec(code, self.module.__dict__)

    def render(self, block: Block) -> None:
        """Render *block* now, or save it under the name that it gives."""
        if named := re.fullmatch(r"\{# templates/(\S+) #\}", block.first):
            target = self.folder / "templates" / named[1]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text)
            self.templates.append(named[1])
            return
        with self.app.test_request_context():
            strict = self.app.jinja_env.overlay(undefined=StrictUndefined)
            context: dict[str, Any] = dict(self.module.__dict__)
            self.app.update_template_context(context)
            assert strict.from_string(block.text).render(context).strip()

    def find(self, block: Block) -> None:
        """Import everything that *block* lets Sphinx describe."""
        names = AUTODOC.findall(block.text)
        assert names, f"{self.page}:{block.line}"
        for name in names:
            owner, _, last = name.rpartition(".")
            try:
                importlib.import_module(name)
            except ModuleNotFoundError:
                getattr(importlib.import_module(owner), last)

    def prepare(self) -> None:
        """Make the application ready for a client that reads no forms."""
        self.app.testing = True
        self.app.config["WTF_CSRF_ENABLED"] = False
        with self.app.app_context():
            self.module.__dict__["db"].create_all()

    def visit(self) -> None:
        """Open every page of the application, as a stranger and as a user."""
        with self.app.app_context():
            users = self.app.extensions["security"].datastore
            users.create_user(email="reader@example.com", password=hash_password(PASSWORD))
            users.commit()
        stranger, user = self.app.test_client(), self.app.test_client()
        site = self.app.config.get("SOCIAL_APP_URL") or "http://localhost"
        reader = {"email": "reader@example.com", "password": PASSWORD}
        answer = user.post("/login", base_url=site, json=reader)
        assert answer.status_code == 200, answer.text
        for rule in self.app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and not rule.arguments and rule.rule != "/logout":
                for client in (stranger, user):
                    assert client.get(rule.rule, base_url=site).status_code < 500, rule
        assert set(self.templates) <= self.rendered(), "a template that nothing renders"

    def rendered(self) -> set[str]:
        """The names of all templates that the application has loaded, to render or to extend."""
        cache = self.app.jinja_env.cache
        return set() if cache is None else {name for _loader, name in cache}


@contextmanager
def reader(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """Somebody about to read *page*, who works in *folder* with ``--debug``."""
    module = ModuleType(f"page_{page.stem.replace('-', '_')}")
    module.__file__ = str(folder / "page.py")
    before = set(sys.modules)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("FLASK_DEBUG", "1")
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    engines: set[Engine] = set()

    def note(connection: Connection) -> None:
        engines.add(connection.engine)

    event.listen(Engine, "engine_connect", note)
    try:
        yield Reader(page, folder, module)
    finally:
        event.remove(Engine, "engine_connect", note)
        for engine in engines:
            engine.dispose()
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
                del sys.modules[name]  # for good: monkeypatch would put it back for later tests


@contextmanager
def builder(
    page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Reader, ServedSandbox]]:
    """Somebody who has built the application of *page*, and the sandbox where they are Ada."""
    with sandbox() as box, reader(page, folder, monkeypatch) as somebody:
        box.login_as("ada")
        monkeypatch.setenv("FLASK_SOCIAL_SANDBOX", box.url)
        somebody.build()
        yield somebody, box


def trip(client: FlaskClient, path: str) -> TestResponse:
    """The answer at the end of a trip to the sandbox, whose provider says yes at once."""
    there = str(client.post(path).location)
    with requests.Session() as browser:
        browser.trust_env = False
        back = browser.get(there, allow_redirects=False, timeout=60).headers["Location"]
    return client.get(back)
