"""mail to officers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "officer_mails",
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "accepted",
                "failed",
                "expired",
                name="noticestate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column(
            "next_attempt_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_officer_mails_officer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_mails")),
    )
    op.create_index(op.f("ix_officer_mails_officer_id"), "officer_mails", ["officer_id"], unique=False)
    op.create_index(
        "ix_officer_mails_due",
        "officer_mails",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.execute("ALTER TABLE officer_mails ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE officer_mails FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY organisation ON officer_mails USING (organisation_id = ANY ("
        "(SELECT nullif(current_setting('rollcall.organisations', true), '')::bigint[])::bigint[]))"
    )


def downgrade() -> None:
    op.drop_table("officer_mails")
