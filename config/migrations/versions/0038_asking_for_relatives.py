"""asking for relatives"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

SCOPE = "ANY ((SELECT nullif(current_setting('rollcall.organisations', true), '')::bigint[])::bigint[])"


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=24, create_constraint=True)


def moment(name: str, *, now: bool = False, nullable: bool = True) -> sa.Column[datetime]:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable and not now)


def published(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id")),
    ]


def upgrade() -> None:
    op.create_table(
        "inquiries",
        sa.Column("sealed_asker", sa.LargeBinary(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        moment("proved_at"),
        sa.Column("sealed_question", sa.LargeBinary(), nullable=True),
        moment("asked_at"),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=True),
        sa.Column("state", words("noticestate", "pending", "accepted", "failed", "expired"), nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        moment("next_attempt_at", now=True),
        moment("expires_at", nullable=False),
        moment("created_at", now=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        *published("inquiries"),
    )
    pending, asked = sa.text("state = 'pending'"), sa.text("asked_at IS NOT NULL")
    op.create_index("ix_inquiries_due", "inquiries", ["next_attempt_at"], postgresql_where=pending)
    op.create_index("ix_inquiries_asked", "inquiries", ["id"], postgresql_where=asked)
    op.create_table(
        "askings",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("asker_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_asker", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state", words("askingstate", "waiting", "asked", "held", "told", "refused"), nullable=False
        ),
        moment("since", now=True),
        moment("expires_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_askings_person_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("person_id", "asker_index", name=op.f("uq_askings_person_id_asker_index")),
        *published("askings"),
    )
    waiting = sa.text("state IN ('waiting', 'asked')")
    op.create_index("ix_askings_open", "askings", ["id"], postgresql_where=waiting)
    op.create_index(op.f("ix_askings_expires_at"), "askings", ["expires_at"])
    op.execute("ALTER TABLE askings ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE askings FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY organisation ON askings USING (organisation_id = {SCOPE})")


def downgrade() -> None:
    for table in ("askings", "inquiries"):
        op.drop_table(table)
