"""chosen hours"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_people_hours", "people", ["organisation_id"], postgresql_where=sa.text("hours_from IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_people_hours", "people")
