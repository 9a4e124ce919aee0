"""``flask social``: providers, keys for tokens at rest, refreshing ahead, and moving in."""

from __future__ import annotations

import click
from flask.cli import AppGroup

COMMANDS = ("draft", "import", "new-key", "provider", "providers", "refresh", "rotate-keys")


class Commands(AppGroup):
    """The commands. Each is loaded when somebody asks for it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        match cmd_name:
            case "draft":
                from ..drafting.command import draft as command
            case "import":
                from ..moving.command import import_command as command
            case "new-key":
                from .keys import new_key as command
            case "provider":
                from .telling import provider as command
            case "providers":
                from .listing import providers as command
            case "refresh":
                from .refreshing import refresh as command
            case "rotate-keys":
                from .keys import rotate_keys as command
            case _:
                return super().get_command(ctx, cmd_name)
        return command


@click.group("social", cls=Commands)
def social() -> None:
    """Look after the connections of Flask-Social, and the providers behind them."""
