"""`rollcall migrate`."""

from __future__ import annotations

import click
from sqlalchemy.exc import DBAPIError

from config import embedded, migrate
from config.database import bind, make_engine
from config.errors import Misconfigured
from config.runtime import addresses, load_settings, make_keyring
from config.settings import Settings
from registry.people.erasures import FILE
from workers.erasures import replay


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when models and migrations disagree.")
def command(check: bool) -> None:
    """Bring the database to the newest shape. Safe to run at any time, by many at once."""
    settings = load_settings()
    with embedded.services(
        settings.rollcall_home, database=settings.database_url is None, broker=False
    ) as services:
        url, owner = addresses(settings, services)
        try:
            migrate.migrate(owner, url)
            if check:
                migrate.check(owner)
            else:
                _erase_again(settings, url)
        except DBAPIError as error:
            raise Misconfigured(f"the database refused: {str(error.orig).strip().splitlines()[0]}") from None
    click.echo("The database has the newest shape.")


def _erase_again(settings: Settings, url: str) -> None:
    """Whoever was erased, and came back with a backup that this database was restored from."""
    if not (settings.audit_folder / FILE).exists():
        return
    engine = make_engine(url, pool_size=1, statement_timeout=0)
    bind(engine)
    try:
        if erased := replay(make_keyring(settings), settings.audit_folder):
            click.echo(
                f"An older database was restored: {erased} of its people had been erased, and are erased again."
            )
    finally:
        engine.dispose()
