"""Keys among the settings: reading them, and making those that nobody set."""

from __future__ import annotations

import base64
import os
import secrets
from contextlib import suppress
from hashlib import sha256
from pathlib import Path


def kept(folder: Path, name: str) -> str:
    """A key made once and kept in a folder; of several processes that make it, the first one's counts."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    if not path.exists():
        draft = folder / f".{name}.{os.getpid()}"
        _write_durably(draft, base64.b64encode(secrets.token_bytes(32)) + b"\n")
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
        _sync(folder)
    return path.read_text().strip()


def _write_durably(path: Path, content: bytes) -> None:
    """A key lost in a power cut is a registry lost, for what it sealed is on the disk already."""
    path.touch(0o600)
    path.write_bytes(content)
    _sync(path)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def all_key_bytes(text: str) -> list[bytes]:
    """The keys in a list with commas or blanks between. Raises ValueError."""
    return [key_bytes(one) for one in text.replace(",", " ").split()]


def key_bytes(text: str) -> bytes:
    """32 bytes in base64 or hex, or a digest of any longer text. Raises ValueError."""
    for decode in (bytes.fromhex, lambda value: base64.b64decode(value, validate=True)):
        try:
            key = decode(text)
        except ValueError:
            continue
        if len(key) == 32:
            return key
    if len(text) < 32:
        raise ValueError("must be 32 random bytes in base64 or hex (try: openssl rand -base64 32)")
    return sha256(text.encode()).digest()
