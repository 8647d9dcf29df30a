"""ledger partitions: one for each alert"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql" / "0029_ledger.sql"
POLICY = (
    "organisation_id = ANY ((SELECT nullif(current_setting('rollcall.organisations', true), '')::bigint[])::bigint[])"
)
SCOPE = """
    SELECT set_config('rollcall.organisations', (SELECT '{' || string_agg(id::text, ',') || '}' FROM organisations), true)
"""

# Row-level security binds the owner as well: unforced, or nothing would be seen, and nothing copied.
ASIDE = """
ALTER TABLE deliveries NO FORCE ROW LEVEL SECURITY;
DROP INDEX ix_deliveries_sent_anew;
ALTER TABLE deliveries RENAME CONSTRAINT pk_deliveries TO pk_deliveries_before;
ALTER TABLE deliveries RENAME TO deliveries_before;
"""

GUARD = f"""
GRANT SELECT, INSERT, UPDATE, DELETE ON deliveries TO rollcall_app;
ALTER TABLE deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON deliveries USING ({POLICY});
CREATE INDEX ix_deliveries_sent_anew ON deliveries (alert_id) WHERE resent > 0;
"""

# Whatever is planned, or has rows still, goes on; copied without its policy, which is put back with GUARD.
COPY = """
DO $$
DECLARE
    number bigint;
BEGIN
    FOR number IN
        SELECT id FROM alerts WHERE ledger_removed_at IS NULL AND EXISTS (SELECT FROM batches WHERE alert_id = alerts.id)
        UNION SELECT DISTINCT alert_id FROM deliveries_before ORDER BY 1
    LOOP
        PERFORM open_ledger(number);
    END LOOP;
    INSERT INTO deliveries SELECT * FROM deliveries_before ORDER BY alert_id, channel, contact_point_id;
    IF (SELECT count(*) FROM deliveries) <> (SELECT count(*) FROM deliveries_before) THEN
        RAISE EXCEPTION 'rows of the ledger are missing after the copy';
    END IF;
END $$;
DROP TABLE deliveries_before;
"""

BACK = f"""
ALTER TABLE deliveries NO FORCE ROW LEVEL SECURITY;
CREATE TABLE deliveries_after (LIKE deliveries INCLUDING DEFAULTS)
    WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
INSERT INTO deliveries_after SELECT * FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_after RENAME TO deliveries;
ALTER TABLE deliveries ADD CONSTRAINT pk_deliveries PRIMARY KEY (alert_id, channel, contact_point_id);
"""


def upgrade() -> None:
    op.execute(ASIDE)
    op.execute("CREATE TABLE deliveries (LIKE deliveries_before INCLUDING DEFAULTS) PARTITION BY LIST (alert_id)")
    op.execute("ALTER TABLE deliveries ADD CONSTRAINT pk_deliveries PRIMARY KEY (alert_id, channel, contact_point_id)")
    op.execute(SQL.read_text())
    op.execute(SCOPE)
    op.execute(COPY)
    op.execute(GUARD)


def downgrade() -> None:
    op.execute(SCOPE)
    op.execute(BACK)
    op.execute(GUARD)
    op.execute("DROP FUNCTION open_ledger(bigint)")
    op.execute("DROP FUNCTION drop_ledger(bigint)")
