"""Which contact point a browser is about to confirm, between two pages, in the session cookie.

The cookie can be read by who holds it, and a contact point's number would tell whether it is new. So it is sealed.
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from datetime import timedelta

from flask import session as cookie

from registry.crypto.keyring import Unreadable
from registry.people.vault import Vault

ROW = b"people.pending"


@dataclass(frozen=True, slots=True)
class Pending:
    """A try to confirm a contact point."""

    contact_id: int
    """0 stands for an address that is somebody else's: no code will ever fit."""
    started: int
    """Seconds since 1970."""
    address: str | None
    """Where the code went, as the one who gave it may see it."""
    name: str
    """Tells this try from others, and nothing else."""

    def is_older_than(self, age: timedelta) -> bool:
        """Whether it was begun longer ago."""
        return time.time() - self.started > age.total_seconds()


def remember(slot: str, vault: Vault, contact_id: int, address: str | None = None) -> None:
    """Keep a contact point's number, 0 for none, under a name of the cookie."""
    # as long whatever the number, so that its length tells nothing
    kept = json.dumps([f"{contact_id:020}", int(time.time()), address]).encode()
    sealed = vault.keys.own.seal(kept, ROW)
    cookie[slot] = [vault.organisation.id, base64.b64encode(sealed).decode()]


def organisation_of(slot: str) -> int | None:
    """The organisation of what is remembered; None when nothing is."""
    kept = cookie.get(slot)
    return int(kept[0]) if kept else None


def recall(slot: str, vault: Vault) -> Pending | None:
    """The try that is remembered, or None where there is none of this organisation."""
    kept = cookie.get(slot)
    if not kept or kept[0] != vault.organisation.id:
        return None
    try:
        contact_id, started, address = json.loads(vault.keys.own.open(base64.b64decode(kept[1]), ROW))
    except (Unreadable, ValueError):
        return None
    return Pending(int(contact_id), started, address, str(kept[1]))


def forget(slot: str) -> None:
    """The try has ended."""
    cookie.pop(slot, None)
