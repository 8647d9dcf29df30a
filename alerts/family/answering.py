"""What an emergency contact answers: kept as told by them, and never in the place of the person's own word."""

from __future__ import annotations

from alerts.conversation.commands import is_yes, number_in
from alerts.conversation.speaking import note
from alerts.conversation.talk import Answers, Talk
from alerts.family.asking import STEP
from alerts.family.models import Kin, KinWord
from alerts.responses.models import Meaning, ToldBy
from alerts.responses.services import Word

MOST = 20
"""Messages about one question that are kept."""
MEANINGS = {KinWord.SAFE: Meaning.SAFE, KinWord.HELP: Meaning.HELP, KinWord.UNKNOWN: Meaning.ANSWER}


def answer(talk: Talk) -> Answers | None:
    """Take in what they say. Words that are no answer go to an officer; those of somebody registered stay their own.

    What they write later counts as well: it may have changed.
    """
    kin = talk.session.get(Kin, talk.data["kin"])
    count = int(talk.data["answered"])
    if kin is None or count >= MOST:
        return [] if kin else None
    word = _word(talk)
    if word is None and talk.people:
        return None
    meaning = MEANINGS[word] if word else Meaning.OTHER
    note(talk, kin.person, meaning, Word(ToldBy.KIN, talk.teller), kin.asked_about_id)
    kin.answer = word or kin.answer
    talk.ask(STEP, "", kin=kin.id, answered=count + 1)
    return [talk.say("kin_thanks")] if word or not count else []


def _word(talk: Talk) -> KinWord | None:
    if number_in(talk.given) == 0:
        return KinWord.UNKNOWN
    if talk.meaning is Meaning.HELP:
        return KinWord.HELP
    return KinWord.SAFE if talk.meaning is Meaning.SAFE or is_yes(talk.given) else None
