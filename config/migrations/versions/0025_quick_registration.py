"""quick registration"""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

APPEND = """
-- Each statement of a volatile function sees what was committed before it: the last entry is read under the lock.
-- `digested` is the end of the entry's JSON; the time is spelled as Python's isoformat() does.
CREATE FUNCTION audit_append(organisation bigint, actor text, action text, subject text, details jsonb, digested text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    last record;
    moment timestamptz;
    spelled text;
BEGIN
    PERFORM pg_advisory_xact_lock(16725, organisation::int);
    SELECT e.number, e.digest INTO last FROM audit_entries e
        WHERE e.organisation_id = organisation ORDER BY e.number DESC LIMIT 1;
    last.number := coalesce(last.number, 0) + 1;
    last.digest := coalesce(last.digest, decode(repeat('00', 32), 'hex'));
    moment := clock_timestamp();
    spelled := replace(to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '') || '+00:00';
    INSERT INTO audit_entries (organisation_id, number, at, actor, action, subject, details, previous, digest)
    VALUES (organisation, last.number, moment, actor, action, subject, details, last.digest,
            sha256(last.digest || convert_to(
                '[' || organisation || ',' || last.number || ',"' || spelled || '",' || digested, 'UTF8')));
END $$;
"""

# Both statements of a new person's contacts and stays would write the same rows of `reach`: the first has seen all.
INSERTED = """
CREATE OR REPLACE FUNCTION reach_after_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'stays' THEN
        PERFORM reach_refresh((SELECT array_agg(DISTINCT f.person_id) FROM fresh f WHERE NOT EXISTS (
            SELECT FROM reach r WHERE r.person_id = f.person_id AND r.stay_id = f.id)));
    ELSE
        PERFORM reach_refresh((SELECT array_agg(DISTINCT f.person_id) FROM fresh f WHERE NOT EXISTS (
            SELECT FROM reach r WHERE r.person_id = f.person_id AND r.contact_point_id = f.id)));
    END IF;
    RETURN NULL;
END $$;
"""
FORMERLY = """
CREATE OR REPLACE FUNCTION reach_after_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reach_refresh((SELECT array_agg(DISTINCT person_id) FROM fresh));
    RETURN NULL;
END $$;
"""


def upgrade() -> None:
    op.execute(APPEND)
    op.execute(INSERTED)


def downgrade() -> None:
    op.execute(FORMERLY)
    op.execute("DROP FUNCTION audit_append(bigint, text, text, text, jsonb, text)")
