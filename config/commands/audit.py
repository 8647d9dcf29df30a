"""`rollcall audit verify`, `rollcall audit events`."""

from __future__ import annotations

import sys
import uuid
from collections import defaultdict
from datetime import UTC, timedelta
from pathlib import Path

import click
from sqlalchemy import select

from config.runtime import runtime
from registry.audit.verifying import Break, stored_checkpoints
from registry.audit.verifying import verify as verify_chain
from registry.audit.witness import FILE, Checkpoint, Witness, read_checkpoints
from registry.database import scoped, unscoped
from registry.events.services import recent
from registry.organisations.models import Organisation


@click.group()
def command() -> None:
    """Check the audit log, and see what was refused."""


@command.command(short_help="Check that no entry was changed, reordered or cut off.")
@click.option(
    "--checkpoints",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A file of checkpoints kept outside the database.  [default: that of AUDIT_CHECKPOINTS]",
)
def verify(checkpoints: Path | None) -> None:
    """Walk every organisation's chain; fail and say where one was changed, reordered or cut off."""
    with runtime(pool_size=1, statement_timeout=0) as process:
        witness = Witness(process.keyring.witness_seed, *process.keyring.earlier_witness_seeds)
        kept, broken = _kept(checkpoints or process.settings.audit_folder / FILE, witness)
        with unscoped() as session:
            organisations = session.execute(
                select(Organisation.id, Organisation.public_id, Organisation.name).order_by(Organisation.name)
            ).all()
        for number, public_id, name in organisations:
            breaks = _breaks(witness, number, public_id, kept.pop(public_id, []))
            for found in breaks:
                when = f" of {found.at:%Y-%m-%d %H:%M:%S} UTC" if found.at else ""
                click.echo(f"{name}: entry {found.number}{when} {found.reason}", err=True)
            click.echo(f"{name}: {'BROKEN' if breaks else 'holds'}")
            broken = broken or bool(breaks)
        for public_id, gone in kept.items():
            click.echo(
                f"{public_id}: entry {max(c.number for c in gone)} is missing, with its organisation",
                err=True,
            )
            broken = True
    sys.exit(1 if broken else 0)


@command.command(short_help="Show what was refused to strangers.")
@click.option("--hours", type=click.IntRange(1, 24 * 90), default=24, show_default=True)
def events(hours: int) -> None:
    """Show security events by the hour: time (UTC), how often, kind, route, network and whom it was about.

    The last two are keyed digests: the same stand for the same, and neither can be read back.
    """
    with runtime(pool_size=1), unscoped() as session:
        for event in recent(session, timedelta(hours=hours)):
            when = event.window_start.astimezone(UTC)
            click.echo(
                f"{when:%Y-%m-%d %H:00} {event.count:>7} {event.kind:<12} {event.place or '-':<32} "
                f"{event.network.hex() or '-'} {event.subject.hex() or '-'}"
            )


def _kept(path: Path, witness: Witness) -> tuple[dict[uuid.UUID, list[Checkpoint]], bool]:
    """The file's checkpoints by organisation, and whether any line is not ours."""
    kept: dict[uuid.UUID, list[Checkpoint]] = defaultdict(list)
    foreign = False
    if not path.exists():
        click.echo(
            "No checkpoints outside the database were found: a log written anew as a whole would not show.",
            err=True,
        )
    for line, checkpoint in read_checkpoints(path):
        if checkpoint is not None and witness.knows(checkpoint):
            kept[checkpoint.organisation].append(checkpoint)
        else:
            click.echo(f"{path.name}: line {line} is not a checkpoint that we signed", err=True)
            foreign = True
    return kept, foreign


def _breaks(witness: Witness, number: int, public_id: uuid.UUID, kept: list[Checkpoint]) -> list[Break]:
    with scoped(number) as session:
        stored = stored_checkpoints(session, number, public_id)
        forged = [checkpoint for checkpoint in stored if not witness.knows(checkpoint)]
        breaks = [Break(c.number, c.at, "has a checkpoint that we did not sign") for c in forged]
        return breaks + list(verify_chain(session, number, [*kept, *stored]))
