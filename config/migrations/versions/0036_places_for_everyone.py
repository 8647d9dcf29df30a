"""places that help, shown to everyone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is there already stays among those who answer: some shelters must not be found."""
    op.add_column(
        "assistance_points", sa.Column("public", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.alter_column("assistance_points", "public", server_default=None)


def downgrade() -> None:
    op.drop_column("assistance_points", "public")
