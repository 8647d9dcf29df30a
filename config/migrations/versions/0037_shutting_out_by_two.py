"""shutting out by two administrators"""

from __future__ import annotations

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

BEFORE = ("officer", "roles", "reset", "key")


def upgrade() -> None:
    _allow(*BEFORE, "shut_out")


def downgrade() -> None:
    op.execute("DELETE FROM grants WHERE kind = 'shut_out'")
    _allow(*BEFORE)


def _allow(*kinds: str) -> None:
    op.drop_constraint(op.f("ck_grants_grantkind"), "grants")
    words = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_grants_grantkind"), "grants", f"kind IN ({words})")
