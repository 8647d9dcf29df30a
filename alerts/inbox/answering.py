"""An officer's reply: sent once, in the conversation for good, and what it answers is read. The session is scoped."""

from __future__ import annotations

import uuid

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from alerts.casework.log import add_entry
from alerts.casework.models import EntryKind
from alerts.inbox.services import mark_read
from alerts.outgoing.models import Outgoing
from alerts.outgoing.services import write_to
from alerts.outgoing.wordings import SUBJECT
from alerts.responses.cases import cases_of
from alerts.responses.models import Case, CaseState, ReachBy, Reply
from registry.audit.services import record
from registry.errors import Conflict
from registry.i18n import translations
from registry.organisations.models import Officer
from registry.organisations.services import actor_of
from registry.people.models import Person
from registry.people.vault import Vault


def hushed(session: Session, person: Person) -> bool:
    """Whether a message may put them in danger: they asked in secret, or not to be contacted."""
    asked = or_(Case.duress, Case.reach_by == ReachBy.NONE)
    query = exists().where(Case.person_id == person.id, Case.state != CaseState.CLOSED, asked)
    return bool(session.scalar(select(query)))


def answer(
    session: Session,
    vault: Vault,
    officer: Officer,
    person: Person,
    words: str,
    once: uuid.UUID,
    *,
    up_to: int,
    sure: bool = False,
) -> Outgoing:
    """Send an officer's words to a person, by the contact point they last wrote from; what they wrote up to number
    `up_to` is read. The same `once` sends nothing more.

    Raises Invalid, and Conflict "unreachable", or "hushed" unless the officer is `sure`.
    """
    if hushed(session, person) and not sure:
        raise Conflict(
            "hushed",
            "They asked in secret, or not to be contacted. Tick the box if you must write all the same.",
        )
    last = session.scalar(
        select(Reply).where(Reply.person_id == person.id).order_by(Reply.id.desc()).limit(1)
    )
    text = words.strip()
    if text and not person.quiet:
        text = f"{vault.organisation.sender_name}: {text}"
    message = write_to(
        session,
        vault,
        person,
        text,
        once,
        officer=officer,
        subject=translations(person.language).gettext(SUBJECT),
        answering=last.contact_point_id if last else None,
    )
    for case in cases_of(session, person):
        if case.state is not CaseState.CLOSED:
            add_entry(session, case, EntryKind.MESSAGE, officer)
    mark_read(session, officer, person, up_to)
    record(session, actor_of(officer), "conversation.reply", person.public_id)
    return message
