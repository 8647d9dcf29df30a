"""An officer who imports files."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from sqlalchemy import select

from registry.crypto import Keyring
from registry.database import Session, scoped, unscoped
from registry.errors import Conflict
from registry.imports.jobs import run_due
from registry.imports.models import Import
from registry.imports.reports import ReportRow, get_import, report_rows
from registry.imports.saving import confirm
from registry.imports.uploading import upload
from registry.organisations.models import Officer, Role
from registry.organisations.services import add_officer, create_organisation
from registry.people.models import ContactState, Person
from registry.people.services import WHOLE, find_contact
from registry.people.vault import Vault


@dataclass(frozen=True, slots=True)
class Files:
    """Uploads, checks, saves, and looks at what came of it."""

    keyring: Keyring
    officer: Officer

    @classmethod
    def of(cls, keyring: Keyring, organisation: str) -> Files:
        """A registrar of a new organisation."""
        with unscoped() as session:
            body = create_organisation(session, keyring, organisation)
            email = f"registrar{body.id}@example.org"
            return cls(keyring, add_officer(session, body, email, [Role.REGISTRAR]).officer)

    def vault(self, session: Session) -> Vault:
        return Vault.open(session, self.keyring, self.officer.organisation_id)

    def upload(self, content: str | bytes, country: str | None = None, language: str | None = "en") -> Import:
        raw = content.encode() if isinstance(content, str) else content
        with scoped(self.officer.organisation_id) as session:
            vault = self.vault(session)
            return upload(session, vault, self.officer, "people.csv", BytesIO(raw), country, language)

    def work(self) -> int:
        """As a worker does; how many steps it took."""
        steps = 0
        while run_due(self.keyring):
            steps += 1
        return steps

    def checked(self, content: str | bytes, country: str | None = None) -> Import:
        found = self.upload(content, country)
        self.work()
        return self.again(found)

    def saved(self, content: str | bytes, country: str | None = None) -> Import:
        found = self.checked(content, country)
        self.confirm(found)
        self.work()
        return self.again(found)

    def confirm(self, found: Import) -> None:
        with scoped(self.officer.organisation_id) as session:
            confirm(session, self.officer, get_import(session, found.public_id))

    def refused(self, found: Import) -> str:
        """The reason why an import can't be confirmed."""
        try:
            self.confirm(found)
        except Conflict as conflict:
            return conflict.code
        raise AssertionError("confirmed")

    def again(self, found: Import) -> Import:
        with scoped(self.officer.organisation_id) as session:
            return get_import(session, found.public_id)

    def rows(self, found: Import) -> list[ReportRow]:
        with scoped(self.officer.organisation_id) as session:
            return report_rows(session, found, limit=10_000)

    def outcomes(self, found: Import) -> list[str]:
        return [row.outcome.value for row in self.rows(found)]

    def people(self) -> list[Person]:
        with scoped(self.officer.organisation_id) as session:
            return list(session.scalars(select(Person).options(*WHOLE).order_by(Person.id)))

    def names(self) -> list[str | None]:
        with scoped(self.officer.organisation_id) as session:
            vault = self.vault(session)
            return [vault.name(person) for person in session.scalars(select(Person).order_by(Person.id))]

    def addresses(self) -> list[list[str]]:
        with scoped(self.officer.organisation_id) as session:
            vault = self.vault(session)
            people = session.scalars(select(Person).options(*WHOLE).order_by(Person.id))
            return [[vault.address(contact) for contact in person.contacts] for person in people]

    def set_state(self, address: str, state: ContactState) -> None:
        with scoped(self.officer.organisation_id) as session:
            contact = find_contact(session, self.vault(session), address)
            assert contact
            contact.state = state
