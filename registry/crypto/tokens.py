"""Signed references and digests of secrets that we hand out."""

from __future__ import annotations

import hmac
from hashlib import sha256


def digest(secret: str) -> bytes:
    """What is stored of a random secret of at least 128 bits; plain SHA-256 suffices for those."""
    return sha256(secret.encode()).digest()


def sign(key: bytes, purpose: str, payload: bytes) -> bytes:
    """A 96-bit tag over a payload for one purpose (HMAC-SHA256, truncated per RFC 2104 §5)."""
    return hmac.digest(key, purpose.encode() + b"\0" + payload, sha256)[:12]


def signed_matches(key: bytes, purpose: str, payload: bytes, tag: bytes) -> bool:
    """Whether `tag` is ours for this payload and purpose, compared in constant time."""
    return hmac.compare_digest(sign(key, purpose, payload), tag)
