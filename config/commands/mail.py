"""`rollcall mail`."""

from __future__ import annotations

import sys

import click
from sqlalchemy.exc import OperationalError

from alerts.mailbox.parsing import LARGEST
from alerts.mailbox.taking import take
from config.errors import Misconfigured
from config.runtime import runtime

TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: a mail server keeps the mail and comes again."""


@click.group()
def command() -> None:
    """Take in bounces and answers by mail."""


@command.command()
@click.argument("recipient", nargs=-1)
def receive(recipient: tuple[str, ...]) -> None:
    """Take in one mail from standard input, as a mail server's pipe hands it over.

    RECIPIENT is whom its envelope names. Ends with 75 where the mail server should come again later.
    """
    raw = sys.stdin.buffer.read(LARGEST)
    try:
        with runtime(pool_size=1) as process:
            done = take(process.keyring, raw, recipient)
    except (OperationalError, Misconfigured) as error:
        click.echo(f"rollcall: the mail can't be taken in now ({type(error).__name__})", err=True)
        sys.exit(TRY_AGAIN)
    click.echo(done.value)
