"""The keys of a process: the master key, and what it opens."""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registry.crypto.cipher import (
    HEADER,
    Cipher,
    KeyAway,
    PersonCipher,
    RotatedCipher,
    Unreadable,
    header_of,
    open_once,
)
from registry.crypto.keystore import Keystore
from registry.crypto.stored import PostKey, Root, StoredKeys
from registry.crypto.tokens import SigningKey

__all__ = ["Keyring", "OrganisationKeys", "Unreadable"]

log = logging.getLogger(__name__)

COMPLAIN_EVERY = 10.0


class Keyring:
    """Everything derived from the master key. Made once by the composition root and passed down.

    `previous` are earlier master keys: what they sealed still opens, nothing new is sealed by them.
    """

    def __init__(
        self, master: bytes, *, previous: Sequence[bytes] = (), keystore: Keystore | None = None
    ) -> None:
        masters = [master, *previous]
        self._wrapper = RotatedCipher(
            _derive(master, b"wrap organisation keys"),
            [_derive(key, b"wrap organisation keys") for key in previous],
        )
        signing = [_derive(key, b"sign references and tokens") for key in masters]
        self._signing = SigningKey(signing[0], signing[1:])
        self._witnesses = [_derive(key, b"sign audit checkpoints") for key in masters]
        self._erasures = [_derive(key, b"name erased people") for key in masters]
        self._strangers = RotatedCipher(
            _derive(master, b"seal for strangers"), [_derive(key, b"seal for strangers") for key in previous]
        )
        self._keystore = keystore
        self._opened: dict[bytes, tuple[StoredKeys, OrganisationKeys]] = {}
        self._complained_at = -COMPLAIN_EVERY

    @property
    def signing_key(self) -> bytes:
        """For tokens and references that we hand out and get back."""
        return self._signing

    @property
    def witness_seed(self) -> bytes:
        """Of the key that signs the audit log's checkpoints."""
        return self._witnesses[0]

    @property
    def earlier_witness_seeds(self) -> list[bytes]:
        """Of the keys that signed them under previous master keys."""
        return self._witnesses[1:]

    @property
    def erasure_keys(self) -> list[bytes]:
        """For digests of people who were erased: the newest, then those under previous master keys."""
        return self._erasures

    @property
    def strangers(self) -> Cipher:
        """For what somebody tells us who belongs to no organisation, for as long as it waits to be acted on."""
        return self._strangers

    @property
    def keystore(self) -> Keystore:
        """Where key-encryption keys of posts lie. Raises KeyAway in a process that was given none."""
        if self._keystore is None:
            raise KeyAway("this process has no keystore")
        return self._keystore

    def wrap_organisation_key(self, key: bytes, organisation: bytes, use: bytes = b"") -> bytes:
        """Seal an organisation's root key, or another key of its own, by its `use`; `organisation` is its public id."""
        return self._wrapper.seal(key, b"organisation:" + organisation + use)

    def unwrap_organisation_key(self, wrapped: bytes, organisation: bytes, use: bytes = b"") -> bytes:
        """The reverse. Raises Unreadable."""
        return self._wrapper.open(wrapped, b"organisation:" + organisation + use)

    def is_newest(self, wrapped: bytes) -> bool:
        """Whether a key is sealed by the master key, and not by a previous one."""
        return wrapped[:HEADER] == self._wrapper.header

    def root(self, wrapped: bytes, organisation: bytes) -> Root:
        """An organisation's root key. Raises Unreadable."""
        return Root(self.unwrap_organisation_key(wrapped, organisation), organisation)

    def wrap_post_key(self, root: Root, post: PostKey, key: bytes) -> bytes:
        """Seal a post's key by a new key-encryption key, which is in the keystore when this returns."""
        return root.posts.seal(Cipher(self.keystore.make(post.file)).seal(key, post.row), post.row)

    def unwrap_post_key(self, root: Root, post: PostKey) -> bytes:
        """The reverse. Raises Unreadable when it was shredded, KeyAway when its file can't be read."""
        if post.wrapped is None:
            raise Unreadable("the key was shredded")
        wrapper = self.keystore.read(post.file)
        if wrapper is None:
            raise KeyAway("the key of a post can't be read in the keystore")
        return Cipher(wrapper).open(root.posts.open(post.wrapped, post.row), post.row)

    def organisation(self, stored: StoredKeys) -> OrganisationKeys:
        """The keys of an organisation, opened once for as long as what is stored stays the same. Raises Unreadable."""
        kept = self._opened.get(stored.organisation)
        if kept and kept[0] == stored:
            return kept[1]
        keys = self._open(stored)
        if keys.away:
            self._opened.pop(stored.organisation, None)
            self._complain(len(keys.away))
        else:
            self._opened[stored.organisation] = stored, keys
        return keys

    def _open(self, stored: StoredKeys) -> OrganisationKeys:
        def unwrap(wrapped: Sequence[bytes], use: bytes) -> list[bytes]:
            return [self.unwrap_organisation_key(one, stored.organisation, use) for one in wrapped]

        root = self.root(stored.root, stored.organisation)
        index = unwrap([stored.index] if stored.index else [], b"index")
        keys = OrganisationKeys(
            root,
            index[0] if index else root.index,
            unwrap(stored.earlier_own, b"own"),
            unwrap(stored.earlier_people, b"people"),
        )
        for post in stored.posts:
            if post.wrapped is None:
                continue
            try:
                keys.add_post(post, self.unwrap_post_key(root, post))
            except Unreadable:  # not final: whoever finds the right file makes it readable
                keys.away.add(header_of(post.name))
        return keys

    def _complain(self, count: int) -> None:
        if time.monotonic() - self._complained_at > COMPLAIN_EVERY:
            self._complained_at = time.monotonic()
            log.error("%d keys of posts can't be read in the keystore: their people can't be reached", count)


