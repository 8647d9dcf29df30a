"""`rollcall audit verify`."""

from __future__ import annotations

import sys

import click
from sqlalchemy import select

from config.runtime import runtime
from registry.audit.services import verify as verify_chain
from registry.database import scoped, unscoped
from registry.organisations.models import Organisation


@click.group()
def command() -> None:
    """Check the audit log."""


@command.command()
def verify() -> None:
    """Walk every organisation's chain; fail and say where one does not hold."""
    broken = False
    with runtime(pool_size=1, statement_timeout=0):
        with unscoped() as session:
            organisations = session.execute(select(Organisation.id, Organisation.name)).all()
        for number, name in organisations:
            with scoped(number) as session:
                breaks = list(verify_chain(session, number))
            for found in breaks:
                click.echo(
                    f"{name}: entry {found.number} of {found.at:%Y-%m-%d %H:%M:%S} UTC {found.reason}",
                    err=True,
                )
            click.echo(f"{name}: {'BROKEN' if breaks else 'holds'}")
            broken = broken or bool(breaks)
    sys.exit(1 if broken else 0)
