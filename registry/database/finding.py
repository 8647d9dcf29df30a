"""Finding a row by the name that it has outside."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ExecutableOption

from registry.database.base import Published
from registry.errors import NotFound

P = TypeVar("P", bound=Published)


def read_id(given: object) -> uuid.UUID:
    """A public id from what somebody wrote. Raises NotFound for anything else."""
    try:
        return given if isinstance(given, uuid.UUID) else uuid.UUID(str(given))
    except ValueError:
        raise NotFound from None


def get_published(
    session: Session,
    model: type[P],
    public_id: object,
    *where: ColumnElement[bool],
    options: Sequence[ExecutableOption] = (),
) -> P:
    """The row with this public id, of those that the session sees and for which all of `where` holds. Raises NotFound,
    also for an id in a wrong form."""
    query = select(model).options(*options).where(model.public_id == read_id(public_id), *where)
    found = session.scalar(query)
    if found is None:
        raise NotFound
    return found
