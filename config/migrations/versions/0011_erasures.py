"""erasures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NOTE = """
CREATE FUNCTION erasures_after_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO erasures (organisation_id, public_id) SELECT organisation_id, public_id FROM stale;
    RETURN NULL;
END $$;
CREATE TRIGGER erasures_delete AFTER DELETE ON people REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION erasures_after_delete();
ALTER TABLE erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasures FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON erasures USING (organisation_id = ANY (
    (SELECT nullif(current_setting('rollcall.organisations', true), '')::bigint[])::bigint[]));
REVOKE DELETE ON erasures FROM rollcall_app;
"""
MEANINGS = ("safe", "help", "stop", "start", "other")


def _meanings(*words: str) -> None:
    op.drop_constraint(op.f("ck_replies_meaning"), "replies", type_="check")
    listed = ", ".join(f"'{word}'" for word in words)
    op.create_check_constraint(op.f("ck_replies_meaning"), "replies", f"meaning IN ({listed})")


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(
        "ix_erasures_unwritten", "erasures", ["id"], postgresql_where=sa.text("public_id IS NOT NULL")
    )
    op.create_index("ix_erasures_digest", "erasures", ["digest"])
    op.execute(NOTE)
    _meanings(*MEANINGS, "erase")


def downgrade() -> None:
    op.execute("UPDATE replies SET meaning = 'other' WHERE meaning = 'erase'")
    _meanings(*MEANINGS)
    op.execute("DROP TRIGGER erasures_delete ON people")
    op.execute("DROP FUNCTION erasures_after_delete()")
    op.drop_table("erasures")
