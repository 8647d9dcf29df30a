"""second factors"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM officer_sessions")  # nobody stays in who gave a password only
    op.add_column("officer_sessions", sa.Column("public_id", sa.Uuid(), nullable=False))
    op.add_column("officer_sessions", sa.Column("factor_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("officer_sessions", sa.Column("browser", sa.String(length=60), nullable=False))
    op.add_column("officer_sessions", sa.Column("network", sa.String(length=60), nullable=False))
    op.add_column("officer_sessions", sa.Column("challenge", sa.LargeBinary(), nullable=True))
    op.add_column("officer_sessions", sa.Column("challenge_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("officer_sessions", sa.Column("sealed_app_secret", sa.LargeBinary(), nullable=True))
    op.create_unique_constraint(op.f("uq_officer_sessions_public_id"), "officer_sessions", ["public_id"])
    op.create_table(
        "authenticator_apps",
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_authenticator_apps_officer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authenticator_apps")),
        sa.UniqueConstraint("officer_id", name=op.f("uq_authenticator_apps_officer_id")),
    )
    op.create_table(
        "passkeys",
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_passkeys_officer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_passkeys_public_id")),
    )
    op.create_index(op.f("ix_passkeys_officer_id"), "passkeys", ["officer_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.String(length=255), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_recovery_codes_officer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_officer_id"), "recovery_codes", ["officer_id"], unique=False)


def downgrade() -> None:
    for table in ("recovery_codes", "passkeys", "authenticator_apps"):
        op.drop_table(table)
    op.drop_constraint(op.f("uq_officer_sessions_public_id"), "officer_sessions")
    for column in (
        "sealed_app_secret",
        "challenge_at",
        "challenge",
        "network",
        "browser",
        "factor_at",
        "public_id",
    ):
        op.drop_column("officer_sessions", column)
