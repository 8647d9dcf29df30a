"""What an officer has besides the password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, func
from sqlalchemy.orm import Mapped, mapped_column

from registry.database import Base, Identified, Published


class AuthenticatorApp(Identified, Base):
    """An officer's app for time-based codes (TOTP, RFC 6238). The secret is sealed under the organisation's key."""

    __tablename__ = "authenticator_apps"

    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"), unique=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int | None]
    """The newest step (30 s since 1970) whose code was used: it and all before are refused (RFC 6238 §5.2)."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Passkey(Published, Base):
    """A public key credential (WebAuthn level 3 §4) of an officer. There is nothing secret in it."""

    __tablename__ = "passkeys"

    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    """As the authenticator last told it; one that doesn't grow betrays a copy (WebAuthn §6.1.1)."""
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[datetime | None]


class RecoveryCode(Identified, Base):
    """A code that stands in once for a lost factor: a look-up secret (NIST SP 800-63B-4 §3.1.2). Gone when used."""

    __tablename__ = "recovery_codes"

    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(255))
