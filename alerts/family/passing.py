"""Passing a relative's question on to whoever knows the person, and what is done about it, by the dispatcher.

Who lets relatives hear that they are safe, and said lately that they are, needn't be asked. Anybody else is asked by a
message that names the asker's proved address, unless that could harm them. Then, and where no answer comes, an officer
is told by a case. The relative hears only what the person allows.
"""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from datetime import date, timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from alerts.casework.log import add_entry, seal_entry
from alerts.casework.models import EntryKind
from alerts.conversation.texts import say, spoken
from alerts.family.inquiring import Asker, asker_of, question_of
from alerts.family.models import Asking, AskingState, Inquiry
from alerts.inbox.answering import hushed
from alerts.outgoing.models import OutgoingKind
from alerts.outgoing.services import reachable, write_about, write_to
from alerts.outgoing.wordings import SUBJECT
from alerts.responses.cases import open_case
from alerts.responses.holders import Holder, holders_of, latest_alerts
from alerts.responses.models import Case, CaseOrigin, CaseState, CheckIn, Safety
from registry.audit.services import record, system
from registry.crypto import Keyring, Unreadable
from registry.database import uuid7
from registry.i18n import translations
from registry.people.models import ContactState, Person
from registry.people.services import WHOLE
from registry.people.vault import Vault, cipher_of

KEPT = timedelta(days=7)
REFUSED_FOR = timedelta(days=30)
"""For which somebody who was refused can't ask for the same person."""
PATIENCE = timedelta(hours=3)
"""For which the person's own answer is waited for, before an officer is told."""
LATELY = timedelta(days=30)
CHUNK = 20


class Known(Asker):
    """Who asks, and the end of the address by which they know the person."""

    whom: str


def pass_on(session: Session, keyring: Keyring) -> int:
    """Look up whom proved askers ask for, and note the questions there. Takes an unscoped session, and widens it."""
    query = select(Inquiry).where(Inquiry.asked_at.is_not(None)).order_by(Inquiry.id).limit(CHUNK)
    inquiries = session.scalars(query.with_for_update(skip_locked=True)).all()
    for inquiry in inquiries:
        with suppress(Unreadable):
            asker, address = asker_of(keyring, inquiry), question_of(keyring, inquiry)
            for holder in holders_of(session, keyring, address):
                _note(session, holder, asker, address)
        session.delete(inquiry)
    session.flush()
    return len(inquiries)


def _note(session: Session, holder: Holder, asker: Asker, address: str) -> None:
    if holder.contact.state is ContactState.UNCONFIRMED:
        return
    person, public_id = holder.person, uuid7()
    known = Known(**asker, whom=address[-3:])
    with suppress(Unreadable):
        sealed = cipher_of(holder.vault.keys, person).seal(_packed(known), _row(public_id))
        values = {
            "public_id": public_id,
            "organisation_id": person.organisation_id,
            "person_id": person.id,
            "asker_index": holder.vault.keys.blind_index(asker["address"]),
            "sealed_asker": sealed,
            "state": AskingState.WAITING,
            "expires_at": func.now() + KEPT,
        }
        session.execute(insert(Asking).values(**values).on_conflict_do_nothing())


_TO_DO = text("""
    SELECT id FROM askings a
    WHERE state = 'asked' AND since < now() - :patience
       OR state = 'waiting' AND NOT EXISTS (
           SELECT FROM askings o WHERE o.person_id = a.person_id AND o.state = 'asked')
    ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
""")
"""A person is asked about one asker at a time."""


def work_off(session: Session, keyring: Keyring) -> int:
    """Answer, ask or hand on the questions that wait; those past their time go. The session is scoped to everybody."""
    session.execute(delete(Asking).where(Asking.expires_at < func.now()))
    numbers = session.scalars(_TO_DO, {"patience": PATIENCE, "limit": CHUNK}).all()
    busy: set[int] = set()
    for number in numbers:
        asking = session.get_one(Asking, number, options=[joinedload(Asking.person).options(*WHOLE)])
        if asking.person_id in busy:
            continue
        busy.add(asking.person_id)
        vault = Vault.open(session, keyring, asking.organisation_id)
        with suppress(Unreadable), session.begin_nested():
            _act(session, vault, asking)
            continue
        settle(session, asking, AskingState.HELD)  # nothing can be read of them here
    return len(busy)


def _act(session: Session, vault: Vault, asking: Asking) -> None:
    person, asker = asking.person, known_asker(vault, asking)
    day = safe_since(session, person) if person.tell_family else None
    silenced = person.quiet or hushed(session, person)
    if asking.state is AskingState.WAITING and day is not None and not hushed(session, person):
        tell(session, vault, asking, day)
    elif asking.state is AskingState.WAITING and not silenced and reachable(person) is not None:
        language = spoken(person.language)
        question = say(language, "asked_for", name=asker["name"], address=asker["address"])
        subject = translations(person.language).gettext(SUBJECT)
        write_to(session, vault, person, question, uuid.uuid5(asking.public_id, "question"), subject=subject)
        settle(session, asking, AskingState.ASKED)
    else:
        case = open_case(
            session, person, latest_alerts(session, [person.id]).get(person.id), CaseOrigin.RELATIVE
        )
        words = seal_entry(vault, case, f"{asker['name']}, {asker['address']}")
        add_entry(session, case, EntryKind.NOTE, None, {"by": "relative"}, words)
        settle(session, asking, AskingState.HELD)


def safe_since(session: Session, person: Person) -> date | None:
    """The day on which the person last said that they are safe; None where they said so long ago, or said otherwise
    since, or have asked for help in a case that is open."""
    query = select(CheckIn).where(
        CheckIn.person_id == person.id, CheckIn.told_by.is_(None), CheckIn.at > func.now() - LATELY
    )
    latest = session.scalar(query.order_by(CheckIn.at.desc()).limit(1))
    helpless = select(Case.id).where(
        Case.person_id == person.id, Case.state != CaseState.CLOSED, Case.origin != CaseOrigin.RELATIVE
    )
    if latest is None or latest.safety is not Safety.SAFE or session.scalar(helpless.limit(1)):
        return None
    return latest.at.date()


def tell(session: Session, vault: Vault, asking: Asking, day: date) -> None:
    """Tell the asker that the person is safe, by what they said on a day, and nothing else."""
    asker = known_asker(vault, asking)
    language = spoken(asker["language"])
    words = say(language, "relative_safe", whom=asker["whom"], day=day.isoformat())
    write_about(
        session,
        vault,
        asking.person,
        OutgoingKind.FAMILY,
        asker["address"],
        words,
        uuid.uuid5(asking.public_id, "answer"),
        language=language,
        subject=translations(language).gettext(SUBJECT),
    )
    settle(session, asking, AskingState.TOLD)


def settle(session: Session, asking: Asking, state: AskingState) -> None:
    """Note what became of a question."""
    asking.state, asking.since = state, func.now()
    if state is AskingState.REFUSED:
        asking.expires_at = func.now() + REFUSED_FOR
    session.flush()
    record(session, system(asking.organisation_id), f"relative.{state.value}", asking.person.public_id)


def known_asker(vault: Vault, asking: Asking) -> Known:
    """Who asks. Raises Unreadable."""
    cipher = cipher_of(vault.keys, asking.person)
    found: Known = json.loads(cipher.open(asking.sealed_asker, _row(asking.public_id)))
    return found


def _packed(known: Known) -> bytes:
    return json.dumps(known, ensure_ascii=False).encode()


def _row(public_id: uuid.UUID) -> bytes:
    return b"askings.asker:" + public_id.bytes
