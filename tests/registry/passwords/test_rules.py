from __future__ import annotations

import pytest

from registry.errors import Invalid
from registry.passwords.making import make_filter
from registry.passwords.rules import check_password

NAMES = ["Consulate of Freedonia", "Rufus Firefly", "rufus.firefly@example.org", "Zürich"]


def why(password: str) -> str | None:
    try:
        check_password(password, NAMES)
    except Invalid as error:
        return error.errors[0].code
    return None


@pytest.mark.parametrize(
    ("code", "passwords"),
    [
        ("length", ["", "eleven chars"[:11], "x" * 129]),
        ("common", ["123456789012", "qwertyuiop123", "PASSWORD1234", "ｐassword1234", "iloveyou1234", "1q2w3e4r5t6y"]),
        (
            "guessable",
            ["Freedonia2026!", "fr33d0n1a-fr33d0n1a", "Rufus-Firefly-77", "zurich zurich",
             "ROLLCALL 0000 1", "EmbassyEmbassy99"],
        ),
        (None, ["correct horse battery staple", "freedonia horse staple", "8675309 4242 1717",
                "كلمة سر طويلة جدا", "x" * 100]),
    ],
)  # fmt: skip
def test_what_may_be_chosen(code: str | None, passwords: list[str]) -> None:
    assert {password: why(password) for password in passwords} == dict.fromkeys(passwords, code)


def test_a_filter_is_made_of_what_our_rule_of_length_lets_through() -> None:
    made = make_filter(["longer than eleven", "LONGER than eleven", "too short"])
    assert len(made) == 2, "13 bits for each"
    assert 0 < sum(byte.bit_count() for byte in made) <= 9
