"""what follows alerts: asking the silent again, no news yet"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

STANDING = sa.Enum(
    "ask_again",
    "next_contact",
    "no_news",
    name="standing",
    native_enum=False,
    length=24,
    create_constraint=True,
)


def upgrade() -> None:
    op.add_column("alerts", sa.Column("about_id", sa.BigInteger(), nullable=True))
    op.add_column("alerts", sa.Column("standing", STANDING, nullable=True))
    op.add_column("alerts", sa.Column("ask_again_after", sa.BigInteger(), nullable=True))
    op.add_column("alerts", sa.Column("promise_warned_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f("fk_alerts_about_id"), "alerts", "alerts", ["about_id"], ["id"])
    op.create_index(op.f("ix_alerts_about_id"), "alerts", ["about_id"])
    op.create_index(
        "uq_alerts_rounds",
        "alerts",
        ["about_id", "standing"],
        unique=True,
        postgresql_where=sa.text("standing IN ('ask_again', 'next_contact')"),
    )


def downgrade() -> None:
    op.drop_index("uq_alerts_rounds", "alerts")
    op.drop_index(op.f("ix_alerts_about_id"), "alerts")
    for name in ("promise_warned_at", "ask_again_after", "standing", "about_id"):
        op.drop_column("alerts", name)
