"""``flask social providers``: everybody that an application could be registered at, in a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import click
from flask.cli import with_appcontext

from .. import providers as stock
from ..state import state
from ..words import portrait
from ..words.portrait import EMAILS, PROTOCOLS, Portrait

HEADS = ("ID", "NAME", "PROTOCOL", "REFRESH", "REVOKE", "E-MAIL", "CONFIGURED")
EMAIL_SHORT = {"flag": "by flag", "always": "always", "unverified": "unverified", "none": "none"}
SHORT = {name.lower().replace(" ", ""): name for name in (*PROTOCOLS.values(), "its own")}
"""The protocols as an option takes them: ``oauth2.0``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A provider in the list."""

    portrait: Portrait
    key: str | None
    """The key that configures it; ``None`` where none does."""

    def row(self) -> tuple[str, ...]:
        """The cells of its row."""
        it = self.portrait
        name = it.name if len(it.name) <= 40 else f"{it.name[:39]}…"
        return (
            it.id,
            name,
            it.protocol,
            it.refresh.short,
            it.revocation.short,
            EMAIL_SHORT[it.email],
            self.key or "",
        )

    def as_json(self) -> dict[str, Any]:
        """Everything that there is to tell."""
        return {**self.portrait.as_json(), "configured_as": self.key}

    def is_called(self, word: str) -> bool:
        """Whether *word* is in one of its names."""
        names = (self.portrait.id, self.portrait.name, *self.portrait.aliases)
        return any(word.casefold() in name.casefold() for name in names)

    def is_called_just(self, word: str) -> bool:
        """Whether *word* is its id or an alias, and no part of one."""
        return word.lower() in (self.portrait.id, *self.portrait.aliases)


@click.command("providers")
@click.argument("word", required=False)
@click.option("--json", "as_json", is_flag=True, help="All that is known of each, as JSON.")
@click.option("--configured", is_flag=True, help="Those that this application is registered at.")
@click.option("--protocol", type=click.Choice([*SHORT]), help="Those that speak this one.")
@click.option("--email", type=click.Choice(EMAILS), help="By what its word on an address is worth.")
@click.option(
    "--refresh/--no-refresh", default=None, help="Those that give refresh tokens, or none."
)
@with_appcontext
def providers(word: str | None, as_json: bool, configured: bool, **wanted: Any) -> None:
    """List the providers that can be configured, those with WORD in a name.

    REFRESH is "maybe" where that depends on how you registered, REVOKE where the provider's own
    metadata tell. More of one is told by `flask social provider NAME`.
    """
    found = [
        each
        for each in entries(only_configured=configured)
        if (word is None or each.is_called(word)) and _fits(each.portrait, **wanted)
    ]
    if word:
        found.sort(key=lambda each: not each.is_called_just(word))
    if as_json:
        click.echo(json.dumps([each.as_json() for each in found], indent=2, ensure_ascii=False))
    elif found:
        click.echo("\n".join(table([HEADS, *(each.row() for each in found)])))
    if not found and not as_json:
        click.echo(stock.fate((word or "").lower()) or "No provider is like that.", err=True)


def entries(*, only_configured: bool = False) -> Iterator[Entry]:
    """The stock providers and those that the configuration adds, by their ids.

    A stock provider that is configured is told as the configuration has it.
    """
    remotes = state().providers
    for name in sorted({*remotes} if only_configured else {*remotes, *stock.names()}):
        if it := remotes.get(name):
            yield Entry(portrait.of_remote(it), f"SOCIAL_{name.upper()}")
        else:
            yield Entry(portrait.of_stock(name), None)


def _fits(it: Portrait, *, protocol: str | None, email: str | None, refresh: bool | None) -> bool:
    """Whether a provider is as the options want it."""
    return (
        (protocol is None or it.protocol == SHORT[protocol])
        and (email is None or it.email == email)
        and (refresh is None or it.refresh.exists is refresh)
    )


def table(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """*rows* with their cells below each other."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
