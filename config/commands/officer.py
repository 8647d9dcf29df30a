"""`rollcall officer add`, `rollcall officer reset`."""

from __future__ import annotations

import click

from config.errors import Misconfigured
from config.runtime import runtime
from registry.audit.services import record, system
from registry.database import unscoped
from registry.database.session import set_scope
from registry.organisations import services
from registry.organisations.models import Role
from registry.staff.officers import reset as reset_officer


@click.group()
def command() -> None:
    """Add officers, and let those in again who lost what opens their account."""


@command.command(short_help="Add an officer and print a one-time password.")
@click.option("--organisation", required=True, help="Its name; made when there is none of this name.")
@click.option("--email", required=True, help="The address to sign in with.")
@click.option("--roles", required=True, help=f"Of these, apart by commas: {', '.join(Role)}.")
@click.option("--name", help="How colleagues see the officer.")
def add(organisation: str, email: str, roles: str, name: str | None) -> None:
    """Add an officer and print a one-time password, which must be changed at the first sign-in."""
    wanted = services.parse_roles([word for word in roles.split(",") if word.strip()])
    with runtime(pool_size=1) as process, unscoped() as session:
        known = services.find_organisation(session, organisation)
        found = known or services.create_organisation(session, process.keyring, organisation)
        new = services.add_officer(
            session, found, email, wanted, name, valid_for=process.settings.one_time_life
        )
        set_scope(session, found.id)
        record(
            session,
            system(found.id),
            "officer.add",
            new.officer.public_id,
            {"roles": list(new.officer.roles)},
        )
    if known is None:
        click.echo(f"Made the organisation {found.name}.", err=True)
    click.echo(f"One-time password of {new.officer.email}:", err=True)
    click.echo(new.password)


@command.command()
@click.option("--email", required=True)
def reset(email: str) -> None:
    """Forget an officer's password and second factors, and print a new one-time password."""
    with runtime(pool_size=1) as process, unscoped() as session:
        officer = services.find_officer(session, email)
        if officer is None:
            raise Misconfigured(f"there is no officer {email}")
        password = reset_officer(session, officer, process.settings.one_time_life)
        set_scope(session, officer.organisation_id)
        record(session, system(officer.organisation_id), "officer.reset", officer.public_id)
    click.echo(f"One-time password of {officer.email}:", err=True)
    click.echo(password)
