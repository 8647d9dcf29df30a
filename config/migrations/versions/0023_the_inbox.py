"""the inbox: messages to one person, shifts, escalation"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SCOPE = "ANY ((SELECT nullif(current_setting('rollcall.organisations', true), '')::bigint[])::bigint[])"


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=24, create_constraint=True)


def upgrade() -> None:
    op.create_table(
        "outgoing",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_point_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", words("channelname", "sms", "email"), nullable=False),
        sa.Column("kind", words("outgoingkind", "reply", "kin", "family"), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=True),
        sa.Column("once", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            words(
                "outgoingstate", "pending", "claimed", "accepted", "delivered", "failed", "expired", "uncertain"
            ),
            nullable=False,
        ),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider", sa.String(length=24), nullable=True),
        sa.Column("provider_id", sa.String(length=80), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_outgoing_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_point_id"],
            ["contact_points.id"],
            name=op.f("fk_outgoing_contact_point_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_outgoing_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing")),
        sa.UniqueConstraint("public_id", name=op.f("uq_outgoing_public_id")),
        sa.UniqueConstraint("organisation_id", "once", name=op.f("uq_outgoing_organisation_id_once")),
    )
    op.create_index(op.f("ix_outgoing_person_id"), "outgoing", ["person_id"])
    op.create_index(
        "ix_outgoing_due",
        "outgoing",
        ["next_attempt_at"],
        postgresql_where=sa.text("state IN ('pending', 'claimed')"),
    )
    op.create_table(
        "shifts",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_note", sa.LargeBinary(), nullable=True),
        sa.Column("taken_by_id", sa.BigInteger(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_shifts_officer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["taken_by_id"], ["officers.id"], name=op.f("fk_shifts_taken_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_shifts_public_id")),
    )
    op.create_index(op.f("ix_shifts_organisation_id"), "shifts", ["organisation_id"])
    op.create_index(
        "uq_shifts_open",
        "shifts",
        ["officer_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    for table in ("replies", "cases"):
        op.add_column(table, sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))
    for table in ("outgoing", "shifts"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY organisation ON {table} USING (organisation_id = {SCOPE})")


def downgrade() -> None:
    for table in ("cases", "replies"):
        op.drop_column(table, "escalated_at")
    for table in ("shifts", "outgoing"):
        op.drop_table(table)
