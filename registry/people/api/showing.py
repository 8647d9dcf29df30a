"""A person's rows as the API shows them."""

from __future__ import annotations

from registry.people import models
from registry.people.api import schemas
from registry.people.vault import Vault


def whole(vault: Vault, person: models.Person) -> schemas.Person:
    """Everything held about a person."""
    return schemas.Person(
        id=person.public_id,
        reference=person.reference,
        language=person.language,
        nationality=person.nationality,
        name=vault.name(person),
        kind=person.kind,
        household_size=person.household_size,
        quiet=person.quiet,
        paused=person.paused,
        source=person.source,
        contacts=[
            schemas.Contact(
                channel=contact.channel,
                address=vault.address(contact),
                state=contact.state,
                verified=contact.verified_at is not None,
            )
            for contact in person.contacts
        ],
        stays=[
            schemas.Stay(
                country=stay.country,
                subdivision=stay.subdivision,
                place=vault.place(stay),
                from_=stay.starts,
                until=stay.ends,
            )
            for stay in person.stays
        ],
        created_at=person.created_at,
        updated_at=person.updated_at,
    )


def summary(vault: Vault, person: models.Person) -> schemas.PersonSummary:
    """What a list shows of a person."""
    return schemas.PersonSummary(
        id=person.public_id,
        reference=person.reference,
        language=person.language,
        nationality=person.nationality,
        kind=person.kind,
        household_size=person.household_size,
        quiet=person.quiet,
        paused=person.paused,
        source=person.source,
        countries=sorted({stay.country for stay in person.stays}),
        contacts=[
            schemas.MaskedContact(
                channel=contact.channel,
                masked=vault.masked(contact),
                state=contact.state,
                verified=contact.verified_at is not None,
            )
            for contact in person.contacts
        ],
        created_at=person.created_at,
        updated_at=person.updated_at,
    )
