"""The `rollcall` command. Each sub-command lives in a module of `config.commands` and is imported when called."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NoReturn

import click

from config.errors import Misconfigured
from config.memory import loading
from registry.errors import Conflict, Invalid

COMMANDS = {
    "up": "Run everything on this machine: database, broker, web, worker, dispatcher.",
    "web": "Serve the pages, the API and the webhooks.",
    "worker": "Run a Celery worker that sends.",
    "dispatcher": "Plan alerts, publish tasks, mind what is late, do periodic work.",
    "migrate": "Bring the database to the newest shape.",
    "demo": "Fill the registry with plausible, clearly fictitious people.",
    "officer": "Add officers.",
    "key": "Make keys for programs.",
    "keys": "Rotate the registry's keys, make the capital's, restore a post.",
    "audit": "Check the audit log.",
    "erasures": "Erase again who came back with a backup.",
    "mail": "Take in bounces and answers by mail.",
    "bench": "Measure.",
}


class Lazy(click.Group):
    """Imports a sub-command only when it is called, so that `--help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """`config.commands.NAME.command`."""
        if cmd_name not in COMMANDS:
            return None
        with loading():
            command: click.Command = import_module(f"config.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Rollcall: a contact registry and crisis alert service for migrants."""


def main() -> None:
    """Entry point. What the user can mend is one line on standard error, without a traceback."""
    try:
        cli(prog_name="rollcall")
    except (Misconfigured, Invalid, Conflict) as error:
        _give_up(str(error))
    except Exception as error:
        from sqlalchemy.exc import OperationalError  # only now: it would slow down `--help`

        if not isinstance(error, OperationalError):
            raise
        _give_up(f"the database gave up: {str(error.orig).strip().splitlines()[0]}")


def _give_up(reason: str) -> NoReturn:
    click.echo(f"rollcall: {reason}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
