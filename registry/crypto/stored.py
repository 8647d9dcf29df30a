"""An organisation's keys as they are stored. HKDF-SHA256 (RFC 5869) derives keys from its root, each for one use.

The root key is sealed by the master key. What the root seals is sealed anew when it is rotated; the index key stays,
for a digest can't be made anew without the address it was made of.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registry.crypto.cipher import Cipher


@dataclass(frozen=True, slots=True)
class PostKey:
    """A version of a post's key as it is stored."""

    post_id: int
    post: uuid.UUID
    name: bytes
    """Its key id, by which values sealed under it are known."""
    wrapped: bytes | None
    """Sealed by its file in the keystore, and that by the organisation's root key; None once it was shredded."""
    retired: bool

    @property
    def file(self) -> str:
        """The name of its key-encryption key in the keystore."""
        return f"{self.post}.{self.name.hex()}"

    @property
    def row(self) -> bytes:
        """Associated data of its sealed forms."""
        return b"post:" + self.post.bytes + self.name


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """All that is stored of an organisation's keys; all but the posts' sealed by the master key."""

    organisation: bytes
    """Its public id."""
    root: bytes
    index: bytes | None = None
    """None as long as the root was never rotated: then it is derived from it."""
    earlier_own: tuple[bytes, ...] = ()
    earlier_people: tuple[bytes, ...] = ()
    posts: tuple[PostKey, ...] = ()


class Root:
    """An organisation's root key and what is derived from it."""

    __slots__ = ("index", "own", "people", "posts")

    def __init__(self, key: bytes, organisation: bytes) -> None:
        def derive(purpose: bytes) -> bytes:
            return HKDF(SHA256(), 32, None, b"rollcall/" + purpose + b"/" + organisation).derive(key)

        self.people = derive(b"person keys")
        self.own = derive(b"own fields")
        self.index = derive(b"blind index")
        self.posts = Cipher(derive(b"post keys"))
