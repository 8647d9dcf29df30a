"""The shapes of exports in the API."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import Field

from registry import places
from registry.api.pages import Page
from registry.api.schemas import Given, Shown
from registry.checking import Checker
from registry.exports import models
from registry.exports.models import ExportState
from registry.exports.purposes import COLUMNS, Purpose
from registry.people.listing import Wanted


class ExportIn(Given):
    """What to export, and how many people the program expects that to be: another number is refused."""

    purpose: Purpose = Field(description="It decides the columns.")
    expected: int = Field(ge=1, description="Rows.")
    country: str | None = Field(None, description="Only who stays there.")
    subdivision: str | None = Field(None, description="ISO 3166-2, of the country.")
    language: str | None = None


class Export(Shown):
    """An export: asked for, then taken once."""

    id: uuid.UUID
    state: ExportState = Field(description="waiting: for a second officer, who decides on the console.")
    purpose: Purpose
    columns: list[str]
    rows: int
    officer: str
    second: str | None = Field(description="Who confirmed or refused it.")
    created_at: datetime
    expires_at: datetime


class ExportsPage(Page[Export]):
    """A page of exports, the latest first."""


class ExportFile(Shown):
    """What an export holds. `mark` says where it comes from: keep it with the rows, and delete both when done."""

    mark: str
    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """An export's request in normal form."""

    purpose: str
    expected: int
    wanted: Wanted


def read_export(data: Mapping[str, Any]) -> Asked:
    """From the body. Raises Invalid also on a filter that makes no sense: dropped, it would let everybody through."""
    check = Checker()
    country = check.country(data, "country", "country", required=False)
    region = check.text(data, "subdivision", "subdivision", 80)
    tongue = check.text(data, "language", "language", 40)
    subdivision = places.normalise_subdivision(region, country) if region and country else None
    language = places.normalise_language(tongue) if tongue else None
    if region and subdivision is None:
        check.fail("subdivision", "subdivision", "is not a subdivision of the country given in ISO 3166-2")
    if tongue and language is None:
        check.fail("language", "language", "is not a language tag of BCP 47")
    check.done()
    # Whatever else is wrong with the shape is found beside this.
    return Asked(data.get("purpose", ""), data.get("expected", 0), Wanted(country, subdivision, language))


def shown(export: models.Export) -> Export:
    """For a program."""
    return Export(
        id=export.public_id,
        state=export.state,
        purpose=export.purpose,
        columns=list(COLUMNS[export.purpose]),
        rows=export.rows,
        officer=export.officer.email,
        second=export.second.email if export.second else None,
        created_at=export.created_at,
        expires_at=export.expires_at,
    )
