"""Opening an organisation's keys. What is stored of them is read at each use, so that new keys and shredded ones are
noticed by every process at its next transaction; they are opened again only when something changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from registry.crypto.keyring import Keyring, OrganisationKeys
from registry.crypto.stored import PostKey, StoredKeys
from registry.custody.models import KeyUse, StoredKey
from registry.organisations.models import Organisation, Post


def keys_of(keyring: Keyring, organisation: Organisation) -> OrganisationKeys:
    """The keys of an organisation, which must belong to a session."""
    session = object_session(organisation)
    assert session is not None, "the organisation's session has ended"
    return keys_of_each(session, keyring, [organisation.id])[organisation.id]


def keys_of_each(
    session: Session, keyring: Keyring, organisation_ids: Iterable[int]
) -> dict[int, OrganisationKeys]:
    """The keys of several organisations by their numbers."""
    return {number: keyring.organisation(stored) for number, stored in read(session, organisation_ids)}


def read(session: Session, organisation_ids: Iterable[int]) -> list[tuple[int, StoredKeys]]:
    """What is stored, in one statement: a rotation changes the root and what it seals together."""
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.public_id,
            Organisation.wrapped_key.label("root"),
            StoredKey.use,
            StoredKey.name,
            StoredKey.wrapped_key,
            StoredKey.retired_at,
            Post.id.label("post_id"),
            Post.public_id.label("post"),
        )
        .outerjoin(StoredKey, StoredKey.organisation_id == Organisation.id)
        .outerjoin(Post, Post.id == StoredKey.post_id)
        .where(Organisation.id.in_(list(organisation_ids)))
        .order_by(Organisation.id, StoredKey.id)
    )
    return [(number, _stored(list(group))) for number, group in groupby(rows, key=lambda row: row.id)]


def _stored(rows: Sequence[Any]) -> StoredKeys:
    def own(use: KeyUse) -> tuple[bytes, ...]:
        return tuple(row.wrapped_key for row in rows if row.use is use and row.post_id is None)

    index = own(KeyUse.INDEX)
    posts = tuple(
        PostKey(row.post_id, row.post, row.name, row.wrapped_key, row.retired_at is not None)
        for row in rows
        if row.post_id is not None
    )
    return StoredKeys(
        rows[0].public_id.bytes,
        rows[0].root,
        index[0] if index else None,
        own(KeyUse.OWN),
        own(KeyUse.PEOPLE),
        posts,
    )
