"""Every minute: checkpoints of the audit chains, into the database and into a file outside it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from registry.audit.models import AuditCheckpoint
from registry.audit.witness import FILE, Witness, append_lines
from registry.organisations.scope import everywhere

_DUE = text("""
    SELECT o.id, o.public_id, last.number, last.digest, now() AS at
    FROM organisations o
    CROSS JOIN LATERAL (
        SELECT number, digest FROM audit_entries WHERE organisation_id = o.id ORDER BY number DESC LIMIT 1) last
    LEFT JOIN LATERAL (
        SELECT number, at FROM audit_checkpoints WHERE organisation_id = o.id ORDER BY number DESC LIMIT 1) seen ON true
    WHERE last.number > coalesce(seen.number, 0)
      AND (seen.number IS NULL OR seen.at <= now() - interval '1 minute' OR last.number - seen.number >= 500)
""")


def witness_chains(witness: Witness, folder: Path | None) -> int:
    """Sign where each chain stands that went on for a minute or 500 entries; return how many."""
    with everywhere() as session:
        due = session.execute(_DUE).all()
        made = [(row.id, witness.sign(row.public_id, row.number, row.digest, row.at)) for row in due]
        for organisation_id, checkpoint in made:
            session.add(
                AuditCheckpoint(
                    organisation_id=organisation_id,
                    number=checkpoint.number,
                    digest=checkpoint.digest,
                    at=checkpoint.at,
                    signature=checkpoint.signature,
                )
            )
        session.flush()
        if made and folder is not None:  # true whether or not the commit succeeds: the entries are committed
            append_lines(folder / FILE, [checkpoint.line() for _, checkpoint in made])
    return len(made)
