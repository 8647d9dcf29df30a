"""The capital's copies of posts' keys: sealing them to its two halves, and bringing a post back by them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.crypto import Keyring, Unreadable
from registry.crypto.capital import new_half, public_of, unseal
from registry.crypto.stored import PostKey
from registry.custody.making import copy_for, lock, wrap
from registry.custody.models import CapitalKey, StoredKey
from registry.custody.rewrapping import request
from registry.errors import Conflict, Invalid
from registry.organisations.models import Organisation, Post


def new_capital(session: Session, keyring: Keyring, organisation_id: int) -> tuple[str, str]:
    """A new capital's key: seal every post's key to it and return its two private halves, which are kept nowhere.

    Keys that were shredded keep their copies for earlier halves. Raises Conflict when a post's key can't be read.
    """
    organisation = lock(session, organisation_id)
    first, second = new_half(), new_half()
    capital = CapitalKey(
        organisation_id=organisation_id, first_public=first.public, second_public=second.public
    )
    session.add(capital)
    root = keyring.root(organisation.wrapped_key, organisation.public_id.bytes)
    for stored, post in _keys(session, organisation_id):
        row = _row(stored, post)
        if row.wrapped is None:
            continue
        try:
            stored.capital_copy = copy_for(capital, row, keyring.unwrap_post_key(root, row))
        except Unreadable as error:
            raise Conflict("keystore", f"the key of {post.name} can't be read in the keystore") from error
    session.flush()
    return first.private, second.private


def restore(
    session: Session, keyring: Keyring, organisation: Organisation, post: Post, first: str, second: str
) -> None:
    """Make a post that was shredded, or whose files the keystore lost, readable again with both private halves, in any
    order. Raises Invalid for halves that don't belong here, Conflict when the post can be read, has no copy for these
    halves, or the keystore takes no key."""
    lock(session, organisation.id)
    publics = public_of(first), public_of(second)
    capitals = session.scalars(select(CapitalKey).where(CapitalKey.organisation_id == organisation.id)).all()
    pairs = [(one.first_public, one.second_public) for one in capitals]
    if publics not in pairs:
        first, second, publics = second, first, (publics[1], publics[0])
    if publics not in pairs:
        raise Invalid.one("halves", "unknown", "these are not the two halves of a key of this organisation")
    rows = [(one, _row(one, post)) for one, _ in _keys(session, organisation.id, post)]
    lost = [(one, row) for one, row in rows if not row.wrapped or not keyring.keystore.read(row.file)]
    if not lost:
        raise Conflict("readable", "the post can be read")
    for stored, row in lost:
        try:
            key = unseal(first, second, stored.capital_copy or b"", row.row)
        except Unreadable:
            if stored.retired_at is None:
                raise Conflict("no_copy", "there is no copy of the post's key for these halves") from None
            continue
        keyring.keystore.destroy(row.file)  # one that a backup brought back
        stored.wrapped_key = wrap(keyring, organisation, row, key)
    post.shredded_at = None
    session.flush()
    request(session, organisation.id)


def _keys(session: Session, organisation_id: int, post: Post | None = None) -> list[tuple[StoredKey, Post]]:
    query = (
        select(StoredKey, Post)
        .join(Post, Post.id == StoredKey.post_id)
        .where(StoredKey.organisation_id == organisation_id)
        .order_by(StoredKey.id)
    )
    rows = session.execute(query if post is None else query.where(Post.id == post.id))
    return [(row[0], row[1]) for row in rows]


def _row(stored: StoredKey, post: Post) -> PostKey:
    return PostKey(post.id, post.public_id, stored.name, stored.wrapped_key, stored.retired_at is not None)
