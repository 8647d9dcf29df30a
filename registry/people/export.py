"""Everything held about one person, for the person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry
from registry.notices.models import Notice
from registry.people.models import ContactPoint, Person, Stay
from registry.people.vault import Vault

Exporter = Callable[[Session, Vault, Person], dict[str, Any]]
"""Adds what another package holds about a person, ready for JSON."""


def export(session: Session, vault: Vault, person: Person, exporters: list[Exporter]) -> dict[str, Any]:
    """The whole record, opened, ready for JSON; `exporters` add what lies beyond the registry."""
    held: dict[str, Any] = {
        "organisation": vault.organisation.name,
        "seen_by": "the officers of this organisation, and no one else",
        "kept_until": "you erase it, or don't answer when asked whether you want to stay",
        "reference": person.reference,
        "name": vault.name(person),
        "language": person.language,
        "nationality": person.nationality,
        "kind": person.kind,
        "household_size": person.household_size,
        "quiet": person.quiet,
        "tell_family": person.tell_family,
        "paused": person.paused,
        "source": person.source.value,
        "registered_at": _when(person.created_at),
        "changed_at": _when(person.updated_at),
        "contacts": [_contact(vault, contact) for contact in person.contacts],
        "stays": [_stay(vault, stay) for stay in person.stays],
        "notices": _notices(session, person),
        "history": _history(session, person),
    }
    for add in exporters:
        held |= add(session, vault, person)
    return held


def _when(moment: datetime | date | None) -> str | None:
    return moment.isoformat() if moment else None


def _contact(vault: Vault, contact: ContactPoint) -> dict[str, Any]:
    return {
        "channel": contact.channel.value,
        "address": vault.address(contact),
        "state": contact.state.value,
        "verified_at": _when(contact.verified_at),
        "added_at": _when(contact.created_at),
    }


def _stay(vault: Vault, stay: Stay) -> dict[str, Any]:
    return {
        "country": stay.country,
        "subdivision": stay.subdivision,
        "place": vault.place(stay),
        "from": _when(stay.starts),
        "until": _when(stay.ends),
    }


def _notices(session: Session, person: Person) -> list[dict[str, Any]]:
    numbers = [contact.id for contact in person.contacts]
    rows = session.scalars(select(Notice).where(Notice.contact_point_id.in_(numbers)).order_by(Notice.id))
    return [{"at": _when(row.created_at), "state": row.state.value} for row in rows]


def _history(session: Session, person: Person) -> list[dict[str, Any]]:
    """Who did what with the record; officers are named by their work, not by their address."""
    rows = session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.organisation_id == person.organisation_id, AuditEntry.subject == str(person.public_id)
        )
        .order_by(AuditEntry.number)
    )
    known = {"person", "system"}
    return [
        {"at": _when(row.at), "by": row.actor if row.actor in known else "officer", "action": row.action}
        for row in rows
    ]
