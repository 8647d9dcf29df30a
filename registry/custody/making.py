"""Making keys of posts."""

from __future__ import annotations

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.crypto import Keyring, new_key
from registry.crypto.capital import seal
from registry.crypto.cipher import key_id
from registry.crypto.stored import PostKey
from registry.custody.models import CapitalKey, KeyUse, StoredKey
from registry.errors import Conflict
from registry.organisations.models import Organisation, Post

log = logging.getLogger(__name__)


def lock(session: Session, organisation_id: int) -> Organisation:
    """The organisation as it is now, with its root key held still until the transaction ends."""
    return session.scalars(
        select(Organisation)
        .where(Organisation.id == organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def make_post_key(session: Session, keyring: Keyring, post: Post) -> StoredKey:
    """Give a post a new key, which is its newest. Raises Conflict when the keystore takes none."""
    organisation = lock(session, post.organisation_id)
    key = new_key()
    fresh = PostKey(post.id, post.public_id, key_id(key), None, retired=False)
    stored = StoredKey(
        organisation_id=organisation.id,
        post_id=post.id,
        use=KeyUse.PEOPLE,
        name=fresh.name,
        wrapped_key=wrap(keyring, organisation, fresh, key),
        capital_copy=copy_for(newest_capital(session, organisation.id), fresh, key),
    )
    session.add(stored)
    session.flush()
    return stored


def newest_capital(session: Session, organisation_id: int) -> CapitalKey | None:
    """The organisation's key to which copies are sealed."""
    return session.scalars(
        select(CapitalKey)
        .where(CapitalKey.organisation_id == organisation_id)
        .order_by(CapitalKey.id.desc())
        .limit(1)
    ).first()


def copy_for(capital: CapitalKey | None, post: PostKey, key: bytes) -> bytes | None:
    """A post's key sealed to the capital, where there is one."""
    return seal(capital.first_public, capital.second_public, key, post.row) if capital else None


def wrap(keyring: Keyring, organisation: Organisation, post: PostKey, key: bytes) -> bytes:
    """Seal a post's key by a new file of the keystore and the root key of the organisation, which must be locked.
    Raises Conflict when the keystore takes none."""
    root = keyring.root(organisation.wrapped_key, organisation.public_id.bytes)
    try:
        return keyring.wrap_post_key(root, post, key)
    except OSError as error:
        log.error("the keystore can't be written: %s", error.strerror)
        raise Conflict("keystore", "the keystore can't be written") from error
