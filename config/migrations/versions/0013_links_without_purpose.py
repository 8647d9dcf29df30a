"""links without purpose"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM person_links WHERE purpose <> 'manage'")  # none was ever made
    op.drop_column("person_links", "purpose")


def downgrade() -> None:
    op.add_column(
        "person_links", sa.Column("purpose", sa.String(24), nullable=False, server_default="manage")
    )
    op.create_check_constraint("linkpurpose", "person_links", "purpose IN ('manage', 'unsubscribe')")
    op.alter_column("person_links", "purpose", server_default=None)
