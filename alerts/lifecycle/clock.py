"""The database's clock, the only one that all processes share."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def now(session: Session) -> datetime:
    """This very moment, not the beginning of the transaction."""
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment
