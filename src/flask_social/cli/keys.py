"""``flask social new-key`` and ``rotate-keys``: the keys of tokens at rest."""

from __future__ import annotations

import base64
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click
from flask.cli import with_appcontext

from .. import clock, seal
from ..datastore.tokens import BATCH, StoredToken
from ..flows import rotation
from ..flows.rotation import Busy, Gone, Rotated
from ..state import state
from .trouble import database

KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


@click.command("new-key")
@click.option("--id", "key_id", help="The key's name, which is no secret. Default: the date.")
@with_appcontext
def new_key(key_id: str | None) -> None:
    """Print a new key for SOCIAL_TOKEN_KEYS. It is written nowhere else."""
    taken = state().datastore.sealing.keys.keys()
    if key_id is None:
        key_id = next(each for each in _dated() if each not in taken)
    if not KEY_ID.fullmatch(key_id):
        raise click.BadParameter("letters, digits, '-' and '_', 32 at most", param_hint="--id")
    if key_id in taken:
        raise click.BadParameter(f"there is a key {key_id!r} already", param_hint="--id")
    key = base64.b64encode(os.urandom(seal.KEY_BYTES)).decode()
    click.echo(f'"{key_id}:{key}"')
    click.echo(
        "Put it into SOCIAL_TOKEN_KEYS of every process: behind the keys that are there, then in "
        "front of them. After that run `flask social rotate-keys`.",
        err=True,
    )


def _dated() -> Iterator[str]:
    """Today's date, then with numbers."""
    today = f"{datetime.fromtimestamp(clock.now(), UTC):%Y-%m-%d}"
    yield today
    number = 2
    while True:
        yield f"{today}-{number}"
        number += 1


@click.command("rotate-keys")
@click.option("--after", metavar="KEY", help="Begin behind the row with this key.")
@click.option("--batch", type=click.IntRange(1, 10_000), default=BATCH, show_default=True)
@click.pass_context
@with_appcontext
def rotate_keys(ctx: click.Context, after: str | None, batch: int) -> None:
    """Seal every token under the first key of SOCIAL_TOKEN_KEYS.

    With SOCIAL_STORE_TOKENS off, remove every token instead. The secrets of registrations, where
    visitors name instances, are sealed anew in either case. Rows that are as they should be are
    passed over, so that it can be run again at any time. Ends with status 1 if it left a row out.
    """
    store = state().datastore
    if store.sealing.keeps and not store.sealing.keys:
        raise click.UsageError("SOCIAL_TOKEN_KEYS is not set: there is no key to seal with.")
    run = Rotation(_key(after))
    try:
        with database():
            run.over(batch)
            secrets = 0 if store.registrations is None else store.registrations.reseal()
    except (KeyboardInterrupt, click.ClickException):
        click.echo(run.summary(), err=True)
        if run.last is not None:
            click.echo(f"Go on behind the last row by --after {run.last}", err=True)
        raise
    click.echo(run.summary())
    if secrets:
        click.echo(f"{secrets} secrets of registrations sealed anew")
    ctx.exit(1 if run.left else 0)


class Rotation:
    """One run over all rows: how far it got, and what it did."""

    def __init__(self, after: Any) -> None:
        self.last = after
        """The key of the last row that is done."""
        self.seen = self.changed = self.left = 0

    def over(self, batch: int) -> None:
        """Every row behind the last one, with a bar on a terminal and else a line for a batch."""
        rows = (row for rows in self._batches(batch) for row in rows)
        if not sys.stderr.isatty():
            for row in rows:
                self.one(row)
            return
        with click.progressbar(rows, label="Sealing", show_pos=True, file=sys.stderr) as bar:
            for row in bar:
                self.one(row)

    def _batches(self, limit: int) -> Iterator[Any]:
        for rows in rotation.batches(state().datastore, self.last, limit):
            yield rows
            if not sys.stderr.isatty():
                click.echo(f"{self.seen} rows, the last one {self.last}")

    def one(self, token: StoredToken) -> None:
        """Let one row be as it should be, and say what cannot be."""
        match rotation.rotate(token, state().datastore):
            case Rotated(row, is_new):
                self.changed += is_new
                if row.unreadable:
                    self._leave(row, f"no key opens its {', '.join(row.unreadable)}")
            case Busy(row):
                self._leave(row, "somebody else writes to it all the time; run this again")
            case Gone():
                pass
        self.seen += 1
        self.last = token.key

    def _leave(self, row: StoredToken, why: str) -> None:
        self.left += 1
        click.echo(f"{row.provider_id} {row.key}: {why}", err=True)

    def summary(self) -> str:
        """What was done, in a line."""
        what = "sealed" if state().datastore.sealing.keeps else "emptied"
        return f"{self.seen} rows: {self.changed} {what} anew, {self.left} left out"


def _key(text: str | None) -> Any:
    """The key of a row as the database has it, out of the *text* of one."""
    if text is None:
        return None
    with database():
        first = state().datastore.stored_tokens(limit=1)
    if not first:
        return None
    kind = type(first[0].key)
    try:
        return kind(text)
    except Exception:  # noqa: BLE001 - a type of the database's own
        raise click.BadParameter(f"not a {kind.__name__}", param_hint="--after") from None
