"""Ciphers. AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces.

A sealed value is `version (1) | key id (4) | nonce (12) | ciphertext and tag`, bound to its row by associated data.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
"""Names the algorithm, AES-256-GCM as above; another one gets another number and a cipher beside this one."""
HEADER = 5
NONCE = 12


class Unreadable(Exception):  # noqa: N818
    """A sealed value can't be opened: wrong key, wrong row, changed bytes, or a key that was destroyed."""


class KeyAway(Unreadable):
    """The key that opens it should be in the keystore and can't be read there: mend that and try again."""


def new_key() -> bytes:
    """256 random bits."""
    return os.urandom(32)


def key_id(key: bytes) -> bytes:
    """Four bytes that name a key without telling anything about it."""
    return sha256(b"rollcall key id" + key).digest()[:4]


def header_of(name: bytes) -> bytes:
    """How everything sealed under the key of this id begins."""
    return VERSION + name


class Cipher:
    """Seals and opens values under one key. Keeps the AES object: making one costs more than a small decryption."""

    __slots__ = ("_aes", "header")

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(key)
        self.header = header_of(key_id(key))

    def seal(self, plain: bytes, row: bytes) -> bytes:
        """Encrypt for one row; `row` is its identity, needed again to open."""
        nonce = os.urandom(NONCE)
        return self.header + nonce + self._aes.encrypt(nonce, plain, row)

    def open(self, sealed: bytes, row: bytes) -> bytes:
        """Decrypt; raises Unreadable."""
        if sealed[:HEADER] != self.header:
            raise Unreadable("sealed under another key, or by another algorithm")
        try:
            return self._aes.decrypt(sealed[HEADER : HEADER + NONCE], sealed[HEADER + NONCE :], row)
        except InvalidTag as error:
            raise Unreadable("changed, or moved to another row") from error


def open_once(key: bytes, sealed: bytes, row: bytes) -> bytes:
    """Decrypt the only value that is wanted of a key, which need not be named for that: a wrong one opens nothing.

    Raises Unreadable.
    """
    try:
        return AESGCM(key).decrypt(sealed[HEADER : HEADER + NONCE], sealed[HEADER + NONCE :], row)
    except InvalidTag as error:
        raise Unreadable("changed, or sealed under another key") from error


class PersonCipher(Cipher):
    """The cipher of one person's fields."""

    __slots__ = ()

    def seal_text(self, text: str | None, row: bytes) -> bytes | None:
        """Encrypt a text field; None and the empty text stay None."""
        return self.seal(text.encode(), row) if text else None

    def open_text(self, sealed: bytes | None, row: bytes) -> str | None:
        """Decrypt a text field; None stays None."""
        return None if sealed is None else self.open(sealed, row).decode()


class RotatedCipher(PersonCipher):
    """Seals under the newest key and opens what earlier ones sealed: the sealed value names its key."""

    __slots__ = ("_earlier",)

    def __init__(self, key: bytes, earlier: Iterable[bytes]) -> None:
        super().__init__(key)
        self._earlier = {cipher.header: cipher for cipher in map(Cipher, earlier)}

    def open(self, sealed: bytes, row: bytes) -> bytes:
        """Decrypt; raises Unreadable."""
        earlier = self._earlier.get(sealed[:HEADER])
        return earlier.open(sealed, row) if earlier else super().open(sealed, row)
