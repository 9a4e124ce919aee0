"""The overview of providers in the documentation: its box narrows the table."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.docpages import ROOT

SCRIPT = (ROOT / "docs" / "_static" / "filter.js").read_text("utf-8")
PAGE = """<!doctype html><html lang="en"><head><script>{script}</script></head><body><main>
<div id="provider-filter"></div>
<table><thead><tr><th>Provider</th><th>E-mail</th></tr></thead><tbody>
<tr><td>GitHub</td><td>verified by flag</td></tr>
<tr><td>GitLab</td><td>none</td></tr>
<tr><td>Яндекс</td><td>verified</td></tr>
</tbody></table></main></body></html>"""


def test_the_box_leaves_the_rows_that_have_all_its_words(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content(PAGE.replace("{script}", SCRIPT))
    rows, box = page.locator("tbody tr:visible"), page.get_by_role("searchbox")
    expect(rows).to_have_count(3)
    for words, left in (
        ("git", ["GitHub", "GitLab"]),
        ("GIT  flag", ["GitHub"]),
        ("яндекс", ["Яндекс"]),
        ("SOCIAL_GITHUB", ["GitHub"]),
        ("nobody", []),
        ("", ["GitHub", "GitLab", "Яндекс"]),
    ):
        box.fill(words)
        expect(page.locator("tbody tr:visible td:first-child")).to_have_text(left)
        expect(page.get_by_role("status")).to_have_text(f"{len(left)} of 3" if words else "")
    page.close()


def test_without_scripts_the_table_is_whole(chromium: Browser) -> None:
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.set_content(PAGE.replace("{script}", SCRIPT))
        expect(page.locator("tbody tr:visible")).to_have_count(3)
        expect(page.get_by_role("searchbox")).to_have_count(0)
