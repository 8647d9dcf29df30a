"""retention"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "people",
        sa.Column("last_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.add_column("people", sa.Column("asked_to_stay_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "people", sa.Column("question_left", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_index(op.f("ix_people_last_seen_at"), "people", ["last_seen_at"])
    op.create_index(
        "ix_people_asked_to_stay_at",
        "people",
        ["asked_to_stay_at"],
        postgresql_where=sa.text("asked_to_stay_at IS NOT NULL"),
    )
    op.create_index(
        "ix_contact_points_unconfirmed",
        "contact_points",
        ["created_at"],
        postgresql_where=sa.text("state = 'unconfirmed'"),
    )
    op.create_index(op.f("ix_replies_received_at"), "replies", ["received_at"])
    op.add_column("alerts", sa.Column("ledger_removed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("alerts", "ledger_removed_at")
    op.drop_index("ix_replies_received_at", "replies")
    op.drop_index("ix_contact_points_unconfirmed", "contact_points")
    for name in ("question_left", "asked_to_stay_at", "last_seen_at"):
        op.drop_column("people", name)
