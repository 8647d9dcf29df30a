"""Messages in the sandbox: kept sealed, listed by conversation. The session is scoped to the organisation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from alerts.sandbox.models import SandboxMessage
from registry.crypto import Keyring
from registry.crypto.keyring import OrganisationKeys
from registry.organisations.models import Organisation
from registry.organisations.services import keys_of

ADDRESS_ROW = b"sandbox_messages.address:"
CONTENT_ROW = b"sandbox_messages.content:"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message in clear. `inbound` ones come from the person; their language is not known."""

    address: str
    text: str
    language: str = ""
    subject: str | None = None
    sender: str | None = None
    unsubscribe_url: str | None = None
    reference: str | None = None
    inbound: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A letter as it lies in the sandbox; `number` rises with time."""

    number: int
    letter: Letter
    channel: str
    conversation: bytes
    at: datetime


_KEEP = text("""
    INSERT INTO sandbox_messages
        (organisation_id, channel, address_index, sealed_address, sealed_content, reference, inbound)
    SELECT :organisation, :channel, v.address_index, v.sealed_address, v.sealed_content, v.reference, v.inbound
    FROM unnest(CAST(:indexes AS bytea[]), CAST(:addresses AS bytea[]), CAST(:contents AS bytea[]),
                CAST(:references AS text[]), CAST(:inbound AS boolean[]))
         WITH ORDINALITY AS v (address_index, sealed_address, sealed_content, reference, inbound, place)
    ORDER BY v.place
    RETURNING id
""")

_WINDOW = text("""
    SELECT m.id, NOT EXISTS (SELECT FROM sandbox_messages n
                             WHERE n.organisation_id = :organisation AND n.address_index = m.address_index
                               AND n.id > m.id) AS latest
    FROM (SELECT id, address_index FROM sandbox_messages
          WHERE organisation_id = :organisation AND (CAST(:before AS bigint) IS NULL OR id < :before)
          ORDER BY id DESC LIMIT :size) AS m
    ORDER BY m.id DESC
""")
WINDOW = 200
"""Letters looked at together: read backwards by their numbers, the first page costs the same in a full sandbox."""


def keep(
    session: Session, keyring: Keyring, organisation_id: int, channel: str, letters: Sequence[Letter]
) -> list[int]:
    """Store letters by one statement; their numbers, in the same order."""
    keys = keys_of(keyring, session.get_one(Organisation, organisation_id))
    indexes = [keys.blind_index(letter.address) for letter in letters]
    pairs = list(zip(letters, indexes, strict=True))
    rows = {
        "organisation": organisation_id,
        "channel": channel,
        "indexes": indexes,
        "addresses": [keys.own.seal(letter.address.encode(), ADDRESS_ROW + index) for letter, index in pairs],
        "contents": [keys.own.seal(_content(letter), CONTENT_ROW + index) for letter, index in pairs],
        "references": [letter.reference for letter in letters],
        "inbound": [letter.inbound for letter in letters],
    }
    return sorted(session.scalars(_KEEP, rows))


def held(session: Session, organisation_id: int, channel: str, names: Sequence[str]) -> dict[str, int]:
    """The numbers of the letters kept under these references."""
    rows = session.execute(
        select(SandboxMessage.reference, SandboxMessage.id).where(
            SandboxMessage.organisation_id == organisation_id,
            SandboxMessage.channel == channel,
            SandboxMessage.reference.in_(names),
        )
    )
    return {row.reference: row.id for row in rows}


def conversations(
    session: Session, keyring: Keyring, organisation_id: int, before: int | None = None, limit: int = 25
) -> list[Kept]:
    """A page of conversations by their latest letters, newest first; `before` is the last one's number."""
    numbers = _latest(session, organisation_id, before, limit)
    rows = session.scalars(
        select(SandboxMessage).where(SandboxMessage.id.in_(numbers)).order_by(SandboxMessage.id.desc())
    )
    return [_open(keys, row) for keys in [_keys(session, keyring, organisation_id)] for row in rows]


def conversation(
    session: Session, keyring: Keyring, organisation_id: int, name: bytes, limit: int = 50
) -> list[Kept]:
    """The latest letters of one conversation, oldest first; empty when there is none of this name."""
    rows = session.scalars(
        select(SandboxMessage)
        .where(SandboxMessage.organisation_id == organisation_id, SandboxMessage.address_index == name)
        .order_by(SandboxMessage.id.desc())
        .limit(limit)
    ).all()
    keys = _keys(session, keyring, organisation_id)
    return [_open(keys, row) for row in reversed(rows)]


def find(session: Session, keyring: Keyring, organisation_id: int, address: str) -> bytes:
    """The name of the conversation with an address in normal form, whether there is one or not."""
    return _keys(session, keyring, organisation_id).blind_index(address)


def _latest(session: Session, organisation_id: int, before: int | None, limit: int) -> list[int]:
    """The numbers of letters that no later one of their conversation follows, newest first."""
    found: list[int] = []
    while len(found) < limit:
        values = {"organisation": organisation_id, "before": before, "size": WINDOW}
        rows = session.execute(_WINDOW, values).all()
        found += [row.id for row in rows if row.latest]
        if len(rows) < WINDOW:
            break
        before = rows[-1].id
    return found[:limit]


def _keys(session: Session, keyring: Keyring, organisation_id: int) -> OrganisationKeys:
    return keys_of(keyring, session.get_one(Organisation, organisation_id))


def _content(letter: Letter) -> bytes:
    kept = {name: value for name, value in asdict(letter).items() if value and name not in _COLUMNS}
    return json.dumps(kept, ensure_ascii=False).encode("utf-8", "surrogatepass")


_COLUMNS = {"address", "reference", "inbound"}


def _open(keys: OrganisationKeys, row: SandboxMessage) -> Kept:
    content: dict[str, Any] = json.loads(keys.own.open(row.sealed_content, CONTENT_ROW + row.address_index))
    address = keys.own.open(row.sealed_address, ADDRESS_ROW + row.address_index).decode()
    letter = Letter(**{"address": address, "text": ""} | content)
    letter = replace(letter, reference=row.reference, inbound=row.inbound)
    return Kept(row.id, letter, row.channel, row.address_index, row.created_at)
