"""Opening, changing and closing posts. Services run in any session: posts hold nothing of people."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, selectinload

from registry.checking import Checker
from registry.crypto import Keyring
from registry.custody.making import make_post_key
from registry.custody.rewrapping import request
from registry.database import get_published
from registry.organisations.models import Organisation, Post, PostCountry


def create_post(
    session: Session, keyring: Keyring, organisation: Organisation, name: str, countries: Sequence[str]
) -> Post:
    """A new post with a key of its own that serves these host countries (code or English name); whoever stays there is
    taken over in the background. Raises Invalid for the fields "name" and "countries", Conflict when the keystore can't
    be written."""
    wanted, codes = _read(session, organisation.id, name, countries)
    post = Post(
        organisation_id=organisation.id,
        name=wanted,
        countries=[PostCountry(country=code) for code in codes],
    )
    session.add(post)
    session.flush()
    make_post_key(session, keyring, post)
    request(session, organisation.id)
    return post


def change_post(session: Session, post: Post, name: str, countries: Sequence[str]) -> None:
    """Give a post another name and other host countries. Raises Invalid as `create_post` does."""
    post.name, codes = _read(session, post.organisation_id, name, countries, itself=post.id)
    kept = {row.country: row for row in post.countries}
    post.countries = [kept.get(code) or PostCountry(country=code) for code in codes]
    session.flush()
    request(session, post.organisation_id)


def close_post(session: Session, post: Post) -> None:
    """End a post: its people go over to another one there, or to headquarters, in the background."""
    if post.closed_at is None:
        post.closed_at = datetime.now(UTC)
    session.flush()
    request(session, post.organisation_id)


def reopen_post(session: Session, post: Post) -> None:
    """Let a closed post take people in again."""
    post.closed_at = None
    session.flush()
    request(session, post.organisation_id)


def list_posts(
    session: Session, organisation_id: int, *, closed: bool = False, after: int = 0, limit: int = 50
) -> list[Post]:
    """Up to `limit` posts with their countries, in the order they were opened, from the one after number `after` on;
    the closed ones only where asked."""
    query = (
        select(Post)
        .options(selectinload(Post.countries))
        .where(Post.organisation_id == organisation_id, Post.id > after)
    )
    if not closed:
        query = query.where(Post.closed_at.is_(None))
    return list(session.scalars(query.order_by(Post.id).limit(limit)))


def get_post(session: Session, organisation_id: int, public_id: str | uuid.UUID) -> Post:
    """By public id. Raises NotFound also for an id of another organisation or in a wrong form."""
    ours, whole = Post.organisation_id == organisation_id, selectinload(Post.countries)
    return get_published(session, Post, public_id, ours, options=[whole])


def find_post(session: Session, organisation_id: int, name: str) -> Post | None:
    """By its exact name."""
    return session.scalar(
        select(Post).where(Post.organisation_id == organisation_id, Post.name == " ".join(name.split()))
    )


def _read(
    session: Session, organisation_id: int, name: str, countries: Sequence[str], itself: int | None = None
) -> tuple[str, list[str]]:
    check = Checker()
    wanted = check.text({"name": name}, "name", "name", 120)
    taken = exists().where(
        Post.organisation_id == organisation_id, Post.name == wanted, Post.id.is_distinct_from(itself)
    )
    if wanted is None and not check.errors:
        check.fail("name", "required", "must have 1 to 120 characters")
    elif session.scalar(select(taken)):
        check.fail("name", "taken", "there is a post of this name already")
    codes = [check.country({"country": word}, "country", "countries", required=False) for word in countries]
    if not countries:
        check.fail("countries", "required", "name at least one host country")
    check.done()
    return wanted or "", list(dict.fromkeys(code for code in codes if code))
