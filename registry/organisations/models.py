"""Organisations, their posts and officers, and the ways in: sign-in sessions and keys for programs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.database import Base, Published, Timestamped, enum_column


class OrganisationKind(StrEnum):
    """Who may hold a registry, after the MICIC guidelines' list of stakeholders."""

    FOREIGN_SERVICE = "foreign_service"
    HOST_STATE = "host_state"
    INTERNATIONAL = "international"
    CIVIL_SOCIETY = "civil_society"
    EMPLOYER = "employer"
    REGIONAL = "regional"
    DIASPORA = "diaspora"


class Role(StrEnum):
    """What an officer may do; an officer may have several."""

    REGISTRAR = "registrar"
    AUTHOR = "author"
    APPROVER = "approver"
    CASE_WORKER = "case_worker"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Scope(StrEnum):
    """What a key, or a role, allows."""

    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    ALERTS_READ = "alerts:read"
    ALERTS_WRITE = "alerts:write"
    ALERTS_APPROVE = "alerts:approve"
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    AUDIT_READ = "audit:read"


class Organisation(Published, Timestamped, Base):
    """A body that holds a registry: the unit of tenancy."""

    __tablename__ = "organisations"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    sender_name: Mapped[str] = mapped_column(String(40))
    """How it signs its messages, e.g. "Consulate of Freedonia"."""
    kind: Mapped[OrganisationKind] = mapped_column(enum_column(OrganisationKind))
    default_language: Mapped[str] = mapped_column(String(16), default="en")
    worldwide: Mapped[bool] = mapped_column(default=True)
    """Serves every country; otherwise only those of its posts."""
    listed: Mapped[bool] = mapped_column(default=True)
    """Offered to people who join."""
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)

    posts: Mapped[list[Post]] = relationship(back_populates="organisation")


class Post(Published, Timestamped, Base):
    """An embassy, consulate or office, with the host countries it serves."""

    __tablename__ = "posts"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    closed_at: Mapped[datetime | None]
    """Since then its people belong elsewhere."""
    shredded_at: Mapped[datetime | None]
    """Since then its people can't be read here."""

    organisation: Mapped[Organisation] = relationship(back_populates="posts")
    countries: Mapped[list[PostCountry]] = relationship(cascade="all, delete-orphan")


class PostCountry(Base):
    """A host country that a post serves (ISO 3166-1 alpha-2)."""

    __tablename__ = "post_countries"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    country: Mapped[str] = mapped_column(String(2), primary_key=True, index=True)


class Officer(Published, Timestamped, Base):
    """A person who signs in."""

    __tablename__ = "officers"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    roles: Mapped[list[str]]
    password_hash: Mapped[str] = mapped_column(String(255))
    password_is_one_time: Mapped[bool] = mapped_column(default=True)
    one_time_until: Mapped[datetime | None]
    """Until when a one-time password opens anything; None for one's own."""
    active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(16), default="en")
    signed_in_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()


class OfficerSession(Published, Base):
    """A sign-in, kept on the server so that it can be ended. The cookie holds a secret, this table its digest."""

    __tablename__ = "officer_sessions"

    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    factor_at: Mapped[datetime | None]
    """When a second factor was last given; None while only the password was."""
    browser: Mapped[str] = mapped_column(String(60))
    network: Mapped[str] = mapped_column(String(60))
    """Both coarse: enough to tell one's own sign-ins from a stranger's."""
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary)
    challenge_at: Mapped[datetime | None]
    """What a passkey is to sign next."""
    sealed_app_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Offered to a new authenticator app and not yet taken."""

    officer: Mapped[Officer] = relationship()


class ApiKey(Published, Base):
    """A key by which a program acts for one officer. Only its digest is kept."""

    __tablename__ = "api_keys"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    officer: Mapped[Officer] = relationship()


class IdempotentAnswer(Base):
    """The answer given to a POST with an Idempotency-Key, so that a repeat gets the same one."""

    __tablename__ = "idempotent_answers"

    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(255), primary_key=True)
    organisation_id: Mapped[int]
    request_digest: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None]
    """None while the first request is still being answered."""
    sealed_body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


class Attempt(Base):
    """How often something was tried in a window of time, e.g. codes asked for by one address. Keys are digests."""

    __tablename__ = "attempts"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]
