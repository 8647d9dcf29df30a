"""A provider in this process, for what no server can be made to do at the right moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from alerts.channels.base import Answer, Message, Outcome, Question, Result


@dataclass
class Provider:
    """A provider that answers as told, and remembers what it was handed."""

    name: str = "sms"
    provider: str = "scripted"
    outcome: Callable[[int], Outcome] = lambda _: Outcome.ACCEPTED
    taken: bool | None = False
    unreachable: bool = False
    after: Callable[[int], object] = lambda _: None
    """Called with how many messages were handed over so far."""
    asked: Callable[[], object] = lambda: None
    seen: Callable[[Message], object] = lambda _: None
    handed: list[int] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    """What it was handed, or asked about."""

    def send(self, messages: Iterable[Message]) -> Iterator[Result]:
        for message in messages:
            self.handed.append(message.key)
            self.words.add(message.content.text)
            self.seen(message)
            result = Result(message.key, self.outcome(len(self.handed)))
            self.after(len(self.handed))
            yield result
            if result.outcome is Outcome.US:
                return

    def ask(self, questions: Sequence[Question]) -> Iterator[Answer]:
        self.asked()
        for question in questions:
            self.words.add(question.text)
            yield Answer(question.key, self.taken, unreachable=self.unreachable)

    def close(self) -> None:
        pass
