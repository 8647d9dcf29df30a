"""The base of all bodies, queries and answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Given(BaseModel):
    """What a program sends. An unknown field is an error that names it: it is most often a misspelling."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)


def absent() -> Any:
    """The default of a field of a change: one that isn't given stays as it is, and null is something else."""
    return None


class Shown(BaseModel):
    """What a program gets. Every declared field is always there, if only as null."""

    model_config = ConfigDict(
        serialize_by_alias=True, populate_by_name=True, json_schema_serialization_defaults_required=True
    )


class PageQuery(Given):
    """Which page of a list."""

    limit: int = Field(50, ge=1, le=1000, description="At most so many items.")
    after: str | None = Field(None, max_length=500, description="`next` of the page before.")


class IdempotencyHeader(BaseModel):
    """The header that makes a POST safe to repeat."""

    idempotency_key: str | None = Field(
        None,
        max_length=255,
        description="Of your choosing, one for each act. A repeat within 24 hours gets the first answer again.",
    )
