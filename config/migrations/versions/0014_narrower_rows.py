"""narrower rows: receipts in scope only, personal links written in scope only

A personal link tells whose organisation it belongs to, so it must be found before there is a scope; nothing else of it
is open.
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SCOPE = (
    "organisation_id = ANY ((SELECT nullif(current_setting('rollcall.organisations', true), '')::bigint[])::bigint[])"
)


def upgrade() -> None:
    for table in ("received_receipts", "person_links"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY organisation ON {table} USING ({SCOPE})")
    op.execute("CREATE POLICY found_by_digest ON person_links FOR SELECT USING (true)")
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


def downgrade() -> None:
    op.execute("DROP POLICY found_by_digest ON person_links")
    for table in ("received_receipts", "person_links"):
        op.execute(f"DROP POLICY organisation ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
