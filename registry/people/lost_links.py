"""Sending personal links to contact points that ask for one."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from sqlalchemy.orm import Session

from registry.audit import services as audit
from registry.crypto import Keyring, Unreadable
from registry.database.session import set_scope
from registry.notices import services as notices
from registry.organisations.scope import organisation_ids
from registry.people import services
from registry.people.intake import NewContact
from registry.people.letters import link_letter
from registry.people.links import new_link
from registry.people.models import ContactPoint, ContactState
from registry.people.vault import Vault

WORTH_SENDING = timedelta(hours=24)


def personal_url(base_url: str, token: str) -> str:
    """Where a personal link points."""
    return f"{base_url}/me/{token}"


def send_link(session: Session, vault: Vault, contact: ContactPoint, base_url: str) -> None:
    """Make a personal link for a contact point's person and send it there; none leaves where their key was shredded."""
    letter = link_letter(vault, contact.person, personal_url(base_url, new_link(session, contact.person)))
    with suppress(Unreadable):
        notices.queue(session, vault, contact, letter.subject, letter.text, valid_for=WORTH_SENDING)


def send_links(session: Session, keyring: Keyring, given: NewContact, base_url: str) -> None:
    """Send a link for each organisation that knows this contact point as confirmed; silently none otherwise.

    Takes an unscoped session and widens its scope to all organisations.
    """
    numbers = organisation_ids(session)
    set_scope(session, *numbers)
    for number in numbers:
        vault = Vault.open(session, keyring, number)
        contact = services.find_contact(session, vault, given.address)
        if contact is not None and contact.state is not ContactState.UNCONFIRMED:
            send_link(session, vault, contact, base_url)
            audit.record(session, audit.person(number), "person.link_asked", contact.person.public_id)
