"""case work: priority, log, referrals, assistance points"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SCOPE = "ANY ((SELECT nullif(current_setting('rollcall.organisations', true), '')::bigint[])::bigint[])"
TIMES = ("created_at", "updated_at")


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=24, create_constraint=True)


def moment(name: str, *, nullable: bool = True, now: str | None = None) -> sa.Column[datetime]:
    default = sa.text(now) if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def published(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("public_id", sa.Uuid(), nullable=False),
        *identified(table),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id")),
    ]


def identified(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def points(table: str, column: str, to: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete="CASCADE" if cascade else None)


def upgrade() -> None:
    op.add_column(
        "cases",
        sa.Column(
            "origin",
            words("caseorigin", "answer", "officer", "relative"),
            server_default=sa.text("'answer'"),
            nullable=False,
        ),
    )
    op.add_column("cases", sa.Column("priority", sa.SmallInteger(), server_default=sa.text("2"), nullable=False))
    op.add_column(
        "cases", sa.Column("priority_set", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("cases", moment("due_at"))
    op.add_column("cases", sa.Column("sealed_next_step", sa.LargeBinary(), nullable=True))
    op.add_column(
        "cases",
        sa.Column(
            "outcome",
            words("outcome", "helped", "referred", "safe", "unreached", "mistake", "died"),
            nullable=True,
        ),
    )
    op.create_index(
        "ix_cases_open",
        "cases",
        ["organisation_id", "priority", "id"],
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "case_entries",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind", words("entrykind", "opened", "changed", "note", "message", "referral"), nullable=False
        ),
        sa.Column(
            "details",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=True),
        moment("at", nullable=False, now="clock_timestamp()"),
        points("case_entries", "case_id", "cases", cascade=True),
        points("case_entries", "officer_id", "officers"),
        *identified("case_entries"),
    )
    op.create_index(op.f("ix_case_entries_case_id"), "case_entries", ["case_id"])
    op.create_table(
        "referrals",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            words("referralstate", "offered", "accepted", "declined", "done", "withdrawn"),
            nullable=False,
        ),
        sa.Column("need", sa.String(length=40), nullable=True),
        sa.Column("sealed_request", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
        sa.Column("offered_by_id", sa.BigInteger(), nullable=False),
        moment("answered_at"),
        *(moment(name, nullable=False, now="now()") for name in TIMES),
        points("referrals", "recipient_id", "organisations"),
        points("referrals", "agreement_id", "agreements"),
        points("referrals", "case_id", "cases", cascade=True),
        points("referrals", "person_id", "people", cascade=True),
        points("referrals", "offered_by_id", "officers"),
        *published("referrals"),
    )
    op.create_index(op.f("ix_referrals_recipient_id"), "referrals", ["recipient_id"])
    op.create_index(op.f("ix_referrals_person_id"), "referrals", ["person_id"])
    op.create_index(
        "uq_referrals_open",
        "referrals",
        ["case_id", "recipient_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('offered', 'accepted')"),
    )
    op.create_table(
        "assistance_points",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("hours", sa.String(length=80), nullable=False),
        sa.Column("id_needed", sa.Boolean(), nullable=False),
        moment("closed_at"),
        *(moment(name, nullable=False, now="now()") for name in TIMES),
        points("assistance_points", "organisation_id", "organisations"),
        *published("assistance_points"),
    )
    op.create_index(op.f("ix_assistance_points_organisation_id"), "assistance_points", ["organisation_id"])
    for table, mine in (
        ("case_entries", f"organisation_id = {SCOPE}"),
        ("referrals", f"organisation_id = {SCOPE} OR recipient_id = {SCOPE}"),
        ("assistance_points", f"organisation_id = {SCOPE}"),
    ):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY organisation ON {table} USING ({mine})")


def downgrade() -> None:
    for table in ("assistance_points", "referrals", "case_entries"):
        op.drop_table(table)
    op.drop_index("ix_cases_open", "cases")
    for name in ("outcome", "sealed_next_step", "due_at", "priority_set", "priority", "origin"):
        op.drop_column("cases", name)
