"""answers of the conversation"""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BEFORE = ("safe", "help", "stop", "start", "erase", "other")


def meanings(*words: str) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(op.f("ck_replies_meaning"), "replies")
    op.create_check_constraint(op.f("ck_replies_meaning"), "replies", f"meaning IN ({listed})")


def upgrade() -> None:
    meanings(*BEFORE, "answer")


def downgrade() -> None:
    op.execute("UPDATE replies SET meaning = 'other' WHERE meaning = 'answer'")
    meanings(*BEFORE)
