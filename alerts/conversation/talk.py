"""One message's turn in the conversation: who writes, what was asked before, and what is asked next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from alerts.conversation import state
from alerts.conversation.models import Dialogue
from alerts.conversation.texts import listed, say
from alerts.delivery.partitions import lately_sent
from alerts.responses.holders import Holder
from alerts.responses.meanings import understand
from alerts.responses.models import Meaning
from alerts.responses.storing import Inbound
from registry.crypto import Keyring
from registry.places import country_name, subdivisions
from registry.spelling import words

Answers = list[str]
"""What we say next: each text is one segment."""


@dataclass(slots=True)
class Talk:
    """Everything a step of the conversation needs. `people` are the sender's records; a stranger has none."""

    session: Session
    keyring: Keyring
    inbound: Inbound
    digest: bytes
    dialogue: Dialogue | None
    people: Sequence[Holder]
    language: str
    """Of our answers."""
    sure: bool = False
    """The message itself tells its language."""
    given: tuple[str, ...] = field(init=False)
    """The message in plain words."""
    meaning: Meaning = field(init=False)
    """Of the message by itself, whatever was asked before."""
    _recent: list[int] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.given = words(self.inbound.text)
        self.meaning = self.inbound.meaning or understand(self.inbound.text)

    @property
    def numbers(self) -> list[int]:
        """Of the sender's records."""
        return [one.person.id for one in self.people]

    @property
    def teller(self) -> int | None:
        """Of the sender's first record, as whoever tells something of somebody else; None of a stranger."""
        return next(iter(self.numbers), None)

    @property
    def recent(self) -> list[int]:
        """The alerts that may have asked the sender something; looked up once."""
        if self._recent is None:
            self._recent = lately_sent(self.session, self.numbers)
        return self._recent

    @property
    def data(self) -> dict[str, Any]:
        """What was noted with the question that waits."""
        return self.dialogue.data if self.dialogue else {}

    @property
    def certain(self) -> bool:
        """The language need not be asked for."""
        return self.sure or bool(self.data.get("certain"))

    @property
    def plea(self) -> bool:
        """A stranger has called for help."""
        return bool(self.data.get("plea"))

    def say(self, key: str, **values: str) -> str:
        """A text in the sender's language."""
        return say(self.language, key, **values)

    def ask(self, step: str, question: str, **data: Any) -> Answers:
        """Put a question, and wait for its answer at `step`."""
        state.ask(self.session, self.digest, step, self.language, self.inbound.provider_id, data)
        return [question]

    def choose(self, step: str, head: str, names: Sequence[str], **data: Any) -> Answers:
        """Ask to choose one of some names by its number; `data` holds what the numbers stand for."""
        choices = [(str(number), name) for number, name in enumerate(names, 1)]
        question, shown = listed(self.language, head, choices, more=False)
        return self.ask(step, question, shown=shown, **data)

    def end(self) -> None:
        """Nothing more is asked."""
        state.end(self.session, self.digest)

    def place(self, country: str, subdivision: str | None = None) -> str:
        """What a place is called: its area first, and the country in the sender's language."""
        area = subdivisions(country).get(subdivision or "")
        name = country_name(country, self.language)
        return f"{area}, {name}" if area else name
