"""What a command says where the database is in trouble, or the settings are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from ..errors import SocialError
from ..state import state


@contextmanager
def database() -> Iterator[None]:
    """Tell of a database in trouble in a line, without a statement and without a value."""
    store = state().datastore
    try:
        yield
    except SocialError as error:
        raise click.ClickException(str(error)) from None
    except store.faults as fault:
        raise click.ClickException(f"The database: {store.told(fault)}") from None
