"""Envelope encryption: master → organisation → post → person → fields; look-up by keyed blind index."""

from registry.crypto.cipher import KeyAway, PersonCipher, Unreadable, new_key
from registry.crypto.keyring import Keyring
from registry.crypto.keystore import Keystore
from registry.crypto.tokens import digest, sign, signed_matches

__all__ = [
    "KeyAway",
    "Keyring",
    "Keystore",
    "PersonCipher",
    "Unreadable",
    "digest",
    "new_key",
    "sign",
    "signed_matches",
]
