"""`rollcall migrate`."""

from __future__ import annotations

import click
from sqlalchemy.exc import DBAPIError

from config import embedded, migrate
from config.errors import Misconfigured
from config.runtime import load_settings


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when models and migrations disagree.")
def command(check: bool) -> None:
    """Bring the database to the newest shape. Safe to run at any time, by many at once."""
    settings = load_settings()
    with embedded.services(
        settings.rollcall_home, database=settings.database_url is None, broker=False
    ) as services:
        url = settings.database_url or services.database_url or ""
        try:
            migrate.migrate(url)
            if check:
                migrate.check(url)
        except DBAPIError as error:
            raise Misconfigured(f"the database refused: {str(error.orig).strip().splitlines()[0]}") from None
    click.echo("The database has the newest shape.")
