"""Erasures: writing them down outside the database, and doing them again after a backup was restored."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from registry.crypto import Keyring
from registry.organisations.scope import everywhere
from registry.people import erasures

CHUNK = 100
"""People erased in one transaction."""


def write_down(keyring: Keyring, folder: Path | None) -> int:
    """Bring new erasures into the file; return how many."""
    with everywhere() as session:
        return erasures.write_down(session, keyring.erasure_keys[0], folder)


def replay(keyring: Keyring, folder: Path, *, all_people: bool = False) -> int:
    """Erase again whoever is registered and was erased; return how many.

    Quick when the database knows all that the file does: then no older backup was restored. `all_people` looks all
    the same.
    """
    digests = erasures.read_file(folder)
    with everywhere() as session:
        unknown = erasures.unknown_here(session, digests)
    if not unknown and not all_people:
        return 0
    erased = _erase(_find(keyring, digests))
    with everywhere() as session:
        erasures.note_known(session, unknown)
    return erased


def _find(keyring: Keyring, digests: Collection[bytes]) -> list[int]:
    found: list[int] = []
    after = 0
    while True:
        with everywhere() as session:
            page = erasures.came_back(session, keyring.erasure_keys, digests, after)
        if not page:
            return found
        found += [number for number, erased in page if erased]
        after = page[-1][0]


def _erase(numbers: list[int]) -> int:
    count = 0
    for start in range(0, len(numbers), CHUNK):
        with everywhere() as session:
            count += sum(erasures.erase_again(session, number) for number in numbers[start : start + CHUNK])
    return count
