"""An organisation with people in two countries."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from registry.crypto import Keyring
from registry.custody import rewrapping
from registry.database import Session, scoped, unscoped
from registry.organisations.models import Organisation, Post
from registry.people import services as people
from registry.people.bulk import register_many
from registry.people.intake import Intake, read_person
from registry.people.models import Person, Source
from registry.people.vault import Vault
from registry.posts.services import create_post


def intake(name: str, country: str) -> Intake:
    """Someone with a phone of their own."""
    return read_person(
        {
            "name": name,
            "language": "en",
            "contacts": [{"channel": "sms", "address": f"+99970{sum(name.encode()):07}"}],
            "stays": [{"country": country, "place": "Main Street"}],
        }
    )


@dataclass
class House:
    """One organisation and its keys."""

    organisation: Organisation
    keyring: Keyring

    def register(self, name: str, country: str) -> None:
        with scoped(self.organisation.id) as session:
            people.register(session, self.vault(session), intake(name, country), Source.OFFICER)

    def register_many(self, *wanted: tuple[str, str]) -> None:
        with scoped(self.organisation.id) as session:
            register_many(session, self.vault(session), [intake(*one) for one in wanted], Source.API)

    def open_post(self, name: str, *countries: str) -> Post:
        with unscoped() as session:
            return create_post(session, self.keyring, session.merge(self.organisation), name, countries)

    def walk(self) -> None:
        while rewrapping.run_due(self.keyring):
            pass

    def vault(self, session: Session) -> Vault:
        return Vault.open(session, self.keyring, self.organisation.id)

    def everyone(self) -> dict[str | None, int | None]:
        """The post of each person by name, and proof that all can be read."""
        with scoped(self.organisation.id) as session:
            vault = self.vault(session)
            found = session.scalars(select(Person).options(*people.WHOLE)).all()
            assert all(vault.address(one.contacts[0]).startswith("+99970") for one in found)
            assert {vault.place(one.stays[0]) for one in found} == {"Main Street"}
            return {vault.name(one): one.post_id for one in found}
