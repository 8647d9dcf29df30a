"""Whole conversations, as people in twelve languages hold them, through the real webhook. Each file tells one.

`>` what they write, `<` what we answer (the name of a text, or its beginning), `-` silence, `=` what is noted by then,
`!` what happens meanwhile, `again` the last message once more.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from alerts.conversation.texts import LANGUAGES, book
from alerts.responses.cases import read_words
from alerts.responses.models import Case, CheckIn, Reply
from registry.crypto import Keyring
from registry.database import Session, scoped, unscoped
from registry.people.models import ContactPoint, Person, Stay
from tests.alerts.responses.making import PHONE, House, make_alert, make_house, make_person
from tests.alerts.twilio import Twilio

FILES = sorted((Path(__file__).parent / "conversations").glob("*.txt"))


@dataclass
class Phone:
    """A phone whose conversation is tried."""

    twilio: Twilio
    house: House
    language: str = "en"
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    answers: list[str] = field(default_factory=list)
    last: tuple[str, str] = ("", "")

    def write(self, text: str) -> None:
        assert self.answers == [], "an answer that the conversation doesn't expect"
        self.last = text, f"SM{next(self.numbers)}"
        self.answers = self.twilio.answers(*self.last)

    def hears(self, wanted: str) -> None:
        key, _, language = wanted.partition(" ")
        texts = book(language if language in LANGUAGES else self.language).texts
        beginning = texts[key].partition("{")[0] if key in texts else wanted
        assert self.answers, f"no answer, where {beginning!r} was expected"
        assert self.answers.pop(0).startswith(beginning)

    def happens(self, what: str) -> None:
        with scoped(self.house.id) as session:
            if what == "alert":
                make_alert(session, self.house, *session.scalars(select(Person)), approved=datetime.now(UTC))
            else:
                _, language, country = what.split()
                make_person(session, self.house, language=language, stays=[{"country": country}])

    def is_noted(self, fact: str) -> None:
        name, _, value = fact.partition(" ")
        with scoped(self.house.id) as session:
            assert FACTS[name](session, self.house, value) == value, fact


def noted_stay(session: Session, *_: object) -> str:
    [stay] = session.scalars(select(Stay))
    return " ".join(filter(None, (stay.country, stay.subdivision)))


def noted_safety(session: Session, _house: House, value: str) -> str:
    alert = int(value.rpartition(" ")[2]) if " on " in value else None
    query = select(CheckIn).order_by(CheckIn.alert_id.desc())
    row = session.scalars(query.where(CheckIn.alert_id == alert) if alert else query).first()
    return f"{row.safety.value}{f' on {alert}' if alert else ''}" if row else "none"


def case_of(session: Session) -> Case:
    return session.scalars(select(Case).order_by(Case.id.desc())).first() or pytest.fail("no case")


FACTS = {
    "stay": noted_stay,
    "safety": noted_safety,
    "language": lambda session, *_: session.scalars(select(Person.language)).one(),
    "family": lambda session, *_: "yes" if session.scalars(select(Person.tell_family)).one() else "no",
    "contact": lambda session, *_: session.scalars(select(ContactPoint.state)).one().value,
    "needs": lambda session, *_: " ".join(case_of(session).needs),
    "reach": lambda session, *_: str(case_of(session).reach_by),
    "words": lambda session, house, _: read_words(house.vault, case_of(session)),
    "unread": lambda session, *_: str(session.scalar(select(func.count()).where(Reply.needs_reading))),
    "nobody": lambda session, *_: "" if not session.scalars(select(Person)).all() else "somebody",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_conversation(path: Path, twilio: Twilio, keyring: Keyring) -> None:
    with unscoped() as session:
        house = make_house(session, keyring)
    phone = Phone(twilio, house, path.stem if path.stem in LANGUAGES else "en")
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        mark, _, rest = line.partition(" ")
        try:
            match mark:
                case ">":
                    phone.write(rest)
                case "<":
                    phone.hears(rest)
                case "-":
                    assert phone.answers == []
                case "=":
                    phone.is_noted(rest)
                case "!":
                    phone.happens(rest)
                case "again":
                    phone.answers = twilio.answers(*phone.last)
        except AssertionError as error:
            error.add_note(f"{path.name}:{number}: {line}")
            raise
    assert phone.answers == []


def test_every_language_has_a_conversation() -> None:
    assert set(LANGUAGES) <= {path.stem for path in FILES}
    assert PHONE
