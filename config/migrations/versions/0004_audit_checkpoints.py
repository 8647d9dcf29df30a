"""audit checkpoints"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

HEADS = """
CREATE FUNCTION audit_note_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_heads AS h (organisation_id, number) VALUES (NEW.organisation_id, NEW.number)
    ON CONFLICT (organisation_id) DO UPDATE SET number = EXCLUDED.number WHERE h.number < EXCLUDED.number;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_note_head AFTER INSERT ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_note_head();

-- Row-level security binds the owner too: it must step aside to let what is there be counted.
ALTER TABLE audit_entries NO FORCE ROW LEVEL SECURITY;
INSERT INTO audit_heads (organisation_id, number)
    SELECT organisation_id, max(number) FROM audit_entries GROUP BY organisation_id;
ALTER TABLE audit_entries FORCE ROW LEVEL SECURITY;
"""
GUARD = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON {table} USING (organisation_id = ANY (
    (SELECT nullif(current_setting('rollcall.organisations', true), '')::bigint[])::bigint[]));
"""


def upgrade() -> None:
    op.create_table(
        "audit_checkpoints",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "number", name=op.f("pk_audit_checkpoints")),
    )
    op.create_table(
        "audit_heads",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_audit_heads")),
    )
    op.create_index("ix_audit_entries_actor", "audit_entries", ["organisation_id", "actor", "number"])
    op.create_index("ix_audit_entries_action", "audit_entries", ["organisation_id", "action", "number"])
    op.create_index("ix_audit_entries_at", "audit_entries", ["organisation_id", "at"])
    op.execute(HEADS)
    for table in ("audit_checkpoints", "audit_heads"):
        op.execute(GUARD.format(table=table))
    op.execute("REVOKE UPDATE, DELETE ON audit_checkpoints FROM rollcall_app")
    op.execute("REVOKE DELETE ON audit_heads FROM rollcall_app")


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_note_head ON audit_entries")
    op.execute("DROP FUNCTION audit_note_head()")
    for name in ("actor", "action", "at"):
        op.drop_index(f"ix_audit_entries_{name}", "audit_entries")
    op.drop_table("audit_heads")
    op.drop_table("audit_checkpoints")
