"""People, how they can be reached, and where they are."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.database import Base, Identified, Published, Timestamped, enum_column


class ChannelName(StrEnum):
    """How a message can travel."""

    SMS = "sms"
    EMAIL = "email"


class ContactState(StrEnum):
    """Whether a contact point may be used."""

    UNCONFIRMED = "unconfirmed"  # given on the public page and not yet proved by its code
    ACTIVE = "active"
    OPTED_OUT = "opted_out"
    UNREACHABLE = "unreachable"


class Source(StrEnum):
    """How a person came into the registry."""

    WEB = "web"
    OFFICER = "officer"
    IMPORT = "import"
    API = "api"
    SMS = "sms"


class Person(Published, Timestamped, Base):
    """Someone registered. `sealed_*` fields open only with the person's own key."""

    __tablename__ = "people"
    __table_args__ = (
        UniqueConstraint("organisation_id", "reference"),
        CheckConstraint("num_nonnulls(hours_from, hours_until, time_zone) IN (0, 3)", name="whole_hours"),
        Index("ix_people_hours", "organisation_id", postgresql_where=text("hours_from IS NOT NULL")),
        Index(
            "ix_people_asked_to_stay_at",
            "asked_to_stay_at",
            postgresql_where=text("asked_to_stay_at IS NOT NULL"),
        ),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    """The post whose key seals the person's; None is headquarters."""
    reference: Mapped[str] = mapped_column(String(12))
    """What a person reads out to an officer, e.g. "K7M2-Q9TX"; random, tells nothing."""
    language: Mapped[str] = mapped_column(String(16))
    nationality: Mapped[str | None] = mapped_column(String(2))
    kind: Mapped[str | None] = mapped_column(String(40))
    household_size: Mapped[int | None] = mapped_column(SmallInteger)
    quiet: Mapped[bool] = mapped_column(default=False)
    paused: Mapped[bool] = mapped_column(default=False)
    source: Mapped[Source] = mapped_column(enum_column(Source))
    sealed_name: Mapped[bytes | None] = mapped_column(LargeBinary)
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    """When they, or an officer for them, last gave a sign; to the day."""
    asked_to_stay_at: Mapped[datetime | None]
    """When they were asked whether to stay registered, and have given no sign since."""
    question_left: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """That question was taken by a provider: silence after it counts."""
    tell_family: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Relatives who ask may hear whether they are safe."""
    hours_from: Mapped[time | None]
    """Alerts come only from this hour of the day to `hours_until`, by the clock of `time_zone`; all three or none."""
    hours_until: Mapped[time | None]
    time_zone: Mapped[str | None] = mapped_column(String(40))
    """As the IANA's database names it: Asia/Beirut."""
    sealed_household: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Those for whom they answer from their phone: names and references."""
    sealed_duress: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A word that says to whoever looks on that all is well, and to us that it is not."""

    key: Mapped[PersonKey] = relationship(cascade="all, delete-orphan", single_parent=True)
    contacts: Mapped[list[ContactPoint]] = relationship(
        back_populates="person", cascade="all, delete-orphan", order_by="ContactPoint.id"
    )
    stays: Mapped[list[Stay]] = relationship(
        back_populates="person", cascade="all, delete-orphan", order_by="Stay.id"
    )


class PersonKey(Base):
    """A person's key, sealed by their post's. Deleting this row erases the person, in backups too."""

    __tablename__ = "person_keys"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[int]
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)


class ContactPoint(Identified, Timestamped, Base):
    """A phone number (E.164) or email address of a person."""

    __tablename__ = "contact_points"
    __table_args__ = (
        UniqueConstraint("organisation_id", "address_index"),
        Index("ix_contact_points_unconfirmed", "created_at", postgresql_where=text("state = 'unconfirmed'")),
    )

    organisation_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    channel: Mapped[ChannelName] = mapped_column(enum_column(ChannelName))
    sealed_address: Mapped[bytes] = mapped_column(LargeBinary)
    address_index: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[ContactState] = mapped_column(enum_column(ContactState), default=ContactState.ACTIVE)
    verified_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(back_populates="contacts")


class Stay(Identified, Timestamped, Base):
    """Where a person is, from when to when. An open end means until further notice."""

    __tablename__ = "stays"
    __table_args__ = (CheckConstraint("ends >= starts", name="in_order"),)

    organisation_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    country: Mapped[str] = mapped_column(String(2))
    subdivision: Mapped[str | None] = mapped_column(String(6))
    sealed_place: Mapped[bytes | None] = mapped_column(LargeBinary)
    starts: Mapped[date | None]
    ends: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="stays")


class Reach(Base):
    """Which contact point can be reached for which stay: one row each, kept by triggers, read by audiences.

    It repeats what an audience asks about, so that a million people are counted from one index.
    `state` is the contact's own, or "paused"; `sole` says that the person has this stay only, so that counting
    contact points needs no DISTINCT. `heads` does the same for people: of someone's contact points, the active first,
    it is 2 for the first of all, 1 for the first of the other channel, 0 for the rest.
    """

    __tablename__ = "reach"
    __table_args__ = (
        Index(
            "ix_reach_audience",
            "organisation_id",
            "country",
            "channel",
            "contact_point_id",
            postgresql_include=[
                "state", "language", "quiet", "sole", "subdivision", "nationality", "kind", "starts", "ends"
            ],
        ),
        Index(
            "ix_reach_sole",  # for counting: few values, so that its entries are packed (a tenth of the above)
            "organisation_id", "country", "channel", "state", "language", "quiet", "heads", "subdivision",
            "nationality", "kind", "starts", "ends",
            postgresql_where=text("sole"),
        ),
        Index(
            "ix_reach_several",
            "organisation_id",
            "country",
            "contact_point_id",
            postgresql_include=[
                "channel", "state", "language", "quiet", "heads", "subdivision", "nationality", "kind", "starts",
                "ends",
            ],
            postgresql_where=text("NOT sole"),
        ),
    )  # fmt: skip

    contact_point_id: Mapped[int] = mapped_column(
        ForeignKey("contact_points.id", ondelete="CASCADE"), primary_key=True
    )
    stay_id: Mapped[int] = mapped_column(ForeignKey("stays.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(index=True)
    organisation_id: Mapped[int]
    channel: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(24))
    country: Mapped[str] = mapped_column(String(2))
    subdivision: Mapped[str | None] = mapped_column(String(6))
    language: Mapped[str] = mapped_column(String(16))
    nationality: Mapped[str | None] = mapped_column(String(2))
    kind: Mapped[str | None] = mapped_column(String(40))
    quiet: Mapped[bool]
    sole: Mapped[bool]
    heads: Mapped[int] = mapped_column(SmallInteger)
    starts: Mapped[date | None]
    ends: Mapped[date | None]


class PersonLink(Identified, Base):
    """A secret link to a person's own page. Only its digest is kept.

    Stands outside row-level security, for the link itself must tell which organisation it belongs to; it holds
    nothing about the person.
    """

    __tablename__ = "person_links"

    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    organisation_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]


class ContactCode(Identified, Base):
    """A six-digit code sent to a contact point to prove that it is its owner's."""

    __tablename__ = "contact_codes"

    organisation_id: Mapped[int]
    contact_point_id: Mapped[int] = mapped_column(
        ForeignKey("contact_points.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
