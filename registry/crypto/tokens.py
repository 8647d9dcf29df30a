"""Signed references and digests of secrets that we hand out."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256


class SigningKey(bytes):
    """A key that signs, with earlier ones whose signatures still count."""

    earlier: tuple[bytes, ...]

    def __new__(cls, key: bytes, earlier: Iterable[bytes] = ()) -> SigningKey:
        """Of raw keys."""
        made = super().__new__(cls, key)
        made.earlier = tuple(earlier)
        return made


def digest(secret: str) -> bytes:
    """What is stored of a random secret of at least 128 bits; plain SHA-256 suffices for those."""
    return sha256(secret.encode()).digest()


def sign(key: bytes, purpose: str, payload: bytes) -> bytes:
    """A 96-bit tag over a payload for one purpose (HMAC-SHA256, truncated per RFC 2104 §5)."""
    keyed = _keyed(key).copy()
    keyed.update(purpose.encode() + b"\0" + payload)
    return keyed.digest()[:12]


@lru_cache(16)
def _keyed(key: bytes) -> hmac.HMAC:
    """Ready for any message (RFC 2104 §4): a copy costs less than half, and no thread has to give way for it."""
    return hmac.new(key, digestmod=sha256)


def signed_matches(key: bytes, purpose: str, payload: bytes, tag: bytes) -> bool:
    """Whether `tag` is ours for this payload and purpose, compared in constant time."""
    earlier = key.earlier if isinstance(key, SigningKey) else ()
    return any(hmac.compare_digest(sign(one, purpose, payload), tag) for one in (key, *earlier))
