"""What happens when a message comes in from a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from alerts.responses import duress
from alerts.responses.erasing import Step, Waiting, erase_everywhere
from alerts.responses.holders import Holder, holders_of, latest_alerts
from alerts.responses.meanings import code_in, understand
from alerts.responses.models import Case, Meaning, Reply, Safety
from alerts.responses.services import OWN, Word, ask_for_help, check_in
from alerts.responses.storing import Inbound, keep
from registry.audit.services import person as own_record
from registry.audit.services import record
from registry.crypto import Keyring
from registry.people import presence
from registry.people.models import Person
from registry.people.services import opt_in, opt_out
from registry.spelling import words

TALKATIVE = 6
"""Messages from one person in ten minutes that say nothing to us, after which they are still taken in but no longer
answered."""
CHATTY = 30
"""Messages in ten minutes of whatever kind, after which the same holds: a conversation has fewer."""
WORDY = 4
"""Words from which on a person reads also what we have understood."""

ACTS = {Meaning.STOP: "contact.opt_out", Meaning.START: "contact.opt_in"}
"""What the audit calls them."""


@dataclass(frozen=True, slots=True)
class Received:
    """How a message was understood; `language` is None when nobody registered has this number."""

    meaning: Meaning
    language: str | None
    step: Step | None = None
    """How far the sender is with being erased."""
    code: str | None = None
    """What they must send back for it."""
    stays: bool = False
    """They were asked whether to stay registered, and this is the answer."""
    repeated: bool = False
    """It had come before, so nothing was done."""
    talkative: bool = False
    """So many messages have come from this person lately that a machine may be answering us."""
    again: bool = False
    """It wasn't understood, and neither was another within the hour, which got its answer."""
    cases: tuple[Case, ...] = ()
    """Opened by it, or gone on with; not those that nothing may speak of."""


def receive(
    session: Session,
    keyring: Keyring,
    inbound: Inbound,
    holders: Sequence[Holder] | None = None,
    about: Mapping[int, int] | None = None,
    recent: Sequence[int] | None = None,
) -> Received:
    """Take in a message, for every organisation that holds its sender's number.

    Widens the session's scope to all organisations for the rest of the transaction. STOP and START hold for all
    of them, and so does being erased; safety and help for the latest alert that each sent to this person, or the one
    that `about` names by the person's number, and a call for help without any alert opens a case with each. The same
    `provider_id` twice does nothing the second time. `holders` is from `holders_of`, and `recent` from `lately_sent`,
    where that was asked already.
    """
    meaning = inbound.meaning or understand(inbound.text)
    if holders is None:
        holders = holders_of(session, keyring, inbound.address)
    if not holders:
        return Received(meaning, None)
    first = holders[0].person
    secret = {one.person.id for one in holders if duress.is_said(one.vault, one.person, inbound.text)}
    if secret:
        meaning = Meaning.SAFE
    waiting = None
    if meaning is Meaning.ERASE or (meaning is Meaning.OTHER and code_in(inbound.text)):
        waiting = Waiting.of(session, keyring, first)
        if waiting.requests:
            meaning = Meaning.ERASE
    alerts = latest_alerts(session, [one.person.id for one in holders], recent) | dict(about or {})
    fresh = []
    for one in holders:
        alert_id = alerts.get(one.person.id)
        reading = one.person.id in secret or _needs_reading(meaning, inbound.text, alert_id)
        number = keep(session, one, inbound, meaning, alert_id, needs_reading=reading)
        if number is not None:
            fresh.append((one, number))
    acting = _Acting(session, meaning, alerts, inbound.via, secret)
    for one, number in fresh:
        acting.act(one, number)
    asked = any(one.person.asked_to_stay_at for one, _ in fresh)
    presence.seen(session, *(one.person.id for one, _ in fresh))
    if meaning in ACTS:
        for one, _ in fresh:
            actor = own_record(one.vault.organisation.id)
            record(session, actor, ACTS[meaning], one.person.public_id, {"via": inbound.via})
    lately = session.execute(_LATELY, {"person": first.id}).one()
    step = code = None
    if waiting and meaning is Meaning.ERASE and fresh:
        step, code = waiting.answer(inbound.text, inbound.provider_id)
        if step is Step.DONE:
            erase_everywhere(session, [one.person for one, _ in fresh], inbound.via)
    return Received(
        meaning,
        first.language,
        step,
        code,
        stays=asked and meaning in (Meaning.SAFE, Meaning.OTHER) and not alerts,
        repeated=not fresh,
        talkative=lately.unclear > TALKATIVE or lately.messages > CHATTY,
        again=meaning is Meaning.OTHER and lately.within_the_hour > 1,
        cases=tuple(acting.cases),
    )


_LATELY = text("""
    SELECT count(*) FILTER (WHERE received_at > now() - interval '10 minutes') AS messages,
           count(*) FILTER (WHERE received_at > now() - interval '10 minutes' AND meaning = 'other') AS unclear,
           count(*) FILTER (WHERE meaning = 'other') AS within_the_hour
    FROM replies WHERE person_id = :person AND received_at > now() - interval '1 hour'
""")


def _needs_reading(meaning: Meaning, message: str, alert_id: int | None) -> bool:
    """A plea, words we don't understand, more words than the answer, an answer to nothing that we asked."""
    if meaning is Meaning.SAFE:
        return alert_id is None or len(words(message)) > WORDY
    return meaning in (Meaning.HELP, Meaning.OTHER)


class _Acting:
    """Doing what a message says, for one organisation after the other."""

    def __init__(
        self, session: Session, meaning: Meaning, alerts: Mapping[int, int], via: str, secret: set[int]
    ) -> None:
        self.session, self.meaning, self.alerts, self.via, self.secret = session, meaning, alerts, via, secret
        self.cases: list[Case] = []

    def act(self, holder: Holder, reply: int) -> None:
        alert_id = self.alerts.get(holder.person.id)
        if self.meaning is Meaning.STOP:
            opt_out(holder.contact)
        elif self.meaning is Meaning.START:
            opt_in(holder.contact)
        elif holder.person.id in self.secret:
            self._state(holder.person, reply, alert_id, Safety.HELP, Word(duress=True))
        elif self.meaning in (Meaning.SAFE, Meaning.HELP):
            self._state(holder.person, reply, alert_id, Safety(self.meaning.value), OWN)

    def _state(self, person: Person, reply: int, alert_id: int | None, safety: Safety, word: Word) -> None:
        case = None
        if alert_id is not None:
            case = check_in(self.session, person, alert_id, safety, self.via, word)
        elif safety is Safety.HELP and (word.duress or not self.alerts):
            case = ask_for_help(self.session, person, None, word)
        if case is not None:
            self.session.execute(update(Reply).where(Reply.id == reply).values(case_id=case.id))
            if not word.duress:
                self.cases.append(case)
