"""The shapes of people in the API."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from pydantic import Field

from registry.api.pages import Page
from registry.api.schemas import Given, PageQuery, Shown, absent
from registry.people.models import ChannelName, ContactState, Source

LANGUAGE = Field(description="BCP 47, such as fr or pt-BR.", examples=["fr"])
COUNTRY = Field(description="ISO 3166-1: alpha-2, alpha-3 or the English name.", examples=["PH"])


class ContactIn(Given):
    """A phone number or an email address."""

    channel: ChannelName
    address: str = Field(
        description="A phone number in E.164, or an email address.", examples=["+999123456789"]
    )
    country: str | None = Field(None, description="How a number without its country code is read.")


class StayIn(Given):
    """Where the person is."""

    country: str = COUNTRY
    subdivision: str | None = Field(None, description="ISO 3166-2: code or name.")
    place: str | None = Field(None, max_length=120)
    from_: date | None = Field(None, alias="from")
    until: date | None = None


class PersonIn(Given):
    """A person to register. Only a language, a contact point and a country are required."""

    language: str = LANGUAGE
    contacts: list[ContactIn] = Field(min_length=1, max_length=10)
    stays: list[StayIn] = Field(min_length=1, max_length=20)
    nationality: str | None = Field(None, description="A country, as in stays.")
    name: str | None = Field(None, max_length=120)
    kind: str | None = Field(None, max_length=40, description="The organisation's own word, such as worker.")
    household_size: int | None = Field(None, ge=1, le=50)
    quiet: bool | None = Field(None, description="Messages give nothing away.")


class PersonChanges(Given):
    """The fields to change. Contacts and stays replace all there were; a contact that stays keeps its state. Null
    clears an optional field."""

    language: str = Field(default_factory=absent, description=LANGUAGE.description)
    contacts: list[ContactIn] = Field(default_factory=absent, min_length=1, max_length=10)
    stays: list[StayIn] = Field(default_factory=absent, min_length=1, max_length=20)
    nationality: str | None = Field(default_factory=absent)
    name: str | None = Field(default_factory=absent, max_length=120)
    kind: str | None = Field(default_factory=absent, max_length=40)
    household_size: int | None = Field(default_factory=absent, ge=1, le=50)
    quiet: bool | None = Field(default_factory=absent)


class SearchIn(Given):
    """One of the two."""

    contact: str | None = Field(None, description="An exact phone number in E.164 or email address.")
    reference: str | None = Field(None, description="However it is typed.", examples=["K7M2-Q9TX"])


class PeopleQuery(PageQuery):
    """Which people; country and subdivision must hold for one stay."""

    country: str | None = None
    subdivision: str | None = Field(None, description="Needs the country.")
    language: str | None = None
    reference: str | None = Field(None, description="However it is typed: at most one person.")


class Stay(Shown):
    """Where a person is."""

    country: str = Field(description="ISO 3166-1 alpha-2.")
    subdivision: str | None = Field(description="ISO 3166-2.")
    place: str | None
    from_: date | None = Field(alias="from")
    until: date | None


class Contact(Shown):
    """A contact point in normal form."""

    channel: ChannelName
    address: str
    state: ContactState
    verified: bool = Field(description="It has proved to be the person's own.")


class MaskedContact(Shown):
    """A contact point without its address."""

    channel: ChannelName
    masked: str = Field(description="Enough to recognise one's own, too little to use.")
    state: ContactState
    verified: bool


class PersonSummary(Shown):
    """A person as lists show them: no name, no place, no address."""

    id: uuid.UUID
    reference: str
    language: str
    nationality: str | None
    kind: str | None
    household_size: int | None
    quiet: bool
    paused: bool
    source: Source
    countries: list[str]
    contacts: list[MaskedContact]
    created_at: datetime
    updated_at: datetime


class Person(Shown):
    """A registered person."""

    id: uuid.UUID
    reference: str = Field(description="What the person reads out to an officer.")
    language: str
    nationality: str | None
    name: str | None
    kind: str | None
    household_size: int | None
    quiet: bool
    paused: bool = Field(description="The person wants no alerts for now.")
    source: Source
    contacts: list[Contact]
    stays: list[Stay]
    created_at: datetime
    updated_at: datetime


class PeoplePage(Page[PersonSummary]):
    """A page of people."""
