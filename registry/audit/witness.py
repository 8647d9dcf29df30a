"""Checkpoints: signed statements of how far each organisation's chain had come, also kept outside the database.

The chain shows a change within it; a checkpoint shows that its end was cut off, or that all of it was written anew
(the signed tree heads of RFC 9162, for a chain). Ed25519 (RFC 8032), by a key derived from the master key.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FILE = "checkpoints.jsonl"
PURPOSE = b"rollcall audit checkpoint\0"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The chain of `organisation` (public id) held `digest` as that of entry `number`."""

    organisation: uuid.UUID
    number: int
    digest: bytes
    at: datetime
    signature: bytes = b""

    def statement(self) -> bytes:
        """What is signed."""
        return (
            PURPOSE
            + self.organisation.bytes
            + self.number.to_bytes(8)
            + self.digest
            + self.at.isoformat().encode()
        )

    def line(self) -> str:
        """For the file."""
        return json.dumps(
            {
                "organisation": str(self.organisation),
                "number": self.number,
                "digest": self.digest.hex(),
                "at": self.at.isoformat(),
                "signature": self.signature.hex(),
            }
        )

    @classmethod
    def read(cls, line: str) -> Self:
        """What `line` wrote. Raises ValueError."""
        try:
            found = json.loads(line)
            return cls(
                uuid.UUID(found["organisation"]),
                int(found["number"]),
                bytes.fromhex(found["digest"]),
                datetime.fromisoformat(found["at"]),
                bytes.fromhex(found["signature"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a checkpoint") from error


class Witness:
    """Signs checkpoints and knows its own signature, and those of the keys before it (`earlier`)."""

    def __init__(self, seed: bytes, *earlier: bytes) -> None:
        keys = [Ed25519PrivateKey.from_private_bytes(one) for one in (seed, *earlier)]
        self._key = keys[0]
        self._publics = [key.public_key() for key in keys]

    def sign(self, organisation: uuid.UUID, number: int, digest: bytes, at: datetime) -> Checkpoint:
        """A checkpoint of ours."""
        plain = Checkpoint(organisation, number, digest, at)
        return Checkpoint(organisation, number, digest, at, self._key.sign(plain.statement()))

    def knows(self, checkpoint: Checkpoint) -> bool:
        """Whether the signature is ours."""
        for public in self._publics:
            with suppress(InvalidSignature):
                public.verify(checkpoint.signature, checkpoint.statement())
                return True
        return False


def append_lines(path: Path, lines: list[str]) -> None:
    """Add lines to a file that is only ever added to, and wait until the disk has them. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(file).st_size
        torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
        os.write(file, (("\n" if torn else "") + "".join(line + "\n" for line in lines)).encode())
        os.fsync(file)
    finally:
        os.close(file)


def read_checkpoints(path: Path) -> Iterator[tuple[int, Checkpoint | None]]:
    """Every line's number with its checkpoint; None for one that can't be read. Nothing when there is no file."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield number, Checkpoint.read(line)
            except ValueError:
                if line.endswith("\n"):  # else its writer was stopped in the middle of it
                    yield number, None
