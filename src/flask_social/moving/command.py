"""``flask social import``: out of another library's table into the application's own."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from ..datastore.tokens import BATCH
from ..errors import SocialError
from ..state import SocialState, state
from .judge import Here
from .move import Move
from .report import Report
from .settle import Settler
from .several import finder
from .sources import SOURCES, Source
from .users import Users

if TYPE_CHECKING:
    from .tables import OldTable


@click.command("import")
@click.option("--from", "source", required=True, type=click.Choice(list(SOURCES)))
@click.option(
    "--database",
    envvar="SOCIAL_IMPORT_DATABASE",
    show_envvar=True,
    help="The old database, a URL of SQLAlchemy. Default: the datastore's.",
)
@click.option("--table", help="The old table. Default: the name that the library gives it.")
@click.option("--id-column", help="The old table's column with the account's id.")
@click.option("--user-column", help="The old table's column with the user's key.")
@click.option("--user-key", default="id", help="The user model's attribute that it refers to.")
@click.option("--map", "renamed", multiple=True, metavar="OLD=NEW", help="A provider's name here.")
@click.option("--addresses", multiple=True, metavar="PROVIDER", help="Its ids are addresses.")
@click.option(
    "--keep",
    type=click.Choice(["oldest", "newest"]),
    help="Which of several rows that one user has for one account. Default: none of them.",
)
@click.option(
    "--batch",
    type=click.IntRange(1, 10_000),
    default=BATCH,
    show_default=True,
    help="Rows that are written in one transaction.",
)
@click.option("--report", type=click.File("w", encoding="utf-8"), help="Every row, as JSON lines.")
@click.option("--write", is_flag=True, help="Write. Without it nothing is changed.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@with_appcontext
def import_command(**options: Any) -> None:
    """Import connections from the table of Flask-Social 1.6, Flask-Dance or social-app-flask.

    Without --write nothing is changed, and the report says what would be. It can be run any
    number of times: what is here already is left as it is.
    """
    try:
        move = prepared(state(), options)
        total = move.table.count()
        click.echo(f"{total} rows in {move.table.name!r} at {move.table.place}")
        if options["write"] and not options["yes"]:
            click.confirm("Write into the connections of this application?", abort=True)
        follow(move, Report(options["report"]), total)
    except SocialError as error:
        raise click.ClickException(str(error)) from None


def prepared(social: SocialState, options: Mapping[str, Any]) -> Move:
    """What the operator asked for.

    :raises click.ClickException: when it cannot be done, or means nothing.
    :raises TableTrouble: when the old table cannot be read.
    """
    source = SOURCES[options["source"]]
    table = table_of(source, social, options)
    in_place = table.is_of(social.datastore)
    if in_place:
        require_repairable(source, options)
    if social.settings.sandbox and options["write"]:
        raise click.UsageError("SOCIAL_SANDBOX is on: rows would get the issuers of the sandbox.")
    source = source.with_columns(options["id_column"], options["user_column"])
    require_columns(table, source)
    users = Users(social.datastore, options["user_key"])
    write = options["write"]
    return Move(
        table=table,
        source=source,
        here=here_of(social, users, options),
        settler=Settler(store=social.datastore, users=users, write=write, in_place=in_place),
        keep=options["keep"],
        batch=options["batch"],
    )


def here_of(social: SocialState, users: Users, options: Mapping[str, Any]) -> Here:
    """What the application and the operator say to the rows."""
    issuers = {
        each: getattr(remote.provider, "issuer", None) for each, remote in social.providers.items()
    }
    return Here(
        issuers=issuers,
        finders={
            each: find for each, remote in social.providers.items() if (find := finder(remote))
        },
        has_user=users.has,
        renamed=renamed(social, options["renamed"]),
        addresses=frozenset(known(social, options["addresses"])),
    )


def table_of(source: Source, social: SocialState, options: Mapping[str, Any]) -> OldTable:
    """The old table. :raises TableTrouble: when it cannot be read."""
    try:
        from . import tables
    except ModuleNotFoundError as error:
        if error.name != "sqlalchemy":
            raise
        raise click.ClickException(
            "Old tables are read with SQLAlchemy, which is not installed here: it comes with the "
            "extra, Flask-Social[sqlalchemy]. Your database's driver has to be there as well."
        ) from None
    engine = tables.opened(options["database"], social.datastore)
    return tables.OldTable(engine, options["table"] or source.table)


def require_repairable(source: Source, options: Mapping[str, Any]) -> None:
    """:raises click.UsageError: when the store's own table is not to be repaired, but read."""
    if source.title != "flask-social-1.6":
        raise click.UsageError("This is the datastore's own table: name the old one by --table.")
    if options["renamed"] or options["keep"]:
        raise click.UsageError(
            "This is the datastore's own table, whose rows stay what they are: --map and --keep "
            "are for others."
        )


def require_columns(table: OldTable, source: Source) -> None:
    """:raises click.UsageError: when nobody could tell whose the rows are."""
    needed = (source.provider, source.subject, source.user)
    if missing := [name for name in needed if name not in table.columns]:
        raise click.UsageError(
            f"The table {table.name!r} has no column {' and no column '.join(missing)}. It has "
            f"{', '.join(sorted(table.columns))}. See --id-column and --user-column."
        )


def renamed(social: SocialState, given: Sequence[str]) -> dict[str, str]:
    """What ``--map`` says. :raises click.UsageError: when it names no configured provider."""
    pairs = {}
    for each in given:
        old, equals, new = each.partition("=")
        if not (old and equals):
            raise click.UsageError(f"--map {each}: write OLD=NEW.")
        [pairs[old]] = known(social, [new])
    return pairs


def known(social: SocialState, names: Sequence[str]) -> Sequence[str]:
    """*names*. :raises click.UsageError: when one is no configured provider."""
    for name in names:
        if name not in social.providers:
            configured = ", ".join(sorted(social.providers)) or "none"
            raise click.UsageError(f"No provider {name!r} is configured; configured: {configured}.")
    return names


def follow(move: Move, report: Report, total: int) -> None:
    """Do it, show how far it is, and say what became of it, also where it ends early.

    :raises SocialError: when one of the databases is away.
    """
    write, whole = move.settler.write, False
    try:
        with click.progressbar(length=2 * total, file=sys.stderr) as bar:
            for entries in move.run(bar.update):
                report.add(entries)
        whole = True
    finally:
        click.echo("Written:" if write else "With --write it would be:")
        for line in report.told():
            click.echo(line)
        if not write:
            click.echo("Nothing was written.")
        elif not whole:
            click.echo("This is not all. Run it again: it goes on where it ended.")
    if report.seen != total:
        click.echo(f"{report.seen} rows were seen: the table changed, or has rows without a key.")
