"""`rollcall keys`: the keys that seal the registry. (`rollcall key` makes keys for programs.)"""

from __future__ import annotations

import time

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.errors import Misconfigured
from config.runtime import Runtime, runtime
from registry.audit.services import record, system
from registry.custody import rewrapping, rotation
from registry.custody.models import Rewrap
from registry.database import scoped, unscoped
from registry.organisations.models import Organisation
from registry.organisations.services import find_organisation
from registry.people.models import Person


@click.group()
def command() -> None:
    """Rotate the keys that seal the registry, make the capital's, restore a post."""


@command.command()
@click.option("--organisation", help="Only this one.  [default: all]")
@click.option(
    "--master", is_flag=True, help="Seal organisations' keys by MASTER_KEY, off MASTER_KEY_PREVIOUS."
)
def rotate(organisation: str | None, master: bool) -> None:
    """Make new keys for organisations and posts, and seal every person's key by them, while the service runs.

    May be stopped at any time: a running dispatcher goes on, and so does this command when it is called again.
    """
    with runtime(pool_size=1, statement_timeout=120) as process:
        with unscoped() as session:
            wanted = [(one.id, one.name) for one in _chosen(session, organisation)]
        for number, name in wanted:
            if master:
                with scoped(number) as session:
                    changed = rotation.reseal(session, process.keyring, number)
                    if changed:
                        record(session, system(number), "keys.master")
                click.echo(
                    f"{name}: {'sealed by the new master key' if changed else 'was sealed by it already'}"
                )
            else:
                _rotate(process, number, name)


def _chosen(session: Session, name: str | None) -> list[Organisation]:
    if name is None:
        return list(session.scalars(select(Organisation).order_by(Organisation.id)))
    found = find_organisation(session, name)
    if found is None:
        raise Misconfigured(f"there is no organisation {name!r}")
    return [found]


def _rotate(process: Runtime, number: int, name: str) -> None:
    with scoped(number) as session:
        walk = _open_walk(session, number)
        if walk and walk.rotation:
            click.echo(f"{name}: going on with the rotation of {walk.started_at:%Y-%m-%d %H:%M} UTC")
        else:
            rotation.rotate(session, process.keyring, number)
            record(session, system(number), "keys.rotate")
        people = session.scalar(select(func.count()).select_from(Person)) or 0
    with click.progressbar(length=people, label=name, show_pos=True) as bar:
        while True:
            with scoped(number) as session:
                moved = rewrapping.step(session, process.keyring, number)
                walk = _open_walk(session, number)
            if walk is None:
                bar.update(people - bar.pos)
                break
            bar.update(walk.people - bar.pos)
            if not moved:  # the dispatcher is at it
                time.sleep(0.2)
    click.echo(f"{name}: every person's key is sealed by new keys")


def _open_walk(session: Session, number: int) -> Rewrap | None:
    return session.scalar(
        select(Rewrap).where(Rewrap.organisation_id == number, Rewrap.finished_at.is_(None))
    )
