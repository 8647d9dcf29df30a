"""`rollcall erasures replay`."""

from __future__ import annotations

import click

from config.runtime import runtime
from workers.erasures import replay as replay_all


@click.group()
def command() -> None:
    """Erase again who came back with a backup."""


@command.command()
def replay() -> None:
    """Look at everybody who is registered, and erase whoever was erased before. Needs the file in AUDIT_CHECKPOINTS.

    `rollcall up` and `rollcall migrate` do so by themselves when they see that an older database was restored.
    """
    with runtime(pool_size=1, statement_timeout=0) as process:
        count = replay_all(process.keyring, process.settings.audit_folder, all_people=True)
    click.echo(f"{count} people are erased again.")
