"""The person's own decision about somebody who asks for them: by message, in two digits, or on their own page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.conversation.talk import Answers, Talk
from alerts.family.models import Asking, AskingState
from alerts.family.passing import settle, tell
from registry.people.models import Person
from registry.people.vault import Vault

YES, NO = ("81",), ("82",)
UNDECIDED = (AskingState.WAITING, AskingState.ASKED, AskingState.HELD)


def askings_of(session: Session, person: Person) -> Sequence[Asking]:
    """Who asks for a person, and who was told."""
    shown = (*UNDECIDED, AskingState.TOLD)
    query = select(Asking).where(Asking.person_id == person.id, Asking.state.in_(shown))
    return session.scalars(query.order_by(Asking.id)).all()


def decide(session: Session, vault: Vault, person: Person, public_id: uuid.UUID, *, allowed: bool) -> None:
    """Let one asker hear that the person is safe today, or not. What is decided already stays."""
    query = select(Asking).where(
        Asking.public_id == public_id, Asking.person_id == person.id, Asking.state.in_(UNDECIDED)
    )
    asking = session.scalar(query.with_for_update())
    if asking is not None:
        _decide(session, vault, asking, allowed=allowed)


def decide_by_message(talk: Talk) -> Answers | None:
    """81 or 82: about the asker of whom each of the sender's records was asked last; None where none was."""
    allowed, found = talk.given == YES, False
    for one in talk.people:
        query = select(Asking).where(Asking.person_id == one.person.id, Asking.state == AskingState.ASKED)
        for asking in talk.session.scalars(query.with_for_update()):
            _decide(talk.session, one.vault, asking, allowed=allowed)
            found = True
    return [talk.say("asked_yes" if allowed else "asked_no")] if found else None


def _decide(session: Session, vault: Vault, asking: Asking, *, allowed: bool) -> None:
    if allowed:
        tell(session, vault, asking, datetime.now(UTC).date())
    else:
        settle(session, asking, AskingState.REFUSED)
