"""exports"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

GUARD = """
ALTER TABLE exports ENABLE ROW LEVEL SECURITY;
ALTER TABLE exports FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON exports USING (organisation_id = ANY (
    (SELECT nullif(current_setting('rollcall.organisations', true), '')::bigint[])::bigint[]));
"""


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=True),
        sa.Column("purpose", _words("purpose", "contact", "movement", "quality", "figures"), nullable=False),
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("last_person_id", sa.BigInteger(), nullable=False),
        sa.Column("above_limit", sa.Boolean(), nullable=False),
        sa.Column("state", _words("exportstate", "waiting", "ready", "refused", "downloaded"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("downloaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("second_id <> officer_id", name=op.f("ck_exports_second_is_another")),
        sa.CheckConstraint(
            "NOT above_limit OR second_id IS NOT NULL OR state = 'waiting'",
            name=op.f("ck_exports_decided_by_a_second"),
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_exports_officer_id")),
        sa.ForeignKeyConstraint(["second_id"], ["officers.id"], name=op.f("fk_exports_second_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_exports_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
        sa.UniqueConstraint("public_id", name=op.f("uq_exports_public_id")),
    )
    op.create_index("ix_exports_organisation_id_id", "exports", ["organisation_id", "id"])
    op.execute(GUARD)


def downgrade() -> None:
    op.drop_table("exports")
