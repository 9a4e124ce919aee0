"""The documentation does what it says, and its tables are the library's own."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_social import providers, signals
from flask_social.config import Settings
from flask_social.messages import MESSAGES
from flask_social.protocols.credentials import METHODS
from flask_social.protocols.oidc import OIDC
from flask_social.registration import CLIENT_KEYS, OLD_NAMES
from flask_social.sandbox import PEOPLE
from flask_social.testing import sandbox
from tests.doccommands import UnknownCommand, check, commands
from tests.docpages import PAGES, ROOT, Unchecked, blocks, reader

DOCS = ROOT / "docs"
PASSWORD = "correct horse battery"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_a_page_works(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reader(page, tmp_path, monkeypatch) as somebody:
        somebody.read()


@pytest.mark.parametrize("page", ["README.md", "docs/getting-started.md"])
def test_what_a_reader_builds_connects_and_logs_in(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sandbox() as box, reader(ROOT / page, tmp_path, monkeypatch) as somebody:
        box.login_as("ada")
        monkeypatch.setenv("FLASK_SOCIAL_SANDBOX", box.url)
        somebody.build()
        app, db = somebody.app, somebody.module.__dict__["db"]
        client = app.test_client()
        form = {"email": "new@example.com", "password": PASSWORD, "password_confirm": PASSWORD}
        home = app.config["SECURITY_POST_LOGIN_VIEW"]
        assert client.post("/register", data=form).location == home
        assert "Connect GitHub" in client.get(home).text

        assert trip(client, "/connect/github").location == home
        assert "Disconnect" in client.get(home).text
        if page != "README.md":
            assert client.get("/github").json == {"login": "ada"}
            printed = app.test_cli_runner().invoke(args=["logins"]).output
            assert printed == "new@example.com ada\n"
        client.post("/logout")
        assert client.get(home).location.startswith("/login")

        assert trip(client, "/login/github").location == home
        assert client.get(home).status_code == 200
        with app.app_context():
            rows = db.session.scalars(db.select(somebody.module.__dict__["Connection"])).all()
            assert [row.display_name for row in rows] == ["ada"]


def trip(client: FlaskClient, path: str) -> TestResponse:
    """The answer at the end of a trip to the sandbox, whose provider says yes at once."""
    there = str(client.post(path).location)
    back = requests.get(there, allow_redirects=False, timeout=30).headers["Location"]
    return client.get(back)


# Nothing is skipped.


@pytest.mark.parametrize(
    "text",
    [
        "```text\nhello\n```\n",
        "```\nhello\n```\n",
        "```{code-block} python\nhello\n```\n",
        ":::{code-block} python\nhello\n:::\n",
        "```python\nhello\n",
        "A list.\n\n    hello\n",
    ],
    ids=["another language", "no language", "directive", "colons", "open end", "indentation"],
)
def test_a_block_that_nobody_knows_how_to_check_is_an_error(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    with reader(page, tmp_path, monkeypatch) as somebody, pytest.raises(Unchecked):
        somebody.read()


@pytest.mark.parametrize("command", ["rm -rf /", "pip download .", "echo $HOME"])
def test_a_command_that_nobody_knows_how_to_check_is_an_error(command: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownCommand):
        check(command, tmp_path, "")


def test_a_target_that_the_makefile_does_not_have_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="No rule"):
        check("make no-such-target", tmp_path, "")


@pytest.mark.parametrize("wanted", [".[no-such-extra]", "no-such-package", "Flask-SQLAlchemy[x]"])
def test_a_requirement_that_the_project_does_not_know_is_an_error(
    wanted: str, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError):
        check(f"pip install {wanted}", tmp_path, "")


def test_output_among_commands_is_an_error() -> None:
    with pytest.raises(UnknownCommand):
        list(commands("$ make demo\nhttp://127.0.0.1:5000\n"))


def test_the_application_of_the_readme_is_short() -> None:
    [code] = [block.text for block in blocks(ROOT / "README.md") if block.kind == "python"]
    assert len([line for line in code.splitlines() if line]) <= 25


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        parts = urlsplit(target)
        if not parts.scheme and parts.path:
            assert (page.parent / parts.path).is_file(), target


# The tables.


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of every table row below *heading* and before the next one, without the heads."""
    text = (DOCS / page).read_text()
    section = text.split(f"{heading}\n", 1)[1].partition("\n## ")[0]
    found = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|")
    ]
    return [
        row
        for number, row in enumerate(found)
        if "---" not in row[0] and not (number + 1 < len(found) and "---" in found[number + 1][0])
    ]


