"""``flask social refresh``: tokens that expire soon, refreshed before anybody waits for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click
from flask.cli import with_appcontext

from .. import clock, expiring
from ..errors import NotHere, ProviderError, ReconnectNeeded, StoreUnavailable
from ..remote import RemoteApp
from ..state import state
from .trouble import database

IN_A_ROW = 3
"""Failures after which a provider is left alone for the rest of a run."""


@click.command("refresh")
@click.option("--provider", "provider_id", metavar="ID", help="This one alone. Default: all.")
@click.option(
    "--within",
    type=click.IntRange(min=0),
    default=3600,
    show_default=True,
    metavar="SECONDS",
    help="Refresh what expires in so many seconds.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say what was done also if all is well.")
@click.pass_context
@with_appcontext
def refresh(ctx: click.Context, provider_id: str | None, within: int, verbose: bool) -> None:
    """Refresh the tokens that expire soon, for cron: quiet when all is well.

    A connection whose person has to consent again is told, and is no failure. Ends with status 1
    if a provider could not be asked.
    """
    run = Refreshing(within)
    with database():
        for remote in asked_for(provider_id) if provider_id else run.all():
            run.at(remote)
    if verbose or run.broken or run.failed:
        click.echo(
            f"{run.refreshed} refreshed, {run.broken} to be reconnected, {run.failed} not refreshed"
        )
    ctx.exit(1 if run.failed else 0)


def asked_for(provider_id: str) -> Sequence[RemoteApp]:
    """The provider that is called so. :raises click.BadParameter: when there is none."""
    try:
        return [state().remote(provider_id)]
    except NotHere:
        known = ", ".join(sorted(state().providers)) or "none"
        raise click.BadParameter(
            f"no provider {provider_id!r} is configured; configured: {known}"
        ) from None


class Refreshing:
    """One run over what expires soon."""

    def __init__(self, within: int) -> None:
        self.within = within
        self.refreshed = self.broken = self.failed = 0

    def all(self) -> Iterator[RemoteApp]:
        """Every configured provider, and those of the provider source that have something due."""
        configured = state().providers
        yield from configured.values()
        if state().sourced is None:
            return
        for provider_id in expiring.provider_ids(state().datastore, clock.now() + self.within):
            if provider_id in configured:
                continue
            try:
                yield state().remote(provider_id)
            except NotHere:
                continue  # a provider that is no more, as one that the configuration had
            except ProviderError as error:
                self.failed += 1
                click.echo(f"{provider_id}: {error}", err=True)

    def at(self, remote: RemoteApp) -> None:
        """The connections to one provider, unless that is away or asks to be left alone."""
        in_a_row = 0
        for connection in remote.connections(expiring_before=clock.now() + self.within):
            if not hasattr(remote.provider, "refresh"):
                return
            if not getattr(connection, "refresh_token", None) or _is_broken(connection):
                continue
            try:
                self.one(remote, connection)
                in_a_row = 0
            except (ProviderError, StoreUnavailable) as error:  # a row that is locked, say
                in_a_row += 1
                self.failed += 1
                self._tell(remote, connection, str(error))
                if error.code == "busy" or in_a_row == IN_A_ROW:
                    click.echo(f"{remote.id}: left alone for now", err=True)
                    return

    def one(self, remote: RemoteApp, connection: Any) -> None:
        """One connection.

        :raises ProviderError: when the provider could not be asked.
        :raises StoreUnavailable: when the row could not be read or written.
        """
        before = connection.access_token
        try:
            token = remote.fresh_token(connection, within=self.within)
        except ReconnectNeeded as error:
            self.broken += 1
            self._tell(remote, connection, f"has to be reconnected ({error.reason})")
            return
        self.refreshed += token is not None and token.access_token != before

    def _tell(self, remote: RemoteApp, connection: Any, why: str) -> None:
        row = remote.datastore.read_token(connection)
        click.echo(f"{remote.id} {row.key if row else '-'}: {why}", err=True)


def _is_broken(connection: Any) -> bool:
    return bool(getattr(connection, "needs_reauth", False))
