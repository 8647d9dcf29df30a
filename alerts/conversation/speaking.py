"""Speaking for somebody else, or for oneself from another phone: "1 K7M2-Q9TX". Kept as told by whoever said it."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from alerts.conversation.commands import REFERENCE
from alerts.conversation.talk import Answers, Talk
from alerts.responses.holders import latest_alerts
from alerts.responses.meanings import understand
from alerts.responses.models import Meaning, Reply, Safety, ToldBy
from alerts.responses.services import Word, ask_for_help, check_in
from alerts.responses.storing import TEXT_LIMIT, seal_reply
from registry.crypto import Unreadable
from registry.custody.opening import keys_of
from registry.organisations.models import Organisation
from registry.people.models import Person
from registry.people.vault import Vault

MOST = 5
"""Statements for others that a number without a record may make in a day."""


def speak_for(talk: Talk, reference: str) -> Answers | None:
    """Note what the sender says of somebody. The answer is the same whether there is such a person or not.

    None where the message says neither safe nor help.
    """
    meaning = understand(REFERENCE.sub(" ", talk.inbound.text.upper()))
    if meaning not in (Meaning.SAFE, Meaning.HELP):
        return None
    tell_of(talk, reference, meaning)
    return [talk.say("told", reference=reference)]


def tell_of(talk: Talk, reference: str, meaning: Meaning) -> None:
    """Note that whoever has this reference is safe or needs help; nothing where nobody has it."""
    query = select(Person).options(joinedload(Person.key)).where(Person.reference == reference)
    for person in talk.session.scalars(query):
        alert_id = latest_alerts(talk.session, [person.id]).get(person.id)
        note(talk, person, meaning, _word(talk), alert_id)


def _word(talk: Talk) -> Word:
    return Word(ToldBy.REGISTERED if talk.people else ToldBy.STRANGER, talk.teller)


def note(talk: Talk, person: Person, meaning: Meaning, word: Word, alert_id: int | None) -> None:
    """Keep what the sender says of somebody else, and state it for an alert where it says how they are.

    A call for help, and words that say neither, wait in the inbox.
    """
    session, case = talk.session, None
    safety = Safety(meaning.value) if meaning in (Meaning.SAFE, Meaning.HELP) else None
    if alert_id is not None and safety is not None:
        case = check_in(session, person, alert_id, safety, talk.inbound.via, word)
    elif safety is Safety.HELP:
        case = ask_for_help(session, person, None, word)
    sealed = None
    with suppress(Unreadable):
        organisation = session.get_one(Organisation, person.organisation_id)
        vault = Vault(organisation, keys_of(talk.keyring, organisation))
        sealed = seal_reply(vault, person, talk.inbound.text[:TEXT_LIMIT])
    session.add(
        Reply(
            organisation_id=person.organisation_id,
            person_id=person.id,
            alert_id=alert_id,
            provider_id=talk.inbound.provider_id,
            sealed_text=sealed,
            meaning=meaning,
            via=talk.inbound.via,
            needs_reading=meaning in (Meaning.HELP, Meaning.OTHER),
            case_id=case.id if case else None,
            told_by=word.told_by,
        )
    )
    session.flush()
