"""Sealing to a capital: a public key of two halves, whose private halves two officers keep offline.

HPKE (RFC 9180) in its base mode with X25519, HKDF-SHA256 and AES-256-GCM, first to the one half and then to the other:
neither private half opens anything alone.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from registry.crypto.cipher import Unreadable

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
PREFIX = "rollcall-capital-"


@dataclass(frozen=True, slots=True)
class Half:
    """One half; the private one as the text that an officer keeps."""

    private: str
    public: bytes


def new_half() -> Half:
    """A fresh key pair."""
    key = X25519PrivateKey.generate()
    text = base64.b32encode(key.private_bytes_raw()).decode().rstrip("=").lower()
    return Half(PREFIX + text, key.public_key().public_bytes_raw())


def public_of(private: str) -> bytes | None:
    """The public part of a private half as it was typed; None for what is none."""
    key = _read(private)
    return key.public_key().public_bytes_raw() if key else None


def seal(first: bytes, second: bytes, plain: bytes, row: bytes) -> bytes:
    """Encrypt so that both private halves are needed; `row` binds it to what it belongs to."""
    once = SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(first), row)
    return SUITE.encrypt(once, X25519PublicKey.from_public_bytes(second), row)


def unseal(first: str, second: str, sealed: bytes, row: bytes) -> bytes:
    """Decrypt with both private halves. Raises Unreadable."""
    keys = _read(first), _read(second)
    if keys[0] is None or keys[1] is None:
        raise Unreadable("not a private half")
    try:
        return SUITE.decrypt(SUITE.decrypt(sealed, keys[1], row), keys[0], row)
    except InvalidTag as error:
        raise Unreadable("sealed to other halves, or changed") from error


def _read(private: str) -> X25519PrivateKey | None:
    text = "".join(private.split()).lower()
    if not text.startswith(PREFIX):
        return None
    letters = text.removeprefix(PREFIX).upper()
    try:
        return X25519PrivateKey.from_private_bytes(base64.b32decode(letters + "=" * (-len(letters) % 8)))
    except (binascii.Error, ValueError):
        return None
