"""grants by two administrators"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "officer", "roles", "reset", "key",
                name="grantkind", native_enum=False, create_constraint=True, length=24,
            ),
            nullable=False,
        ),
        sa.Column("officer_id", sa.BigInteger(), nullable=True),
        sa.Column("wanted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked", "granted", "done", "refused",
                name="grantstate", native_enum=False, create_constraint=True, length=24,
            ),
            nullable=False,
        ),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("decider_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('granted', 'done') OR (decider_id IS NOT NULL AND decider_id <> author_id)",
            name=op.f("ck_grants_second_administrator"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["officers.id"], name=op.f("fk_grants_author_id")),
        sa.ForeignKeyConstraint(["decider_id"], ["officers.id"], name=op.f("fk_grants_decider_id")),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_grants_officer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint("public_id", name=op.f("uq_grants_public_id")),
    )
    op.create_index(op.f("ix_grants_officer_id"), "grants", ["officer_id"], unique=False)
    op.create_index("ix_grants_organisation_id_state", "grants", ["organisation_id", "state"], unique=False)
    op.execute("ALTER TABLE grants ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE grants FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY organisation ON grants USING (organisation_id = ANY ("
        "(SELECT nullif(current_setting('rollcall.organisations', true), '')::bigint[])::bigint[]))"
    )


def downgrade() -> None:
    op.drop_table("grants")
