"""Who may have sent a message: every organisation's record of an address, and the alert each was last told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session, joinedload

from alerts.delivery.partitions import lately_sent
from alerts.responses.services import TOLD
from registry.crypto import Keyring
from registry.custody.opening import keys_of_each
from registry.database.session import set_scope
from registry.organisations.models import Organisation
from registry.people.models import ContactPoint, Person
from registry.people.vault import Vault


@dataclass(frozen=True, slots=True)
class Holder:
    """An organisation that holds the sender's address."""

    vault: Vault
    contact: ContactPoint

    @property
    def person(self) -> Person:
        """Whose address it is there."""
        return self.contact.person


def holders_of(session: Session, keyring: Keyring, address: str) -> list[Holder]:
    """Each organisation that holds this address, with its contact point; each has its own blind index.

    Widens the session's scope to all organisations for the rest of the transaction.
    """
    organisations = session.scalars(select(Organisation).order_by(Organisation.id)).all()
    keys = keys_of_each(session, keyring, [one.id for one in organisations])
    vaults = {one.id: Vault(one, keys[one.id]) for one in organisations}
    set_scope(session, *vaults)
    wanted = {
        "organisations": list(vaults),
        "indexes": [vault.keys.blind_index(address) for vault in vaults.values()],
    }
    contacts = session.scalars(
        select(ContactPoint)
        .options(joinedload(ContactPoint.person).joinedload(Person.key))
        .where(ContactPoint.id.in_(_FIND))
        .order_by(ContactPoint.organisation_id),
        wanted,
    )
    return [Holder(vaults[contact.organisation_id], contact) for contact in contacts]


_FIND = text("""
    SELECT c.id
    FROM unnest(CAST(:organisations AS bigint[]), CAST(:indexes AS bytea[]))
         AS v (organisation_id, address_index)
    JOIN contact_points c USING (organisation_id, address_index)
""").columns(ContactPoint.id)

_LATEST = text("""
    SELECT DISTINCT ON (c.person_id) c.person_id, a.id
    FROM contact_points c
    JOIN alerts a ON a.organisation_id = c.organisation_id AND a.approved_at > now() - interval '30 days'
    JOIN deliveries d ON d.alert_id = a.id AND d.channel = c.channel AND d.contact_point_id = c.id
    WHERE c.person_id = ANY (:people) AND d.state = ANY (:told) AND d.alert_id = ANY (:recent)
    ORDER BY c.person_id, a.approved_at DESC, a.id DESC
""")


def latest_alerts(session: Session, people: list[int], recent: Sequence[int] | None = None) -> dict[int, int]:
    """By person, the latest alert that went to any of their contact points: the question last put to them.

    `recent` is from `lately_sent`, where that was asked already.
    """
    values = {
        "people": people,
        "told": [int(state) for state in TOLD],
        "recent": lately_sent(session, people) if recent is None else list(recent),
    }
    rows = session.execute(_LATEST, values)
    return {row.person_id: row.id for row in rows}
