"""Every message that comes in ends here, whatever way it took: what it means, what is done, what is answered.

A word that ends messages, or that calls for help, is heard before all else; then our own keywords; then the answer to
the question last put to this number; then what an alert asked. What is left goes to an officer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from alerts.conversation import joining, keeping, needing, state
from alerts.conversation.acknowledging import acknowledge
from alerts.conversation.commands import Command, command_in, is_yes, language_of, reference_in
from alerts.conversation.informing import inform
from alerts.conversation.models import Dialogue
from alerts.conversation.questions import put_since
from alerts.conversation.speaking import MOST, speak_for
from alerts.conversation.talk import Answers, Talk
from alerts.conversation.texts import is_echo, spoken
from alerts.family.answering import answer as answer_about
from alerts.family.asking import STEP as ABOUT_ANOTHER
from alerts.family.deciding import NO, YES, decide_by_message
from alerts.family.household import answer_for, answer_for_all, named_alone
from alerts.family.kin import stop_asking
from alerts.responses import duress
from alerts.responses.erasing import Step
from alerts.responses.holders import holders_of
from alerts.responses.models import Meaning
from alerts.responses.receiving import receive
from alerts.responses.storing import Inbound, keep
from registry.crypto import Keyring

MISSES = 3
"""Answers in a row that we don't understand from a number without a record, after which we say no more."""

JOINING: dict[str, Callable[[Talk], Answers | None]] = {
    "country": joining.country,
    "organisation": joining.organisation,
    "language": keeping.language,
}
KEEPING: dict[str, Callable[[Talk], Answers | None]] = {
    "moving": keeping.moving,
    "area": keeping.area,
    "language": keeping.language,
    "family": keeping.family,
    "needs": needing.needs,
    "reach": needing.reach,
    "consent": needing.consents,
    ABOUT_ANOTHER: answer_about,
}
IN_PAIRS = frozenset({"needs", "reach", "consent"})
"""Steps whose answers have two digits, so that no alert's answer is taken for one."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a message."""

    answers: tuple[str, ...]
    """Each one SMS; none where silence is better: to a repeat, or to what may be a machine."""
    language: str
    meaning: Meaning
    known: bool = True
    """Somebody is registered by this address."""
    erased: bool = False
    """They are not any more: nothing of this message may be kept."""
    repeated: bool = False
    """It had come before."""


def hear(session: Session, keyring: Keyring, inbound: Inbound) -> Heard:
    """Take in a message, do what it says, and say what to answer.

    Takes an unscoped session and widens its scope to all organisations for the rest of the transaction.
    """
    digest = state.digest_of(keyring, inbound.address)
    people = holders_of(session, keyring, inbound.address)
    dialogue = state.find(session, digest)
    sure = None
    if people:
        language = spoken(people[0].person.language)
    elif inbound.via != "sms":
        return Heard((), "en", Meaning.OTHER, known=False)
    else:
        settled = dialogue.language if dialogue and dialogue.data.get("certain") else None
        sure = None if settled else language_of(inbound.text)
        language = settled or sure or (dialogue.language if dialogue else "en")
    talk = Talk(session, keyring, inbound, digest, dialogue, people, language, bool(sure))
    if talk.meaning is Meaning.STOP and inbound.via == "sms":  # nor is one asked after others any more
        stop_asking(session, keyring, inbound.address)
    return _known(talk) if people else _stranger(talk)


def _known(talk: Talk) -> Heard:
    inbound, meaning = talk.inbound, talk.meaning
    if any(duress.is_said(one.vault, one.person, inbound.text) for one in talk.people):
        return _base(talk)
    answering = bool(talk.dialogue and talk.dialogue.step == "family" and is_yes(talk.given))
    if meaning in (Meaning.STOP, Meaning.START, Meaning.ERASE) and not answering:
        return _base(talk)
    if is_echo(inbound.text):
        return _kept(talk, list) or _base(talk)
    reference = reference_in(inbound.text)
    if reference and reference not in {one.person.reference for one in talk.people}:
        return _kept(talk, lambda: speak_for(talk, reference)) or _base(talk)
    command = command_in(inbound.text)
    if command and command.name != "join":
        return _kept(talk, lambda: _obey(talk, command)) or _base(talk)
    if talk.given in (YES, NO):
        decided = _kept(talk, lambda: decide_by_message(talk))
        if decided is not None:
            return decided
    if named := named_alone(talk):
        return _kept(talk, lambda: answer_for(talk, named)) or _base(talk)
    step = talk.dialogue.step if talk.dialogue else ""
    plea = meaning is Meaning.HELP and not talk.given[0].isdecimal()
    if step in KEEPING and not plea and not _overtaken(talk, step):
        return _kept(talk, lambda: KEEPING[step](talk)) or _base(talk)
    return _base(talk)


