"""What we answer to safety, a call for help and words that need no question: naming nobody, for others may read it."""

from __future__ import annotations

from datetime import UTC

from alerts.conversation import keeping, needing
from alerts.conversation.questions import unanswered
from alerts.conversation.talk import Answers, Talk
from alerts.responses.erasing import Step
from alerts.responses.models import Meaning
from alerts.responses.receiving import Received

BY_STEP = {Step.ASKED: "erase_code", Step.WRONG: "erase_wrong", Step.DONE: "erase_done"}


def acknowledge(talk: Talk, received: Received) -> Answers:
    """The answers to what was received, and the next question; none to a repeat, or to what may be a machine."""
    if received.repeated or received.talkative or received.again:
        return []
    if received.step is not None:
        if received.step is Step.DONE:
            talk.end()
        return [talk.say(BY_STEP[received.step], code=received.code or "")]
    if received.stays:
        return [talk.say("stays")]
    if received.meaning is Meaning.HELP:
        return [talk.say("help"), *(needing.begin(talk, received.cases) if received.cases else [])]
    if received.meaning is Meaning.SAFE:
        return [talk.say("safe"), *_other_alert(talk)]
    if received.meaning is Meaning.START:
        return [talk.say("start_again", place=keeping.where(talk))]
    if received.meaning is Meaning.STOP:
        talk.end()
        return [talk.say("stop")]
    return [talk.say("picture" if talk.inbound.media and not talk.given else "other")]


def _other_alert(talk: Talk) -> Answers:
    """Ask about another alert in force, so that an answer to the one is never taken for the other's."""
    found = unanswered(talk.session, talk.numbers, talk.recent)
    if not found:
        if talk.dialogue and talk.dialogue.step == "alert":
            talk.end()
        return []
    time = f"{max(one.put_at for one in found).astimezone(UTC):%H:%M}"
    alerts = {str(one.person_id): one.alert_id for one in found}
    return talk.ask("alert", talk.say("other_alert", time=time), alerts=alerts)
