"""The blueprint of these pages, and a person opened for one request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import abort

from registry.audit.services import record
from registry.database import Session
from registry.errors import NotFound
from registry.organisations.models import Role
from registry.organisations.services import actor_of
from registry.people import presence, services
from registry.people.models import Person
from registry.people.vault import Vault
from registry.web.console import NavItem, console_blueprint, current_officer
from registry.web.console.vaults import transaction
from registry.web.language import gettext as _

READERS = (Role.REGISTRAR, Role.CASE_WORKER, Role.ADMINISTRATOR)
WRITERS = (Role.REGISTRAR,)

people_console = console_blueprint(
    "people",
    __name__,
    nav=(NavItem("People", "people.index", READERS, weight=40),),
    url_prefix="/console/people",
    template_folder="templates",
)


def elsewhere(person: Person) -> str:
    """What to say to an officer at a post whose act it was that they don't see this person."""
    return _(
        "%(reference)s is saved, and stays where your post doesn't serve: headquarters, or the post there, sees them.",
        reference=person.reference,
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """A person with what a page needs beside them, in one transaction."""

    session: Session
    vault: Vault
    person: Person

    def note(self, action: str, **details: object) -> None:
        """Write the act to the audit log; `details` hold nothing personal. A change is a sign of the person."""
        if action == "person.change":
            presence.seen(self.session, self.person.id)
        record(self.session, actor_of(current_officer()), action, self.person.public_id, details)


@contextmanager
def opened(public_id: object) -> Iterator[Opened]:
    """One person, or 404; the same answer for nobody and for somebody of another organisation or post."""
    with transaction() as (session, vault):
        try:
            person = services.get(session, str(public_id))
        except NotFound:
            abort(404)
        if not services.is_seen_by(session, current_officer(), person):
            abort(404)
        yield Opened(session, vault, person)
