"""Organisations and their officers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from registry.addresses import normalise_email
from registry.audit.services import Actor
from registry.crypto import Keyring, new_key
from registry.custody.opening import keys_of as keys_of
from registry.errors import Invalid
from registry.organisations.models import Officer, Organisation, OrganisationKind, Post, PostCountry, Role
from registry.passwords.rules import check_password as check_choice

HASHER = PasswordHasher()
"""argon2id with RFC 9106's second recommended parameters, for passwords that people choose."""
ONE_TIME_HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
"""For our own random ones, which no effort of guessing finds."""
ONE_TIME_LIFE = timedelta(hours=24)
"""How long a one-time password waits to be used, unless ONE_TIME_PASSWORD_HOURS says otherwise."""
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def create_organisation(
    session: Session,
    keyring: Keyring,
    name: str,
    *,
    sender_name: str | None = None,
    kind: OrganisationKind = OrganisationKind.FOREIGN_SERVICE,
    default_language: str = "en",
) -> Organisation:
    """A new organisation with a key of its own. Raises Invalid on a name that is empty, too long or taken."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 120:
        raise Invalid.one("organisation", "length", "must have 1 to 120 characters")
    if session.scalar(select(exists().where(Organisation.name == name))):
        raise Invalid.one("organisation", "taken", "there is an organisation of this name already")
    organisation = Organisation(
        name=name,
        sender_name=sender_name or name[:40],
        kind=kind,
        default_language=default_language,
        wrapped_key=b"",
    )
    session.add(organisation)
    session.flush()
    organisation.wrapped_key = keyring.wrap_organisation_key(new_key(), organisation.public_id.bytes)
    session.flush()
    return organisation


def find_organisation(session: Session, name: str) -> Organisation | None:
    """By its exact name."""
    return session.scalar(select(Organisation).where(Organisation.name == " ".join(name.split())))


def serving(session: Session, country: str) -> list[Organisation]:
    """The listed organisations that serve a host country, by name."""
    has_post = exists().where(
        Post.organisation_id == Organisation.id,
        Post.closed_at.is_(None),
        PostCountry.post_id == Post.id,
        PostCountry.country == country,
    )
    query = select(Organisation).where(Organisation.listed, or_(Organisation.worldwide, has_post))
    return list(session.scalars(query.order_by(Organisation.name)))


def listed(session: Session, limit: int) -> list[Organisation]:
    """Organisations that are offered to people who join, by name."""
    query = select(Organisation).where(Organisation.listed).order_by(Organisation.name)
    return list(session.scalars(query.limit(limit)))


def one_time_password() -> str:
    """Sixteen characters that can be read out: 79 bits."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def parse_roles(words: list[str]) -> list[Role]:
    """Roles from words; "case worker", "case-worker" and "case_worker" are one. Raises Invalid."""
    roles = []
    for word in words:
        try:
            roles.append(Role(word.strip().lower().replace(" ", "_").replace("-", "_")))
        except ValueError:
            raise Invalid.one("roles", "unknown", f"{word!r} is not one of {', '.join(Role)}") from None
    if not roles:
        raise Invalid.one("roles", "required", f"name at least one of {', '.join(Role)}")
    return list(dict.fromkeys(roles))


@dataclass(frozen=True, slots=True)
class NewOfficer:
    """An officer and the one-time password, which is shown once and kept nowhere."""

    officer: Officer
    password: str


def add_officer(
    session: Session,
    organisation: Organisation,
    email: str,
    roles: list[Role],
    name: str | None = None,
    *,
    valid_for: timedelta = ONE_TIME_LIFE,
) -> NewOfficer:
    """A new officer, who must choose a password at the first sign-in, within `valid_for`. Raises Invalid."""
    address = normalise_email(email, local=True)
    if address is None:
        raise Invalid.one("email", "invalid", "is not an email address")
    if session.scalar(select(exists().where(Officer.email == address))):
        raise Invalid.one("email", "taken", "there is an officer with this address already")
    name = " ".join((name or "").split()) or address.partition("@")[0]
    if len(name) > 120:
        raise Invalid.one("name", "length", "must have at most 120 characters")
    officer = Officer(
        organisation=organisation, email=address, name=name, roles=[role.value for role in roles]
    )
    password = give_one_time_password(officer, valid_for)
    session.add(officer)
    session.flush()
    return NewOfficer(officer, password)


def give_one_time_password(officer: Officer, valid_for: timedelta) -> str:
    """A new one in place of whatever password the officer has; it opens nothing but the choice of one's own, and
    nothing at all after `valid_for` (OWASP ASVS 5.0 §6.4.1)."""
    password = one_time_password()
    officer.password_hash, officer.password_is_one_time = ONE_TIME_HASHER.hash(password), True
    officer.one_time_until = func.now() + valid_for
    return password


def has_expired(session: Session, officer: Officer) -> bool:
    """Whether the officer's one-time password has waited too long."""
    late = select(Officer.id).where(Officer.id == officer.id, Officer.one_time_until <= func.now())
    return session.scalar(late) is not None


def find_officer(session: Session, email: str, *, active: bool = True) -> Officer | None:
    """An active officer by address, any spelling of case; else one who was shut out."""
    return session.scalar(
        select(Officer)
        .options(joinedload(Officer.organisation))
        .where(func.lower(Officer.email) == email.strip().lower(), Officer.active.is_(active))
    )


def actor_of(officer: Officer) -> Actor:
    """The officer in the audit's words."""
    return Actor(officer.organisation_id, officer.email, officer.id)


_DUMMY = (
    f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}${'A' * 22}${'A' * 43}"
)
"""No password's hash, which takes as long to check as one."""


def check_password(officer: Officer | None, password: str) -> bool:
    """Whether the password is the officer's; takes as long when there is no such officer."""
    if officer is None or officer.password_is_one_time:
        matches(_DUMMY, password)
    return officer is not None and matches(officer.password_hash, password)


def matches(password_hash: str, password: str) -> bool:
    """Whether the hash is of this password or code."""
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def set_password(session: Session, officer: Officer, password: str) -> None:
    """The officer's own password. Raises Invalid as `registry.passwords.rules` does."""
    post = session.get(Post, officer.post_id) if officer.post_id else None
    body = officer.organisation
    names = [officer.email, officer.name, body.name, body.sender_name, post.name if post else ""]
    check_choice(password, names)
    officer.password_hash = HASHER.hash(password)
    officer.password_is_one_time, officer.one_time_until = False, None
