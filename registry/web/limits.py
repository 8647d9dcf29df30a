"""How often something may be tried. Counted in the database: it holds across processes and without Redis."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from werkzeug.exceptions import TooManyRequests

from registry.database import unscoped
from registry.organisations.models import Attempt

CODES = "sms-codes"
"""Codes and links by SMS that the public made us send, all together."""


def allow(session: Session, signing_key: bytes, name: str, key: str, limit: int, per: timedelta) -> bool:
    """Count one try of `name` by `key`; whether it is within `limit` in the current window of length `per`.

    Windows follow each other without a gap, by the database's clock. Only a keyed digest of `key` is stored, so
    it may be an address. Commit even when the act itself fails: give it a transaction of its own (`unscoped()`).
    """
    row = insert(Attempt).values(key=_digest(signing_key, name, key), window_start=_start(per), count=1)
    counted = row.on_conflict_do_update(
        index_elements=[Attempt.key, Attempt.window_start], set_={"count": Attempt.count + 1}
    ).returning(Attempt.count)
    return session.execute(counted).scalar_one() <= limit


def used(session: Session, signing_key: bytes, name: str, key: str, per: timedelta) -> int:
    """How often it was tried in the current window."""
    query = select(Attempt.count).where(
        Attempt.key == _digest(signing_key, name, key), Attempt.window_start == _start(per)
    )
    return session.scalar(query) or 0


def _digest(signing_key: bytes, name: str, key: str) -> bytes:
    return hmac.digest(signing_key, f"attempts\0{name}\0{key}".encode(), sha256)


def _start(per: timedelta) -> ColumnElement[datetime]:
    seconds = int(per.total_seconds())
    return func.to_timestamp(func.floor(func.extract("epoch", func.now()) / seconds) * seconds)


def seconds_left(session: Session, per: timedelta) -> int:
    """How long until the current window of this length ends and tries count from nought again."""
    length = int(per.total_seconds())
    now: datetime = session.execute(select(func.now())).scalar_one()
    return length - int(now.timestamp()) % length


def network_of(address: str | None) -> str:
    """The client as limits count it: an IPv4 address, or the /64 network of one household (IPv6, RFC 6177)."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or found.exploded[:19])
    return str(found)


def refuse_beyond(signing_key: bytes, name: str, key: str, limit: int, per: timedelta) -> None:
    """Count one try in a transaction of its own; beyond the limit raise TooManyRequests."""
    with unscoped() as session:
        if not allow(session, signing_key, name, key, limit, per):
            raise TooManyRequests(retry_after=seconds_left(session, per))
