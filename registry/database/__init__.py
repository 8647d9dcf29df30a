"""The database base everything rests on: declarative base, sessions, and the tenancy scope."""

from registry.database.base import Base, Identified, Published, Timestamped, enum_column, uuid7
from registry.database.finding import get_published, read_id
from registry.database.session import Session, SessionFactory, at_once, early, scoped, unscoped

__all__ = [
    "Base",
    "Identified",
    "Published",
    "Session",
    "SessionFactory",
    "Timestamped",
    "at_once",
    "early",
    "enum_column",
    "get_published",
    "read_id",
    "scoped",
    "unscoped",
    "uuid7",
]
