"""The pages about providers that ``make docs`` makes of their files."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from flask_social import providers
from flask_social.providers._known import GONE
from flask_social.registration import register
from flask_social.words import portrait
from tests.docpages import PAGES, blocks
from tests.doctables import DOCS


def made() -> ModuleType:
    spec = importlib.util.spec_from_file_location("provider_pages", DOCS / "provider_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PROVIDER_PAGES = made()
TEXTS: dict[str, str] = PROVIDER_PAGES.pages()


def test_every_provider_has_a_page_and_the_overview_leads_to_it() -> None:
    assert TEXTS.keys() == {"index.md", *(f"{name}.md" for name in providers.names())}
    overview = TEXTS["index.md"]
    assert re.findall(r"\]\((\w+)\.md\)", overview) != []
    assert {*re.findall(r"\]\((\w+)\.md\)", overview)} == {*providers.names()}
    assert overview.split(":maxdepth: 1\n\n")[1].split("\n:::")[0].split() == providers.names()
    assert f"{len(providers.names())} providers" in overview


@pytest.mark.parametrize("provider_id", providers.names())
def test_a_page_tells_what_the_command_tells(provider_id: str) -> None:
    it, text = portrait.of_stock(provider_id), TEXTS[f"{provider_id}.md"]
    assert text.startswith(f"# {PROVIDER_PAGES.escaped(it.name)}\n")
    said = [*(f"`{each.scope}`" for each in it.scopes), *(f"`{each.name}`" for each in it.keys)]
    said += [each for each in (it.console, it.documentation) if each]
    said += [f"https://app.example/callback/{provider_id}", it.protocol]
    said += [PROVIDER_PAGES.escaped(each) for each in (*it.remarks, *it.quirks)]
    assert not [each for each in said if each not in text]
    if it.form_post:
        assert f"https://app.example/login/{provider_id}" not in text


def test_the_overview_says_of_those_that_are_gone_why() -> None:
    gone = TEXTS["index.md"].partition("\n## Not there\n")[2]
    assert {*re.findall(r"^\| `(\w+)` \|", gone, re.MULTILINE)} == GONE.keys()
    assert "In its place: [google](google.md). |" in gone


@pytest.mark.parametrize("provider_id", providers.names())
def test_the_code_of_a_page_configures_its_provider(provider_id: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(TEXTS[f"{provider_id}.md"])
    [block] = blocks(page)
    assert block.kind == "python"
    namespace: dict[str, dict[str, str]] = {}
    exec(block.text, {}, namespace)
    [(key, options)] = namespace.items()
    assert key == f"SOCIAL_{provider_id.upper()}"
    register(provider_id, options, sandbox_url=None, allow_http=False)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_row_of_a_table_has_as_many_cells_as_its_head(name: str) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", TEXTS[name], re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, table


def test_what_markdown_would_read_is_escaped_but_in_code() -> None:
    escaped = PROVIDER_PAGES.escaped("a_b <c> [d] `e_f <g>` #h*")
    assert escaped == r"a\_b \<c\> \[d\] `e_f <g>` \#h\*"


def test_only_what_changed_is_written_and_what_is_gone_is_removed(tmp_path: Path) -> None:
    PROVIDER_PAGES.write(tmp_path)
    (tmp_path / "no_such_provider.md").write_text("gone")
    (tmp_path / "github.md").write_text("old")
    before = (tmp_path / "google.md").stat().st_mtime_ns
    PROVIDER_PAGES.write(tmp_path)
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == TEXTS
    assert (tmp_path / "google.md").stat().st_mtime_ns == before


def test_made_pages_are_no_part_of_what_a_reader_follows() -> None:
    assert not [page for page in PAGES if page.parent == DOCS / "providers"]