class OrganisationKeys:
    """The keys of one organisation: wraps person keys, makes blind indexes, seals what belongs to no person."""

    __slots__ = ("_index", "_newest", "_people", "away", "own")

    def __init__(
        self, root: Root, index: bytes, earlier_own: Sequence[bytes], earlier_people: Sequence[bytes]
    ) -> None:
        headquarters = Cipher(root.people)
        self._people = {cipher.header: cipher for cipher in (headquarters, *map(Cipher, earlier_people))}
        self._newest: dict[int | None, Cipher] = {None: headquarters}
        self.own = RotatedCipher(root.own, earlier_own)
        self._index = index
        self.away: set[bytes] = set()
        """How values begin that are sealed under a post's key which can't be read in the keystore."""

    def add_post(self, post: PostKey, key: bytes) -> None:
        """Take in a version of a post's key; later ones come later."""
        cipher = Cipher(key)
        self._people[cipher.header] = cipher
        if not post.retired:
            self._newest[post.post_id] = cipher

    @property
    def has_posts(self) -> bool:
        """Whether people can be taken in under any post's key."""
        return len(self._newest) > 1

    def has_post(self, post_id: int | None) -> bool:
        """Whether people can be taken in under this post's key; None, headquarters, always can."""
        return post_id in self._newest

    def wrap_person_key(self, key: bytes, person: bytes, post_id: int | None = None) -> bytes:
        """Seal a person's key by their post's, or by headquarters'; `person` is their public id."""
        return self._newest[post_id].seal(key, b"person:" + person)

    def is_wrapped_for(self, wrapped: bytes, post_id: int | None) -> bool:
        """Whether a person's key is sealed by the newest key of this post."""
        return wrapped[:HEADER] == self._newest[post_id].header

    def unwrap_person_key(self, wrapped: bytes, person: bytes) -> bytes:
        """A person's key; raises Unreadable once their post's key was shredded, KeyAway when it can't be read."""
        header = wrapped[:HEADER]
        cipher = self._people.get(header)
        if cipher is None:
            raise KeyAway("the post's key is away") if header in self.away else Unreadable("no such key")
        return cipher.open(wrapped, b"person:" + person)

    def person(self, wrapped: bytes, person: bytes) -> PersonCipher:
        """Open a person's key; raises as `unwrap_person_key` does."""
        return PersonCipher(self.unwrap_person_key(wrapped, person))

    def open_one(self, wrapped: bytes, person: bytes, sealed: bytes, row: bytes) -> bytes:
        """Open a single field of a person; raises as `unwrap_person_key` does, or Unreadable."""
        return open_once(self.unwrap_person_key(wrapped, person), sealed, row)

    def blind_index(self, value: str) -> bytes:
        """A keyed digest (HMAC-SHA256, first 128 bits) by which an exact value can be found and nothing else learnt."""
        return hmac.digest(self._index, value.encode(), sha256)[:16]


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, b"rollcall/" + purpose).derive(master)
