"""What a password of an officer must not be (NIST SP 800-63B-4 §3.1.1.2; OWASP ASVS 5.0 §6.2)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from registry.errors import Invalid
from registry.passwords.common import is_common

SHORTEST, LONGEST = 12, 128
ENOUGH = 8
"""Letters that must remain of a password once the words of its surroundings are taken out."""
LEAST = 4
"""Letters of such a word; shorter ones stand within any word."""
CONTEXT = ("rollcall", "consulate", "consular", "embassy", "mission", "ministry", "foreign", "affairs", "alert",
           "crisis", "officer", "password", "passwort", "welcome", "admin", "login", "secret")  # fmt: skip
"""Words that suggest themselves at such a desk, beside the names of the officer, the organisation and the post."""
DISGUISES = str.maketrans("013457@$!", "oieastasi")
"""What stands for letters where somebody thinks that it hides them."""


def check_password(password: str, names: Iterable[str] = ()) -> None:
    """Raise Invalid for the field "password" unless it may be chosen; `names` are those of its surroundings."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid.one("password", "length", f"must have {SHORTEST} to {LONGEST} characters")
    if is_common(password):
        raise Invalid.one(
            "password", "common", "is one of those that are tried first everywhere; choose another"
        )
    if _is_of_its_surroundings(password, names):
        raise Invalid.one(
            "password",
            "guessable",
            "must not be made of your name, your address, your service or words like “consulate”",
        )


def _is_of_its_surroundings(password: str, names: Iterable[str]) -> bool:
    found = {word for name in names for word in re.findall(r"[^\W\d_]+", _plain(name))}
    words = sorted({*found, *CONTEXT}, key=len, reverse=True)
    for given in (_plain(password), _plain(password).translate(DISGUISES)):
        left = given
        for word in words:
            if len(word) >= LEAST:
                left = left.replace(word, " ")
        if left != given and sum(char.isalpha() for char in left) < ENOUGH:
            return True
    return False


def _plain(text: str) -> str:
    """In lower case and without accents."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in apart if not unicodedata.combining(char))