def names(cell: str) -> list[str]:
    """What stands in backticks in *cell*."""
    return re.findall(r"`([^`]+)`", cell)


def test_every_setting_is_in_the_tables_with_its_default() -> None:
    headings = ("## Routes and addresses", "## Behaviour", "## The network")
    table = [row for heading in headings for row in rows("configuration.md", heading)]
    told = {names(row[0])[0]: ast.literal_eval(names(row[2])[0]) for row in table}
    settings = {
        f"SOCIAL_{each.name.upper()}": each.default
        for each in fields(Settings)
        if each.name != "messages"
    }
    assert told == settings


def test_every_message_is_in_the_table() -> None:
    table = rows("configuration.md", "## Messages")
    assert {names(row[0])[0]: (row[1], row[2]) for row in table} == MESSAGES


def test_every_provider_is_in_the_table_with_the_address_of_its_api() -> None:
    table = rows("providers.md", "## Those that are there")
    told = {row[0].strip("`"): (row[1], row[4].strip("`")) for row in table if len(row) == 5}
    known = {}
    for name in providers.names():
        provider = providers.find(name)
        known[f"SOCIAL_{name.upper()}"] = (provider.name, provider.api_url)  # type: ignore[union-attr]
    assert told == known


def test_every_key_of_a_provider_is_in_the_tables() -> None:
    table = [
        *rows("providers.md", "## Those that are there"),
        *rows("providers.md", "## Keys that change a provider"),
    ]
    told = {name for row in table for name in names(row[0]) if not name.startswith("SOCIAL_")}
    functions = {"client_auth", "token_use", "profile", "api"}
    shapes = {each.name for each in fields(OIDC) if each.name.startswith("shape_")}
    members = {each.name for each in fields(OIDC)} - {"id"} - functions - shapes
    others = {"scope", "request_token_params", "token_endpoint_auth_method", "module"}
    assert told == members | others | CLIENT_KEYS.keys() | OLD_NAMES.keys()


def test_every_client_authentication_is_in_the_table() -> None:
    table = rows("providers.md", "## How your application proves who it is")
    assert {names(row[0])[0].strip('"') for row in table} == set(METHODS)


def test_every_signal_is_in_the_table_with_its_arguments() -> None:
    told = {
        names(row[0])[0]: names(row[1]) for row in rows("signals.md", "# Signals") if len(row) == 3
    }
    body = ast.parse(Path(signals.__file__).read_text()).body
    known = {
        ast.unparse(made.targets[0]): re.findall(r"``(\w+)``", ast.unparse(said).partition(":")[0])
        for made, said in pairwise(body)
        if isinstance(made, ast.Assign) and isinstance(said, ast.Expr)
    }
    assert len(known) == 10
    assert told == known


def test_the_codes_of_the_outcomes_are_those_of_the_messages() -> None:
    table = rows("outcomes.md", "# Outcomes")
    told = {name for row in table for name in names(row[2])}
    silent = {"authorize", "confirm_first", "cannot_verify"}
    faults = {"invalid_grant", "invalid_client", "unavailable", "provider_error"}
    assert told == MESSAGES.keys() - silent - faults


def test_everybody_in_the_sandbox_is_in_the_table() -> None:
    told = [(names(row[0])[0], row[1]) for row in rows("sandbox.md", "## Who is there")]
    assert told == [(person.key, person.name) for person in PEOPLE]
