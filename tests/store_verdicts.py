"""The table of how the store contract ended, store by store: what tests/verdicts.py asks of it.

A row is a class of tests/datastore/*contract.py, a column what the marker ``store`` names.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from functools import cache
from importlib import import_module
from typing import Any

import pytest

PAGE = "stores.md"
MODULES = (
    *("contract", "token_contract", "sealing_contract", "registration_contract"),
    "plan_contract",
)
"""Of tests/datastore, in the order of the rows."""
STORES = (
    *("SQLite", "PostgreSQL", "MariaDB"),
    *("Peewee on SQLite", "Peewee on PostgreSQL", "Peewee on MariaDB"),
    *("mongomock", "mongoeco", "memory"),
)
"""The columns. Another, such as a real MongoDB that is named, comes behind them."""
CONTRACT = "store contract"
NOT_ASKED = "-"
SKIPPED = "not run"

OUTCOMES: dict[tuple[str, str], set[str]] = defaultdict(set)
"""Class of the contract and store -> how its tests ended in this run."""


def note(item: pytest.Item) -> None:
    """Let the reports of *item* say which part of the contract it is, and on which store."""
    store = item.get_closest_marker("store")
    if store is not None and (part := _part(item)) is not None:
        item.user_properties.append((CONTRACT, (part, store.args[0])))


def is_noted(item: pytest.Item) -> bool:
    """Whether *item* belongs to the contract of a store."""
    return any(name == CONTRACT for name, _ in item.user_properties)


def count(report: pytest.TestReport) -> None:
    """Take in how a test ended."""
    for name, place in report.user_properties:
        if name == CONTRACT and isinstance(place, tuple | list):  # a list from another process
            OUTCOMES[str(place[0]), str(place[1])].add(report.outcome)


def page() -> str:
    """The table in Markdown."""
    stores = _stores()
    lines = [["What", "Tests", *stores], ["---"] * (len(stores) + 2)]
    for part in _classes():
        tests = sum(name.startswith("test_") for name in vars(part))
        verdicts = (_verdict(part.__name__, store) for store in stores)
        lines.append([_what(part), str(tests), *verdicts])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def complaints(written: str | None) -> list[str]:
    """What is wrong with the outcomes, or with a page that is *written* and should show them.

    A store that could not be run here is as the page has it: tests/skips.py says where it must.
    """
    found = [
        f"{store}: {_what(part)} FELL"
        for part in _classes()
        for store in _stores()
        if _verdict(part.__name__, store) == "FELL"
    ]
    missing = set(STORES) - {store for _, store in OUTCOMES}
    if written is None or found:
        return [*found, *(f"{store} has no test of the contract" for store in sorted(missing))]
    if _without(written, _not_run()) != _without(page(), _not_run()):
        found.append(f"docs/verdicts/{PAGE} tells of another run: make attacks")
    return found


def _part(item: pytest.Item) -> str | None:
    """The class of the contract that *item* is a test of, or overrides a test of."""
    name = getattr(item, "originalname", item.name)
    parts = [each for each in inspect.getmro(_class(item)) if each in _classes()]
    return next((each.__name__ for each in parts if name in vars(each)), None)


def _class(item: Any) -> type:
    return getattr(item, "cls", None) or object


@cache
def _classes() -> list[type]:
    """The classes of the contract, in their order."""
    modules = [import_module(f"tests.datastore.{name}") for name in MODULES]
    return [
        each
        for module in modules
        for each in vars(module).values()
        if inspect.isclass(each)
        and each.__module__ == module.__name__
        and each.__name__.endswith("Contract")
    ]


def _what(part: type) -> str:
    return (part.__doc__ or part.__name__).partition("\n")[0].rstrip(".")


def _stores() -> list[str]:
    ran = {store for _, store in OUTCOMES}
    return [*STORES, *sorted(ran - {*STORES})]


def _not_run() -> set[str]:
    """The stores of which nothing ran."""
    ran = {store for (_, store), outcomes in OUTCOMES.items() if outcomes != {"skipped"}}
    return set(_stores()) - ran


def _verdict(part: str, store: str) -> str:
    outcomes = OUTCOMES.get((part, store))
    if not outcomes:
        return NOT_ASKED
    if "failed" in outcomes:
        return "FELL"
    return SKIPPED if "skipped" in outcomes else "held"


def _without(table: str, stores: set[str]) -> list[list[str]]:
    """The cells of a Markdown table but for the columns of *stores*, and of those not listed."""
    lines = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]
    wanted = {"What", "Tests", *STORES} - stores
    places = [place for place, name in enumerate(lines[0] if lines else ()) if name in wanted]
    return [[line[place] for place in places] for line in lines]
