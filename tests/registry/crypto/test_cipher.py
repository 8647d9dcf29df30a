from __future__ import annotations

import pytest

from registry.crypto.cipher import HEADER, Cipher, RotatedCipher, Unreadable


def test_a_sealed_value_names_its_algorithm_and_its_key() -> None:
    earlier, newest = bytes(32), bytes(31) + b"\1"
    cipher = RotatedCipher(newest, [earlier])
    old, new = Cipher(earlier).seal(b"plain", b"row"), cipher.seal(b"plain", b"row")
    assert old[:1] == new[:1] == b"\1"
    assert old[1:HEADER] != new[1:HEADER]
    assert cipher.open(old, b"row") == cipher.open(new, b"row") == b"plain"
    for wrong in (b"\2" + new[1:], b"\2" + old[1:], b"", new[:-1]):
        with pytest.raises(Unreadable):
            cipher.open(wrong, b"row")
    with pytest.raises(Unreadable):
        cipher.open(new, b"another row")
