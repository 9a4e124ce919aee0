"""The tables of the documentation, read."""

from __future__ import annotations

import re

from tests.docpages import ROOT

DOCS = ROOT / "docs"


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
