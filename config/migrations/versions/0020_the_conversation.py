"""the conversation"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())


def word(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=24, create_constraint=True)


def flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def told_by(table: str) -> None:
    """Columns by which somebody else's word is known."""
    op.add_column(table, sa.Column("told_by", word("toldby", "registered", "stranger"), nullable=True))
    op.add_column(table, sa.Column("told_by_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f(f"fk_{table}_told_by_id"), table, "people", ["told_by_id"], ["id"], ondelete="SET NULL"
    )
    op.add_column(table, flag("duress"))


def upgrade() -> None:
    op.create_table(
        "dialogues",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("data", JSON, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("misses", sa.SmallInteger(), nullable=False),
        sa.Column("last_id", sa.String(length=80), nullable=False),
        sa.Column(
            "asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_dialogues")),
    )
    op.create_index(op.f("ix_dialogues_expires_at"), "dialogues", ["expires_at"])

    op.add_column("people", flag("tell_family"))
    op.add_column("people", sa.Column("hours_from", sa.Time(), nullable=True))
    op.add_column("people", sa.Column("hours_until", sa.Time(), nullable=True))
    op.add_column("people", sa.Column("time_zone", sa.String(length=40), nullable=True))
    op.add_column("people", sa.Column("sealed_duress", sa.LargeBinary(), nullable=True))
    op.create_check_constraint(
        op.f("ck_people_whole_hours"), "people", "num_nonnulls(hours_from, hours_until, time_zone) IN (0, 3)"
    )

    op.add_column(
        "replies", sa.Column("via", sa.String(length=8), server_default=sa.text("'sms'"), nullable=False)
    )
    op.add_column("replies", flag("needs_reading"))
    op.add_column("replies", sa.Column("case_id", sa.BigInteger(), nullable=True))
    op.add_column("replies", sa.Column("owner_id", sa.BigInteger(), nullable=True))
    op.add_column("replies", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_replies_case_id"), "replies", "cases", ["case_id"], ["id"], ondelete="SET NULL"
    )
    op.create_foreign_key(op.f("fk_replies_owner_id"), "replies", "officers", ["owner_id"], ["id"])
    op.create_index(
        "ix_replies_unread",
        "replies",
        ["organisation_id", "received_at"],
        postgresql_where=sa.text("needs_reading AND read_at IS NULL"),
    )

    op.add_column("cases", sa.Column("needs", JSON, server_default=sa.text("'[]'"), nullable=False))
    op.add_column("cases", sa.Column("sealed_words", sa.LargeBinary(), nullable=True))
    op.add_column("cases", sa.Column("reach_by", word("reachby", "call", "text", "none"), nullable=True))
    for table in ("checkins", "cases"):
        told_by(table)


def downgrade() -> None:
    op.drop_table("dialogues")
    for name in ("sealed_duress", "time_zone", "hours_until", "hours_from", "tell_family"):
        op.drop_column("people", name)
    for name in ("read_at", "owner_id", "case_id", "needs_reading", "via"):
        op.drop_column("replies", name)
    for name in ("reach_by", "sealed_words", "needs"):
        op.drop_column("cases", name)
    for table in ("checkins", "cases"):
        for name in ("duress", "told_by_id", "told_by"):
            op.drop_column(table, name)
