"""The documentation does what it says."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.doccommands import UnknownCommand, check, commands
from tests.docpages import PAGES, PASSWORD, ROOT, Unchecked, blocks, builder, reader, trip
from tests.doctables import DOCS


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
    with builder(ROOT / page, tmp_path, monkeypatch) as (somebody, _):
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


def test_what_a_reader_builds_posts_to_twitter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with builder(DOCS / "getting-started.md", tmp_path, monkeypatch) as (somebody, box):
        client = somebody.app.test_client()
        form = {"email": "new@example.com", "password": PASSWORD, "password_confirm": PASSWORD}
        client.post("/register", data=form)
        assert client.post("/tweet").status_code == 409
        trip(client, "/connect/twitter")
        posted = client.post("/tweet").get_json()
        assert posted["text"] == "hello from my Flask app!"
        assert [post.text for post in box["twitter"].posts] == ["hello from my Flask app!"]


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
