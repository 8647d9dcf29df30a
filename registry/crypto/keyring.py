"""Keys and ciphers. AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces; HKDF-SHA256 (RFC 5869) for derived keys.

A sealed value is `version (1) | key id (4) | nonce (12) | ciphertext and tag`, bound to its row by associated data.
"""

from __future__ import annotations

import hmac
import os
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
HEADER = 5
NONCE = 12


class Unreadable(Exception):  # noqa: N818
    """A sealed value can't be opened: wrong key, wrong row, or changed bytes."""


def new_key() -> bytes:
    """256 random bits."""
    return os.urandom(32)


def key_id(key: bytes) -> bytes:
    """Four bytes that name a key without telling anything about it."""
    return sha256(b"rollcall key id" + key).digest()[:4]


class Cipher:
    """Seals and opens values under one key. Keeps the AES object: making one costs more than a small decryption."""

    __slots__ = ("_aes", "_header")

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(key)
        self._header = VERSION + key_id(key)

    def seal(self, plain: bytes, row: bytes) -> bytes:
        """Encrypt for one row; `row` is its identity, needed again to open."""
        nonce = os.urandom(NONCE)
        return self._header + nonce + self._aes.encrypt(nonce, plain, row)

    def open(self, sealed: bytes, row: bytes) -> bytes:
        """Decrypt; raises Unreadable."""
        if sealed[:HEADER] != self._header:
            raise Unreadable("sealed under another key")
        try:
            return self._aes.decrypt(sealed[HEADER : HEADER + NONCE], sealed[HEADER + NONCE :], row)
        except InvalidTag as error:
            raise Unreadable("changed, or moved to another row") from error


class PersonCipher(Cipher):
    """The cipher of one person's fields."""

    def seal_text(self, text: str | None, row: bytes) -> bytes | None:
        """Encrypt a text field; None and the empty text stay None."""
        return self.seal(text.encode(), row) if text else None

    def open_text(self, sealed: bytes | None, row: bytes) -> str | None:
        """Decrypt a text field; None stays None."""
        return None if sealed is None else self.open(sealed, row).decode()


class Keyring:
    """Everything derived from the master key. Made once by the composition root and passed down."""

    def __init__(self, master: bytes) -> None:
        self._master = master
        self._wrapper = Cipher(self._derive(b"wrap organisation keys"))
        self._signing = self._derive(b"sign references and tokens")
        self._witness = self._derive(b"sign audit checkpoints")
        self.organisation = lru_cache(maxsize=4096)(self._organisation)

    def _derive(self, purpose: bytes) -> bytes:
        return HKDF(SHA256(), 32, None, b"rollcall/" + purpose).derive(self._master)

    def wrap_organisation_key(self, key: bytes, organisation: bytes) -> bytes:
        """Seal a new organisation's key; `organisation` is its public id."""
        return self._wrapper.seal(key, b"organisation:" + organisation)

    def _organisation(self, wrapped: bytes, organisation: bytes) -> OrganisationKeys:
        return OrganisationKeys(self._wrapper.open(wrapped, b"organisation:" + organisation), organisation)

    @property
    def signing_key(self) -> bytes:
        """For tokens and references that we hand out and get back."""
        return self._signing

    @property
    def witness_seed(self) -> bytes:
        """Of the key that signs the audit log's checkpoints."""
        return self._witness


class OrganisationKeys:
    """The keys of one organisation: wraps person keys, makes blind indexes, seals what belongs to no person."""

    __slots__ = ("_index", "_wrapper", "own")

    def __init__(self, key: bytes, organisation: bytes) -> None:
        def derive(purpose: bytes) -> bytes:
            return HKDF(SHA256(), 32, None, b"rollcall/" + purpose + b"/" + organisation).derive(key)

        self._wrapper = Cipher(derive(b"person keys"))
        self.own = PersonCipher(derive(b"own fields"))
        self._index = derive(b"blind index")

    def wrap_person_key(self, key: bytes, person: bytes) -> bytes:
        """Seal a person's key; `person` is their public id."""
        return self._wrapper.seal(key, b"person:" + person)

    def person(self, wrapped: bytes, person: bytes) -> PersonCipher:
        """Open a person's key; raises Unreadable."""
        return PersonCipher(self._wrapper.open(wrapped, b"person:" + person))

    def blind_index(self, value: str) -> bytes:
        """A keyed digest (HMAC-SHA256, first 128 bits) by which an exact value can be found and nothing else learnt."""
        return hmac.digest(self._index, value.encode(), sha256)[:16]
