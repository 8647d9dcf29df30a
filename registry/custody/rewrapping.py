"""Sealing an organisation's person keys anew, chunk by chunk, while everything else goes on.

Old keys open until the walk is over and a day longer: whoever read the keys before they changed may still write by the
old ones. A later walk finds what they wrote, and only then the old keys are destroyed.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from registry.crypto import Keyring
from registry.crypto.cipher import header_of
from registry.crypto.stored import PostKey
from registry.custody.models import KeyUse, Rewrap, StoredKey
from registry.custody.opening import keys_of_each
from registry.database import scoped, unscoped
from registry.organisations.models import Post
from registry.people.homes import settle

CHUNK = 500
GRACE = text("interval '1 day'")

_NEXT = text("""
    SELECT id FROM people WHERE organisation_id = :organisation AND id > :cursor
    ORDER BY id LIMIT :size FOR NO KEY UPDATE
""")
_IN_USE = text("""
    SELECT EXISTS (SELECT FROM person_keys
                   WHERE organisation_id = :organisation AND substring(wrapped_key FROM 1 FOR 5) = :header)
""")


def request(session: Session, organisation_id: int, *, rotation: bool = False) -> None:
    """Let a walk begin, or begin again where one is under way."""
    statement = insert(Rewrap).values(organisation_id=organisation_id, rotation=rotation)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["organisation_id"],
            index_where=Rewrap.finished_at.is_(None),
            set_={
                "cursor": 0,
                "people": 0,
                "started_at": func.now(),
                "rotation": Rewrap.rotation | statement.excluded.rotation,
            },
        )
    )


def request_overdue(session: Session) -> None:
    """Let walks begin wherever keys are retired long enough to be left behind for good."""
    for number in session.scalars(
        select(StoredKey.organisation_id).where(_leaving(), StoredKey.wrapped_key.is_not(None)).distinct()
    ):
        request(session, number)


def waiting(session: Session) -> list[int]:
    """The organisations with a walk under way."""
    return list(
        session.scalars(
            select(Rewrap.organisation_id).where(Rewrap.finished_at.is_(None)).order_by(Rewrap.id)
        )
    )


def step(session: Session, keyring: Keyring, organisation_id: int, size: int = CHUNK) -> bool:
    """Take the next `size` people of the walk, or end it; False when there is none, or another process is at it.

    The session must be scoped to the organisation. Commit after each step.
    """
    walk = session.scalar(
        select(Rewrap)
        .where(Rewrap.organisation_id == organisation_id, Rewrap.finished_at.is_(None))
        .with_for_update(skip_locked=True)
    )
    if walk is None:
        return False
    where = {"organisation": organisation_id, "cursor": walk.cursor, "size": size}
    ids = list(session.scalars(_NEXT, where))
    if ids:
        keys = keys_of_each(session, keyring, [organisation_id])[organisation_id]
        settle(session, keys, organisation_id, ids)
        walk.cursor, walk.people = ids[-1], walk.people + len(ids)
    else:
        walk.finished_at = func.now()
        _leave_behind(session, keyring, organisation_id)
    session.flush()
    return True


def run_due(keyring: Keyring) -> bool:
    """One step of a walk under way, in a transaction of its own; False when nothing was done."""
    with unscoped() as session:
        numbers = waiting(session)
    for number in numbers:
        with scoped(number) as session:
            if step(session, keyring, number):
                return True
    return False


def _leaving() -> ColumnElement[bool]:
    return (StoredKey.use == KeyUse.PEOPLE) & (StoredKey.retired_at < func.now() - GRACE)


def _leave_behind(session: Session, keyring: Keyring, organisation_id: int) -> None:
    """Destroy the retired keys that seal nobody's key any more."""
    rows = session.execute(
        select(StoredKey, Post)
        .outerjoin(Post, Post.id == StoredKey.post_id)
        .where(StoredKey.organisation_id == organisation_id, _leaving(), StoredKey.wrapped_key.is_not(None))
    ).all()
    for stored, post in rows:
        if session.scalar(_IN_USE, {"organisation": organisation_id, "header": header_of(stored.name)}):
            continue
        session.execute(delete(StoredKey).where(StoredKey.id == stored.id))
        if post is not None:
            keyring.keystore.destroy(PostKey(post.id, post.public_id, stored.name, None, retired=True).file)
