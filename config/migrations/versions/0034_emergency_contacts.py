"""emergency contacts, whom the silent have named to be asked"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

SCOPE = "ANY ((SELECT nullif(current_setting('rollcall.organisations', true), '')::bigint[])::bigint[])"
BEFORE = ("registered", "stranger")


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=24, create_constraint=True)


def tellers(*words: str) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    for table in ("checkins", "cases"):
        op.drop_constraint(op.f(f"ck_{table}_toldby"), table)
        op.create_check_constraint(op.f(f"ck_{table}_toldby"), table, f"told_by IN ({listed})")


def moment(name: str, *, nullable: bool = True) -> sa.Column[datetime]:
    default = None if nullable else sa.text("now()")
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "kin",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_details", sa.LargeBinary(), nullable=False),
        moment("stopped_at"),
        moment("asked_at"),
        sa.Column("asked_about_id", sa.BigInteger(), nullable=True),
        sa.Column("answer", words("kinword", "safe", "help", "unknown"), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        moment("created_at", nullable=False),
        moment("updated_at", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_kin_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["asked_about_id"], ["alerts.id"], name=op.f("fk_kin_asked_about_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kin")),
        sa.UniqueConstraint("person_id", name=op.f("uq_kin_person_id")),
    )
    op.create_index(op.f("ix_kin_address_index"), "kin", ["address_index"])
    op.execute("ALTER TABLE kin ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE kin FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY organisation ON kin USING (organisation_id = {SCOPE})")
    op.add_column("alerts", moment("kin_asked_at"))
    tellers(*BEFORE, "kin")
    op.add_column("replies", sa.Column("told_by", words("toldby", *BEFORE, "kin"), nullable=True))


def downgrade() -> None:
    for table in ("checkins", "cases"):
        op.execute(f"UPDATE {table} SET told_by = 'stranger' WHERE told_by = 'kin'")
    tellers(*BEFORE)
    op.drop_column("replies", "told_by")
    op.drop_column("alerts", "kin_asked_at")
    op.drop_table("kin")
