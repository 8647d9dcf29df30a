"""shredding a post's key, and the capital's copies"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("posts", sa.Column("shredded_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "capital_keys",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("first_public", sa.LargeBinary(), nullable=False),
        sa.Column("second_public", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_capital_keys_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capital_keys")),
    )
    op.create_index(op.f("ix_capital_keys_organisation_id"), "capital_keys", ["organisation_id"])
    op.create_table(
        "shreds",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("approved_by_id", sa.BigInteger(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("approved_by_id <> asked_by_id", name=op.f("ck_shreds_approver_is_not_author")),
        sa.CheckConstraint(
            "(approved_by_id IS NULL) = (approved_at IS NULL)", name=op.f("ck_shreds_approved_by_someone")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_shreds_organisation_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_shreds_post_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["officers.id"], name=op.f("fk_shreds_asked_by_id")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["officers.id"], name=op.f("fk_shreds_approved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shreds")),
        sa.UniqueConstraint("public_id", name=op.f("uq_shreds_public_id")),
    )
    op.create_index(
        "uq_shreds_open",
        "shreds",
        ["post_id"],
        unique=True,
        postgresql_where=sa.text("approved_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.execute("ALTER TABLE shreds ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE shreds FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY organisation ON shreds USING (organisation_id = ANY ("
        "(SELECT nullif(current_setting('rollcall.organisations', true), '')::bigint[])::bigint[]))"
    )


def downgrade() -> None:
    op.drop_table("shreds")
    op.drop_table("capital_keys")
    op.drop_column("posts", "shredded_at")
