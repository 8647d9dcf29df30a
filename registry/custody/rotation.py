"""New keys for an organisation and its posts, and organisation keys sealed by a new master key."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.crypto import Keyring, new_key
from registry.crypto.cipher import key_id
from registry.crypto.stored import PostKey, Root
from registry.custody.making import lock, make_post_key
from registry.custody.models import KeyUse, StoredKey
from registry.custody.rewrapping import request
from registry.organisations.models import Post


def rotate(session: Session, keyring: Keyring, organisation_id: int) -> None:
    """Give an organisation a new root key and each of its posts a new key, and let a walk seal all person keys anew.

    The blind index key stays: a digest could be made anew only by opening every address, and whoever wrote by the old
    key meanwhile would be registered twice. What belongs to no person is sealed by the new root from now on; what was
    sealed before opens by a retired key, which is kept: it lasts for days (cursors, imports, answers to programs).
    Raises Conflict when the keystore can't be written.
    """
    organisation = lock(session, organisation_id)
    public_id = organisation.public_id.bytes
    old, key = keyring.root(organisation.wrapped_key, public_id), new_key()
    fresh = Root(key, public_id)

    def keep(use: KeyUse, kept: bytes) -> None:
        session.add(
            StoredKey(
                organisation_id=organisation_id,
                use=use,
                name=key_id(kept),
                wrapped_key=keyring.wrap_organisation_key(kept, public_id, use.encode()),
                retired_at=None if use is KeyUse.INDEX else func.now(),
            )
        )

    keep(KeyUse.PEOPLE, old.people)
    keep(KeyUse.OWN, old.own)
    indexes = select(StoredKey.id).where(
        StoredKey.organisation_id == organisation_id, StoredKey.use == KeyUse.INDEX
    )
    if session.scalar(indexes) is None:
        keep(KeyUse.INDEX, old.index)
    organisation.wrapped_key = keyring.wrap_organisation_key(key, public_id)
    for post in _reseal_posts(session, organisation_id, old, fresh):
        make_post_key(session, keyring, post)
    request(session, organisation_id, rotation=True)


def _reseal_posts(session: Session, organisation_id: int, old: Root, fresh: Root) -> list[Post]:
    """Seal the posts' keys by the new root and retire them; return the posts that had one."""
    posts: dict[int, Post] = {}
    rows = session.execute(
        select(StoredKey, Post)
        .join(Post, Post.id == StoredKey.post_id)
        .where(StoredKey.organisation_id == organisation_id, StoredKey.wrapped_key.is_not(None))
        .order_by(StoredKey.id)
    )
    for stored, post in rows.all():
        row = PostKey(post.id, post.public_id, stored.name, stored.wrapped_key, retired=True).row
        stored.wrapped_key = fresh.posts.seal(old.posts.open(stored.wrapped_key or b"", row), row)
        stored.retired_at = stored.retired_at or func.now()
        posts[post.id] = post
    return list(posts.values())


def reseal(session: Session, keyring: Keyring, organisation_id: int) -> bool:
    """Seal what the master key seals of an organisation by the newest one; False when it was already."""
    organisation = lock(session, organisation_id)
    public_id, changed = organisation.public_id.bytes, False
    if not keyring.is_newest(organisation.wrapped_key):
        root = keyring.unwrap_organisation_key(organisation.wrapped_key, public_id)
        organisation.wrapped_key = keyring.wrap_organisation_key(root, public_id)
        changed = True
    rows = session.scalars(
        select(StoredKey).where(StoredKey.organisation_id == organisation_id, StoredKey.post_id.is_(None))
    )
    for stored in rows.all():
        wrapped = stored.wrapped_key or b""
        if not keyring.is_newest(wrapped):
            use = stored.use.encode()
            key = keyring.unwrap_organisation_key(wrapped, public_id, use)
            stored.wrapped_key = keyring.wrap_organisation_key(key, public_id, use)
            changed = True
    session.flush()
    return changed
