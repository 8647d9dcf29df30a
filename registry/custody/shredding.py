"""Shredding the key of a post that has fallen. Two administrators elsewhere do it; every function expects a session
scoped to the organisation."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from registry.audit.services import record
from registry.checking import Checker
from registry.crypto import Keyring
from registry.crypto.stored import PostKey
from registry.custody.making import lock
from registry.custody.models import Shred, StoredKey
from registry.database import get_published
from registry.errors import Conflict, Invalid
from registry.organisations.models import Officer, Post
from registry.organisations.services import actor_of
from registry.people.models import Person

VALID_FOR = timedelta(days=1)
WHOLE = (joinedload(Shred.post), joinedload(Shred.asked_by))


def ask(session: Session, officer: Officer, post: Post, reason: str) -> Shred:
    """Ask for a post's key to be shredded. Raises Invalid without a reason; Conflict for an officer of that post, for
    one that is asked for or shredded already."""
    check = Checker()
    why = check.text({"reason": reason}, "reason", "reason", 500)
    if why is None and not check.errors:
        check.fail("reason", "required", "say why")
    check.done()
    _refuse_own(officer, post)
    lock(session, post.organisation_id)
    session.refresh(post)
    if post.shredded_at:
        raise Conflict("shredded", "the post's key is shredded already")
    for open_one in _open(session, post.organisation_id, post.id):
        if not is_stale(open_one):
            raise Conflict("asked", "this was asked for already")
        open_one.withdrawn_at = func.now()
    session.flush()
    shred = Shred(organisation_id=post.organisation_id, post_id=post.id, reason=why, asked_by_id=officer.id)
    session.add(shred)
    session.flush()
    record(
        session, actor_of(officer), "post.shred_asked", post.public_id, {"people": people_of(session, post)}
    )
    return shred


def approve(session: Session, keyring: Keyring, officer: Officer, shred: Shred, people: str) -> None:
    """Shred: destroy the files of the post's keys and their sealed forms. `people` is how many there are, as typed.

    Raises Invalid when the number is wrong; Conflict for the officer who asked, for one of that post, for a request
    that is over, and when the keystore can't be written.
    """
    _refuse_over(session, shred)
    post = shred.post
    if shred.asked_by_id == officer.id:
        raise Conflict("own", "another administrator must approve this")
    _refuse_own(officer, post)
    count = people_of(session, post)
    if people.strip().replace(",", "") != str(count):
        raise Invalid.one("people", "count", f"type how many people become unreadable: {count}")
    shred.approved_by_id, shred.approved_at = officer.id, datetime.now(UTC)
    post.shredded_at = func.now()
    files = []
    for stored in session.scalars(select(StoredKey).where(StoredKey.post_id == post.id)).all():
        stored.wrapped_key = None
        files.append(PostKey(post.id, post.public_id, stored.name, None, retired=True).file)
    session.flush()
    record(session, actor_of(officer), "post.shredded", post.public_id, {"people": count})
    try:  # last, for this can't be rolled back
        for name in files:
            keyring.keystore.destroy(name)
    except OSError as error:
        raise Conflict("keystore", f"the keystore can't be written: {error.strerror}") from error


def withdraw(session: Session, officer: Officer, shred: Shred) -> None:
    """Take a request back, one's own or another's. Raises Conflict when it is over."""
    _refuse_over(session, shred)
    shred.withdrawn_at = func.now()
    session.flush()
    record(session, actor_of(officer), "post.shred_withdrawn", shred.post.public_id)


def get(session: Session, organisation_id: int, public_id: uuid.UUID) -> Shred:
    """A request by its public id. Raises NotFound."""
    return get_published(session, Shred, public_id, Shred.organisation_id == organisation_id, options=WHOLE)


def pending(session: Session, organisation_id: int) -> dict[int, Shred]:
    """The requests that wait for approval, by post."""
    return {one.post_id: one for one in _open(session, organisation_id) if not is_stale(one)}


def people_of(session: Session, post: Post) -> int:
    """How many people's keys are sealed by a post's."""
    return session.scalar(select(func.count()).select_from(Person).where(Person.post_id == post.id)) or 0


def is_stale(shred: Shred) -> bool:
    """Whether it has waited too long to be approved."""
    return datetime.now(UTC) - shred.asked_at > VALID_FOR


def _open(session: Session, organisation_id: int, post_id: int | None = None) -> list[Shred]:
    query = (
        select(Shred)
        .options(*WHOLE)
        .where(
            Shred.organisation_id == organisation_id,
            Shred.approved_at.is_(None),
            Shred.withdrawn_at.is_(None),
        )
    )
    return list(session.scalars(query if post_id is None else query.where(Shred.post_id == post_id)))


def _refuse_over(session: Session, shred: Shred) -> None:
    lock(session, shred.organisation_id)
    session.refresh(shred, ["approved_at", "withdrawn_at"])
    if shred.approved_at or shred.withdrawn_at or is_stale(shred):
        raise Conflict("over", "this request is over")


def _refuse_own(officer: Officer, post: Post) -> None:
    if officer.post_id == post.id:
        raise Conflict("at_post", "only administrators elsewhere may shred a post's key")
