"""Which post a person belongs to, and sealing their key by that post's.

A person belongs to the post that serves the country of their stay, of several posts or stays the first; to headquarters
where there is none. Every function expects a session scoped to the organisation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from registry.crypto import Unreadable
from registry.crypto.keyring import OrganisationKeys
from registry.organisations.models import Post, PostCountry

_READ = text("""
    SELECT p.id, p.public_id, p.post_id, k.wrapped_key,
           ARRAY(SELECT s.country FROM stays s WHERE s.person_id = p.id ORDER BY s.id) AS countries
    FROM people p JOIN person_keys k ON k.person_id = p.id
    WHERE p.id = ANY (:ids)
""")
_SEAL = text("""
    UPDATE person_keys AS k SET wrapped_key = v.wrapped_key
    FROM unnest(CAST(:ids AS bigint[]), CAST(:keys AS bytea[])) AS v (id, wrapped_key) WHERE k.person_id = v.id
""")
_MOVE = text("""
    UPDATE people AS p SET post_id = v.post_id
    FROM unnest(CAST(:ids AS bigint[]), CAST(:posts AS bigint[])) AS v (id, post_id)
    WHERE p.id = v.id AND p.post_id IS DISTINCT FROM v.post_id
""")

Homes = Mapping[str, int]
"""The number of the post that takes in people, by host country."""


def homes(session: Session, keys: OrganisationKeys, organisation_id: int) -> Homes:
    """The posts that take in people; not those that closed, nor those whose key isn't at hand."""
    if not keys.has_posts:
        return {}
    rows = session.execute(
        select(PostCountry.country, func.array_agg(Post.id))
        .join(Post, Post.id == PostCountry.post_id)
        .where(Post.organisation_id == organisation_id, Post.closed_at.is_(None))
        .group_by(PostCountry.country)
    )
    able = ((country, [number for number in posts if keys.has_post(number)]) for country, posts in rows)
    return {country: min(posts) for country, posts in able if posts}


def home_of(found: Homes, countries: Iterable[str]) -> int | None:
    """The post of someone who stays in these countries; None is headquarters."""
    return next((found[country] for country in countries if country in found), None)


def settle(session: Session, keys: OrganisationKeys, organisation_id: int, ids: Collection[int]) -> int:
    """Let these people, whose rows must be locked, belong to the post of their stays and seal their keys by its newest
    key; return how many keys were sealed anew. A key that can't be opened stays as it is."""
    found = homes(session, keys, organisation_id)
    sealed: dict[int, bytes] = {}
    posts: dict[int, int | None] = {}
    for row in session.execute(_READ, {"ids": list(ids)}):
        post_id = home_of(found, row.countries)
        try:
            if not keys.is_wrapped_for(row.wrapped_key, post_id):
                key = keys.unwrap_person_key(row.wrapped_key, row.public_id.bytes)
                sealed[row.id] = keys.wrap_person_key(key, row.public_id.bytes, post_id)
        except Unreadable:
            continue
        if row.post_id != post_id:
            posts[row.id] = post_id
    if posts:
        _write(session, _MOVE, posts=posts)
    if sealed:
        _write(session, _SEAL, keys=sealed)
    return len(sealed)


def _write(session: Session, statement: Any, **columns: Mapping[int, Any]) -> None:
    for name, values in columns.items():
        session.execute(statement, {"ids": list(values), name: list(values.values())})
