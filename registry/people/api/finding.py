"""Reading what people are looked for by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from registry import places
from registry.addresses import normalise_email, normalise_phone
from registry.checking import Checker
from registry.people import services
from registry.people.api.schemas import PeopleQuery
from registry.people.listing import Wanted
from registry.people.models import Person
from registry.people.vault import Vault


@dataclass(frozen=True, slots=True)
class Search:
    """One of the two; the address in normal form."""

    address: str | None = None
    reference: str | None = None


def read_search(data: Mapping[str, Any]) -> Search:
    """Exactly one of `contact` and `reference`. Raises Invalid."""
    check = Checker()
    contact = check.text(data, "contact", "contact", 254)
    reference = check.text(data, "reference", "reference", 40)
    address = None
    if contact:
        address = normalise_email(contact) if "@" in contact else normalise_phone(contact)
        if address is None:
            check.fail(
                "contact", "contact", "is neither a phone number with its country code nor an email address"
            )
    check.done()
    if (contact is None) == (reference is None):
        check.fail("contact", "one_of", "give either a contact or a reference")
    check.done()
    return Search(address, reference)


def find(session: Session, vault: Vault, search: Search) -> Person | None:
    """Whom the search means."""
    if search.address is None:
        return services.find_by_reference(session, search.reference or "")
    contact = services.find_contact(session, vault, search.address)
    return contact.person if contact else None


def wanted(query: PeopleQuery) -> Wanted:
    """The list's filters in normal form. Raises Invalid."""
    check = Checker()
    given = query.model_dump()
    country = check.country(given, "country", "country", required=False)
    language = places.normalise_language(query.language) if query.language else None
    if query.language and not language:
        check.fail("language", "language", "is not a language tag of BCP 47")
    subdivision = None
    if query.subdivision:
        subdivision = places.normalise_subdivision(query.subdivision, country) if country else None
        if subdivision is None:
            check.fail(
                "subdivision", "subdivision", "is not a subdivision of the country given in ISO 3166-2"
            )
    check.done()
    return Wanted(country, subdivision, language)
