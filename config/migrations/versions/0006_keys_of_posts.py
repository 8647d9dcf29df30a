"""keys of posts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_keys",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "use",
            sa.Enum(
                "people", "own", "index", name="keyuse", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("capital_copy", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_stored_keys_organisation_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_stored_keys_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_keys")),
    )
    op.create_index(op.f("ix_stored_keys_post_id"), "stored_keys", ["post_id"], unique=False)
    op.create_index(
        "uq_stored_keys_name", "stored_keys", ["organisation_id", "name", "use"], unique=True
    )
    op.create_table(
        "rewraps",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("rotation", sa.Boolean(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("people", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_rewraps_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rewraps")),
    )
    op.create_index(
        "uq_rewraps_open",
        "rewraps",
        ["organisation_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.add_column("people", sa.Column("post_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_people_post_id"), "people", "posts", ["post_id"], ["id"])


def downgrade() -> None:
    op.drop_column("people", "post_id")
    op.drop_table("rewraps")
    op.drop_table("stored_keys")
