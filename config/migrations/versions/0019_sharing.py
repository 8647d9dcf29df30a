"""sharing with another organisation"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SCOPE = "ANY ((SELECT nullif(current_setting('rollcall.organisations', true), '')::bigint[])::bigint[])"


def upgrade() -> None:
    op.create_table(
        "agreements",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=300), nullable=False),
        sa.Column("countries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("countersigned_by_id", sa.BigInteger(), nullable=True),
        sa.Column("countersigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("ends >= starts", name=op.f("ck_agreements_in_order")),
        sa.CheckConstraint("recipient_id <> organisation_id", name=op.f("ck_agreements_between_two")),
        sa.CheckConstraint(
            "(countersigned_by_id IS NULL) = (countersigned_at IS NULL)",
            name=op.f("ck_agreements_countersigned_by_someone"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_agreements_organisation_id")
        ),
        sa.ForeignKeyConstraint(["recipient_id"], ["organisations.id"], name=op.f("fk_agreements_recipient_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["officers.id"], name=op.f("fk_agreements_recorded_by_id")),
        sa.ForeignKeyConstraint(
            ["countersigned_by_id"], ["officers.id"], name=op.f("fk_agreements_countersigned_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.UniqueConstraint("public_id", name=op.f("uq_agreements_public_id")),
    )
    op.create_index(op.f("ix_agreements_organisation_id"), "agreements", ["organisation_id"])
    op.create_index(op.f("ix_agreements_recipient_id"), "agreements", ["recipient_id"])
    op.create_table(
        "consents",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_consents_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name=op.f("fk_consents_agreement_id")),
        sa.PrimaryKeyConstraint("person_id", "agreement_id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_agreement_id"), "consents", ["agreement_id"])
    for table, mine in (
        ("agreements", f"organisation_id = {SCOPE} OR recipient_id = {SCOPE}"),
        ("consents", f"organisation_id = {SCOPE}"),
    ):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY organisation ON {table} USING ({mine})")


def downgrade() -> None:
    op.drop_table("consents")
    op.drop_table("agreements")
