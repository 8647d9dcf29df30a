"""Mail bodies in seven bits, encoded once, with room for each recipient's own address (RFC 2045)."""

from __future__ import annotations

import binascii
import quopri

from alerts.channels.base import UNSUBSCRIBE

_LINE = 76
_SOFT = b"=\r\n"  # a line end that quoted-printable takes back


class Part:
    """A text ready for a mail's body. `encoding` is its Content-Transfer-Encoding.

    Quoted-printable where most is ASCII, as spam filters and people with a raw view like it; base64 else.
    """

    def __init__(self, text: str) -> None:
        text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
        self._texts = text.split(UNSUBSCRIBE)
        self._pieces = [_quote(piece.encode()) for piece in self._texts]
        short = sum(map(len, self._pieces)) <= 4 / 3 * len(text.encode())
        self.encoding = "quoted-printable" if short else "base64"
        self._fixed = None if len(self._texts) > 1 else self._fill("")

    def fill(self, address: str) -> bytes:
        """The encoded body with `address` in each place held for it. Lines of 76 at most, ended by CRLF."""
        return self._fixed if self._fixed is not None else self._fill(address)

    def _fill(self, address: str) -> bytes:
        if self.encoding == "base64":
            return _base64(address.join(self._texts).replace("\n", "\r\n").encode())
        between = _SOFT + _quote(address.encode()) + _SOFT
        return between.join(self._pieces)


def _quote(piece: bytes) -> bytes:
    """Quoted-printable, its last line short enough for a soft line end to follow."""
    quoted = quopri.encodestring(piece).replace(b"\n", b"\r\n")
    start = quoted.rfind(b"\r\n") + 2 if b"\r\n" in quoted else 0
    if len(quoted) - start < _LINE:
        return quoted
    cut = start + _LINE // 2
    while b"=" in quoted[cut - 2 : cut]:  # not within an =XX
        cut -= 1
    return quoted[:cut] + _SOFT + quoted[cut:]


def _base64(body: bytes) -> bytes:
    line = binascii.b2a_base64(body, newline=False)
    return b"".join(line[at : at + _LINE] + b"\r\n" for at in range(0, len(line), _LINE))
