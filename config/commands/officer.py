"""`rollcall officer add`, `reset`, `shut-out`, `let-in`."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from config.errors import Misconfigured
from config.runtime import runtime
from registry.audit.services import record, system
from registry.database import unscoped
from registry.database.session import set_scope
from registry.organisations import services
from registry.organisations.models import Officer, Role
from registry.staff import officers


@click.group()
def command() -> None:
    """Add officers, shut them out, and let those in again who lost what opens their account."""


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
        officer = _find(session, email)
        password = officers.reset(session, officer, process.settings.one_time_life)
        _note(session, officer, "officer.reset")
    click.echo(f"One-time password of {officer.email}:", err=True)
    click.echo(password)


@command.command("shut-out")
@click.option("--email", required=True)
def shut_out(email: str) -> None:
    """End an officer's sign-ins and keys, and let them in no more: at once, also the last administrator."""
    with runtime(pool_size=1), unscoped() as session:
        officer = _find(session, email)
        officers.shut_out(session, officer)
        _note(session, officer, officers.SHUT_OUT)


@command.command("let-in")
@click.option("--email", required=True)
def let_in(email: str) -> None:
    """Let an officer who was shut out come back, with the roles of before. Their keys stay ended."""
    with runtime(pool_size=1), unscoped() as session:
        officer = _find(session, email, active=False)
        officer.active = True
        _note(session, officer, "officer.let_in")


def _find(session: Session, email: str, *, active: bool = True) -> Officer:
    """Raises Misconfigured where there is none such."""
    officer = services.find_officer(session, email, active=active)
    if officer is None:
        raise Misconfigured(f"there is no officer {email}{'' if active else ' who was shut out'}")
    return officer


def _note(session: Session, officer: Officer, action: str) -> None:
    set_scope(session, officer.organisation_id)
    record(session, system(officer.organisation_id), action, officer.public_id)