def _kept(talk: Talk, act: Callable[[], Answers | None]) -> Heard | None:
    """Do what a message says, once, and keep the message; None, and nothing is kept, where it says nothing to us."""
    with talk.session.begin_nested() as attempt:
        numbers = [
            keep(talk.session, one, talk.inbound, Meaning.ANSWER, None, needs_reading=False)
            for one in talk.people
        ]
        answers: Answers | None = [] if None in numbers else act()
        if answers is None:
            attempt.rollback()
    if answers is None:
        return None
    return Heard(tuple(answers), talk.language, Meaning.ANSWER, repeated=None in numbers)


def _overtaken(talk: Talk, step: str) -> bool:
    """Whether a 1 or 2 answers an alert that came after our question."""
    if talk.dialogue is None or step in IN_PAIRS or talk.given[:1] not in (("1",), ("2",)):
        return False
    return put_since(talk.session, talk.numbers, talk.recent, talk.dialogue.asked_at)


def _base(talk: Talk) -> Heard:
    """What an alert asked, or a word that needs no question."""
    about: dict[int, int] = {}
    asked = talk.dialogue if talk.dialogue and talk.dialogue.step == "alert" else None
    if asked and not put_since(talk.session, talk.numbers, talk.recent, asked.asked_at):
        about = {int(person): alert for person, alert in asked.data["alerts"].items()}
    inbound = replace(talk.inbound, meaning=talk.meaning)
    received = receive(talk.session, talk.keyring, inbound, talk.people, about, talk.recent)
    answers = acknowledge(talk, received)
    if answers and not received.repeated:
        answers[1:1] = answer_for_all(talk)  # before a question, which stands last
    erased = received.step is Step.DONE
    return Heard(tuple(answers), talk.language, received.meaning, erased=erased, repeated=received.repeated)


def _stranger(talk: Talk) -> Heard:
    answers = _answer_stranger(talk)
    return Heard(tuple(answers), talk.language, talk.meaning, known=bool(talk.people))


def _answer_stranger(talk: Talk) -> Answers:
    dialogue, text, meaning = talk.dialogue, talk.inbound.text, talk.meaning
    if meaning is Meaning.STOP:
        talk.end()
        return []
    if is_echo(text) or (dialogue is not None and dialogue.last_id == talk.inbound.provider_id):
        return []
    reference = reference_in(text)
    if reference:
        return _told_by_stranger(talk, reference)
    command = command_in(text)
    if command and command.name in ("info", "language"):
        return _obey(talk, command)
    if dialogue is not None and dialogue.step == ABOUT_ANOTHER and (not command or command.name != "join"):
        return answer_about(talk) or []
    plea = meaning is Meaning.HELP and not talk.plea and (dialogue is None or talk.given[:1] != ("2",))
    if dialogue is None or dialogue.step not in JOINING or plea:
        return joining.begin(talk, plea=plea)
    return _answer_or_miss(talk, dialogue)


def _answer_or_miss(talk: Talk, dialogue: Dialogue) -> Answers:
    if dialogue.misses >= MISSES:
        return []
    greeting = command_in(talk.inbound.text)  # which may sound like a place: السلام is near to Solomon
    answers = None if greeting and greeting.name == "join" else JOINING[dialogue.step](talk)
    if answers is not None:
        return answers
    dialogue.misses += 1
    dialogue.last_id = talk.inbound.provider_id
    talk.session.flush()
    if dialogue.misses == MISSES:
        return []
    return [talk.say("country_again" if dialogue.misses > 1 else "join_country")]


def _told_by_stranger(talk: Talk, reference: str) -> Answers:
    count = int(talk.data.get("told", 0))
    if count >= MOST:
        return []
    answers = speak_for(talk, reference) or [talk.say("other")]
    talk.ask("told", "", told=count + 1)
    return answers


def _obey(talk: Talk, command: Command) -> Answers:
    if command.name == "move":
        return keeping.begin_moving(talk, command.rest)
    if command.name == "language":
        return keeping.begin_language(talk, command.rest)
    if command.language and not talk.people:
        talk.language = command.language
    return inform(talk, command.rest)
