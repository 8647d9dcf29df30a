"""posts close, and have a name of their own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("posts", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f("uq_posts_organisation_id_name"), "posts", ["organisation_id", "name"])


def downgrade() -> None:
    op.drop_constraint(op.f("uq_posts_organisation_id_name"), "posts")
    op.drop_column("posts", "closed_at")
