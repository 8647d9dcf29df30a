"""Readings of people: each in the audit log with its purpose, a list as one entry with a digest of whom it showed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256
from typing import Any


class Purpose(StrEnum):
    """Why somebody's record was opened."""

    LOOK_UP = "look_up"  # finding a person, or seeing what is held
    CORRECTION = "correction"
    CONTACT = "contact"
    IDENTITY = "identity"  # making sure that someone is who they say
    CASE = "case"
    CHECK_INS = "check_ins"
    LEDGER = "ledger"  # following an alert
    PROGRAM = "program"  # whatever the program of a key is for


def reading(purpose: Purpose) -> dict[str, Any]:
    """The details of an entry about one person."""
    return {"purpose": purpose.value}


def readings(purpose: Purpose, what: str, people: Iterable[uuid.UUID]) -> dict[str, Any]:
    """The details of one entry about a list: how many, and what `digest_of_ids` makes of whom."""
    shown = list(people)
    return {"purpose": purpose.value, what: len(shown), "digest": digest_of_ids(shown)}


def digest_of_ids(people: Iterable[uuid.UUID]) -> str:
    """SHA-256 over the public ids in their order, each as a line of text: whoever has a list can check it."""
    total = sha256()
    for public_id in people:
        total.update(f"{public_id}\n".encode())
    return total.hexdigest()
