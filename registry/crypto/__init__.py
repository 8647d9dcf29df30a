"""Envelope encryption: master key → organisation key → person key → fields; look-up by keyed blind index."""

from registry.crypto.keyring import Keyring, PersonCipher, new_key
from registry.crypto.tokens import digest, sign, signed_matches

__all__ = ["Keyring", "PersonCipher", "digest", "new_key", "sign", "signed_matches"]
