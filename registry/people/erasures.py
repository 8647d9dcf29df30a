"""Who was erased, so that restoring an old backup doesn't bring them back.

A trigger notes each deleted person, however it came about. Soon after, only a keyed digest is left of it here, and the
same digest stands in a file outside the database, beside the audit log's checkpoints. After a restore, whoever came
back and is in that file is erased again.
"""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Index, LargeBinary, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from registry.audit.services import record, system
from registry.audit.witness import append_lines
from registry.database import Base, Identified
from registry.organisations.models import Organisation
from registry.people.models import Person
from registry.people.services import erase

FILE = "erasures.jsonl"
PAGE = 5000


class Erasure(Identified, Base):
    """Somebody who was erased. The application may not take it back."""

    __tablename__ = "erasures"
    __table_args__ = (
        Index("ix_erasures_unwritten", "id", postgresql_where=text("public_id IS NOT NULL")),
        Index("ix_erasures_digest", "digest"),
    )

    organisation_id: Mapped[int]
    public_id: Mapped[uuid.UUID | None]
    """Until it is written down; then there is the digest."""
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


def digest_of(key: bytes, person: uuid.UUID) -> bytes:
    """What can be compared by whoever has the key, and tells nothing to anybody else (HMAC-SHA256, 128 bits)."""
    return hmac.digest(key, person.bytes, sha256)[:16]


def write_down(session: Session, key: bytes, folder: Path | None, limit: int = PAGE) -> int:
    """Bring new erasures into the file, and leave only their digests here; return how many. Scoped to everywhere."""
    rows = session.execute(
        select(Erasure, Organisation.public_id)
        .join(Organisation, Organisation.id == Erasure.organisation_id)
        .where(Erasure.public_id.is_not(None))
        .order_by(Erasure.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Erasure)
    )
    lines = []
    for row, organisation in rows:
        if row.public_id is not None:
            row.digest, row.public_id = digest_of(key, row.public_id), None
            lines.append(_line(row.digest, organisation, row.at))
    if lines and folder is not None:
        append_lines(
            folder / FILE, lines
        )  # before the commit: a line too many does no harm, one too few does
    return len(lines)


def _line(digest: bytes, organisation: uuid.UUID, at: datetime) -> str:
    return json.dumps({"day": f"{at:%Y-%m-%d}", "organisation": str(organisation), "erased": digest.hex()})


def read_file(folder: Path) -> dict[bytes, str]:
    """The file's digests, each with its organisation's public id. A line that can't be read is none."""
    path, found = folder / FILE, {}
    if path.exists():
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    kept = json.loads(line)
                    found[bytes.fromhex(kept["erased"])] = str(uuid.UUID(kept["organisation"]))
                except (ValueError, KeyError, TypeError, AttributeError):
                    continue
    return found


def unknown_here(session: Session, written: dict[bytes, str]) -> dict[bytes, str]:
    """Those of the file that the database knows nothing of: then it was restored from a backup that is older."""
    known = session.scalars(_KNOWN, {"digests": list(written)})
    return {digest: written[digest] for digest in set(written).difference(known)}


def note_known(session: Session, unknown: dict[bytes, str]) -> None:
    """Let the database know of them again."""
    values = {"digests": list(unknown), "organisations": list(unknown.values())}
    session.execute(_NOTE, values)


def came_back(
    session: Session, keys: Sequence[bytes], erased: Collection[bytes], after: int
) -> list[tuple[int, bool]]:
    """A page of all people behind number `after`, each by number with whether they were erased before."""
    rows = session.execute(
        select(Person.id, Person.public_id).where(Person.id > after).order_by(Person.id).limit(PAGE)
    )
    return [(row.id, any(digest_of(key, row.public_id) in erased for key in keys)) for row in rows]


def erase_again(session: Session, number: int) -> bool:
    """Erase somebody who came back; False when they are gone already."""
    person = session.get(Person, number)
    if person is None:
        return False
    erase(session, person)
    record(session, system(person.organisation_id), "person.erased_again", person.public_id)
    return True


_KNOWN = text("""
    SELECT DISTINCT e.digest FROM unnest(CAST(:digests AS bytea[])) AS w (digest) JOIN erasures e USING (digest)
""")
_NOTE = text("""
    INSERT INTO erasures (organisation_id, digest)
    SELECT o.id, w.digest
    FROM unnest(CAST(:digests AS bytea[]), CAST(:organisations AS uuid[])) AS w (digest, organisation)
    JOIN organisations o ON o.public_id = w.organisation
    WHERE NOT EXISTS (SELECT FROM erasures e WHERE e.digest = w.digest)
""")
