"""`rollcall key add`."""

from __future__ import annotations

import click

from config.errors import Misconfigured
from config.runtime import runtime
from registry.audit.services import record, system
from registry.database import unscoped
from registry.database.session import set_scope
from registry.organisations import keys, services
from registry.organisations.models import Scope


@click.group()
def command() -> None:
    """Make keys for programs."""


@command.command(short_help="Make a key and print it.")
@click.option("--officer", "email", required=True, help="The officer whom the key acts for.")
@click.option("--scopes", required=True, help=f"Of these, apart by commas: {', '.join(Scope)}.")
def add(email: str, scopes: str) -> None:
    """Make a key that acts for one officer, and print it: it is shown once and kept nowhere."""
    wanted = keys.parse_scopes(scopes.split(","))
    with runtime(pool_size=1), unscoped() as session:
        officer = services.find_officer(session, email)
        if officer is None:
            raise Misconfigured(f"there is no officer {email}: make one with `rollcall officer add`")
        secret = keys.add_key(session, officer, wanted)
        set_scope(session, officer.organisation_id)
        record(
            session,
            system(officer.organisation_id),
            "key.add",
            officer.public_id,
            {"scopes": [str(s) for s in wanted]},
        )
    click.echo(secret)
