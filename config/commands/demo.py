"""`rollcall demo`."""

from __future__ import annotations

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.runtime import runtime
from registry.audit.services import record, system
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.demo import fill
from registry.errors import Invalid
from registry.organisations.models import Organisation
from registry.organisations.services import create_organisation, find_organisation
from registry.people.vault import Vault
from registry.places import normalise_country

ORGANISATION = "Consulate of Freedonia (demonstration)"


@click.command()
@click.option(
    "--people", type=click.IntRange(1, 10_000_000), default=1000, show_default=True, help="How many."
)
@click.option(
    "--country", "countries", multiple=True, help="Only in this country; may be repeated. Default: in many."
)
@click.option(
    "--organisation", help="Whose registry; made when there is none of this name. Default: the first one's."
)
@click.option("--seed", type=int, help="Invent the same people each time.")
def command(people: int, countries: tuple[str, ...], organisation: str | None, seed: int | None) -> None:
    """Fill the registry with plausible, clearly fictitious people.

    Their phone numbers and email addresses can reach nobody. Run it again to add more.
    """
    codes = _read_countries(countries)
    with runtime(pool_size=1, statement_timeout=120) as process:
        with unscoped() as session:
            chosen = _organisation(session, process.keyring, organisation)
        with (
            scoped(chosen.id) as session,
            click.progressbar(length=people, label="Inventing people", show_pos=True) as bar,
        ):
            vault = Vault.open(session, process.keyring, chosen.id)
            for added in fill(session, vault, people, seed=seed, countries=codes):
                bar.update(added)
            record(session, system(chosen.id), "demo.fill", None, {"people": people})
    click.echo(f"{chosen.name} has {people:,} more people. None of them exists.")


def _read_countries(words: tuple[str, ...]) -> list[str]:
    codes = [(word, normalise_country(word)) for word in words]
    for word, code in codes:
        if code is None:
            raise Invalid.one("country", "country", f"{word!r} is not a country of ISO 3166-1")
    return [code for _, code in codes if code]


def _organisation(session: Session, keyring: Keyring, name: str | None) -> Organisation:
    """The named one, else the first, else a new one."""
    if name is None:
        found = session.scalar(select(Organisation).order_by(Organisation.id).limit(1))
    else:
        found = find_organisation(session, name)
    return found or create_organisation(session, keyring, name or ORGANISATION)
