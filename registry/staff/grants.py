"""Requests and their confirmation by a second administrator."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from registry.addresses import normalise_email
from registry.audit.services import record
from registry.errors import Conflict, Invalid, NotFound
from registry.organisations import keys
from registry.organisations.models import Officer, Organisation, Post, Role, Scope
from registry.organisations.services import ONE_TIME_LIFE, actor_of, add_officer
from registry.staff import officers
from registry.staff.models import Grant, GrantKind, GrantState


def ask_for_officer(
    session: Session, author: Officer, email: str, name: str | None, roles: list[Role], post: Post | None
) -> Grant:
    """Ask for a new officer. Raises Invalid for the field "email"."""
    address = normalise_email(email, local=True)
    if address is None:
        raise Invalid.one("email", "invalid", "is not an email address")
    if session.scalar(select(exists().where(Officer.email == address))):
        raise Invalid.one("email", "taken", "there is an officer with this address already")
    wanted = {"email": address, "name": name, "roles": [*roles], "post": post.id if post else None}
    return _ask(session, author, GrantKind.OFFICER, None, wanted)


def ask_for_roles(
    session: Session, author: Officer, officer: Officer, roles: list[Role], post: Post | None
) -> Grant | None:
    """Ask for other roles or another post, and for an officer who was shut out to come back.

    Fewer roles are taken at once, None, unless that takes two. Raises Conflict for oneself, and where nobody is left to
    confirm it.
    """
    here = post.id if post else None
    if officer.active and officer.post_id == here and set(roles) == set(officer.roles):
        raise Invalid.one("roles", "same", "are those that the officer has already")
    if officer.active and officer.post_id == here and set(roles) < set(officer.roles):
        if officer.id == author.id:
            raise Conflict("oneself", "You can't take your own roles: another administrator can.")
        if not officers.takes_two(session, author, officer, roles):
            officers.narrow(session, author, officer, roles)
            return None
        _need_a_second(session, author, officer)
    return _ask(session, author, GrantKind.ROLES, officer, {"roles": [*roles], "post": here})


def ask_to_shut_out(session: Session, author: Officer, officer: Officer) -> Grant | None:
    """Shut an officer out: at once, None, unless that takes two. Raises Conflict as `ask_for_roles` does."""
    if officer.id == author.id:
        raise Conflict("oneself", "You can't shut yourself out: another administrator can.")
    if not officers.takes_two(session, author, officer):
        officers.deactivate(session, author, officer)
        return None
    _need_a_second(session, author, officer)
    return _ask(session, author, GrantKind.SHUT_OUT, officer, {})


def ask_for_reset(session: Session, author: Officer, officer: Officer) -> Grant:
    """Ask for a new one-time password; the second factors go as well. Who gets it could act as the officer, so it takes
    two."""
    return _ask(session, author, GrantKind.RESET, officer, {})


def ask_for_key(session: Session, author: Officer, officer: Officer, scopes: list[Scope]) -> Grant:
    """Ask for a key by which a program acts for an officer. Raises Invalid for scopes that their roles don't allow."""
    beyond = [scope for scope in scopes if scope not in keys.allowed(officer.roles)]
    if beyond:
        raise Invalid.one("scopes", "roles", f"the officer's own roles don't allow {', '.join(beyond)}")
    return _ask(session, author, GrantKind.KEY, officer, {"scopes": [*scopes]})


def open_grants(session: Session, organisation_id: int, limit: int = 100) -> list[Grant]:
    """What waits for a second administrator, oldest first."""
    query = (
        select(Grant)
        .options(joinedload(Grant.officer), joinedload(Grant.author))
        .where(Grant.organisation_id == organisation_id, Grant.state == GrantState.ASKED)
    )
    return list(session.scalars(query.order_by(Grant.id).limit(limit)))


def get_grant(session: Session, organisation_id: int, public_id: uuid.UUID) -> Grant:
    """By public id, locked. Raises NotFound."""
    grant = session.scalar(
        select(Grant)
        .where(Grant.public_id == public_id, Grant.organisation_id == organisation_id)
        .with_for_update()
    )
    if grant is None:
        raise NotFound
    return grant


def confirm(
    session: Session, decider: Officer, grant: Grant, valid_for: timedelta = ONE_TIME_LIFE
) -> str | None:
    """Give what was asked for; a one-time password, good for `valid_for`, where there is a new one. Audited.

    Raises Conflict for the author, for what is decided already, and for what is no longer possible.
    """
    _decide(session, decider, grant, GrantState.GRANTED if grant.kind is GrantKind.KEY else GrantState.DONE)
    password = None
    if grant.kind is GrantKind.OFFICER:
        password = _make(session, grant, valid_for)
    elif grant.kind is GrantKind.ROLES:
        _set_roles(session, grant)
    elif grant.kind is GrantKind.SHUT_OUT:
        officers.shut_out(session, _target(grant))
    elif grant.kind is GrantKind.RESET:
        password = officers.reset(session, _target(grant), valid_for)
    session.flush()
    _note(session, decider, "grant.confirm", grant)
    return password


def refuse(session: Session, decider: Officer, grant: Grant) -> None:
    """End a request; its author may take it back so. Raises Conflict for whom it is against. Audited."""
    if grant.is_against(decider):
        raise Conflict("second", "Somebody else must decide what is asked about you.")
    _decide(session, decider, grant, GrantState.REFUSED)
    session.flush()
    _note(session, decider, "grant.refuse", grant)


def granted_keys(session: Session, officer: Officer) -> list[Grant]:
    """Keys that the officer may take."""
    query = select(Grant).where(
        Grant.organisation_id == officer.organisation_id,
        Grant.officer_id == officer.id,
        Grant.kind == GrantKind.KEY,
        Grant.state == GrantState.GRANTED,
    )
    return list(session.scalars(query.order_by(Grant.id)))


def take_key(session: Session, officer: Officer, grant: Grant) -> str:
    """Make a granted key; its secret, for the officer whom it acts for alone. Raises NotFound, Conflict."""
    if grant.officer_id != officer.id or grant.kind is not GrantKind.KEY:
        raise NotFound
    if grant.state is not GrantState.GRANTED:
        raise Conflict("decided", "This key was taken already.")
    grant.state = GrantState.DONE
    scopes = [
        scope for scope in keys.parse_scopes(grant.wanted["scopes"]) if scope in keys.allowed(officer.roles)
    ]
    if not scopes:
        raise Conflict("roles", "Your roles allow none of what this key was to do.")
    secret = keys.add_key(session, session.get_one(Officer, officer.id), scopes)
    record(session, actor_of(officer), "key.add", officer.public_id, {"scopes": [*scopes]})
    return secret


def _ask(
    session: Session, author: Officer, kind: GrantKind, officer: Officer | None, wanted: dict[str, Any]
) -> Grant:
    grant = Grant(
        organisation_id=author.organisation_id,
        kind=kind,
        officer_id=officer.id if officer else None,
        wanted=wanted,
        author_id=author.id,
    )
    session.add(grant)
    session.flush()
    _note(session, author, "grant.ask", grant)
    return grant


def _need_a_second(session: Session, author: Officer, officer: Officer) -> None:
    others = officers.administrators(session, author.organisation_id)
    if not {one.id for one in others} - {author.id, officer.id}:
        raise Conflict(
            "alone",
            "This takes a second administrator, and there is no other. Whoever runs this service can do it:"
            f" rollcall officer shut-out --email {officer.email}",
        )


def _decide(session: Session, decider: Officer, grant: Grant, state: GrantState) -> None:
    if grant.state is not GrantState.ASKED:
        raise Conflict("decided", "This request is decided already.")
    if state is not GrantState.REFUSED and decider.id in (grant.author_id, grant.officer_id):
        raise Conflict("second", "Somebody else must confirm what you asked for, or what is for you.")
    grant.state, grant.decider_id = state, decider.id
    grant.decided_at = session.scalar(select(func.now()))


def _make(session: Session, grant: Grant, valid_for: timedelta) -> str:
    wanted = grant.wanted
    organisation = session.get_one(Organisation, grant.organisation_id)
    roles = [Role(role) for role in wanted["roles"]]
    try:
        new = add_officer(session, organisation, wanted["email"], roles, wanted["name"], valid_for=valid_for)
    except Invalid:
        raise Conflict("taken", "There is an officer with this address by now.") from None
    new.officer.post_id = wanted["post"]
    grant.officer_id = new.officer.id
    return new.password


def _set_roles(session: Session, grant: Grant) -> None:
    officer = _target(grant)
    officer.post_id, officer.active = grant.wanted["post"], True
    officers.set_roles(session, officer, [Role(role) for role in grant.wanted["roles"]])


def _target(grant: Grant) -> Officer:
    assert grant.officer is not None, f"a request of kind {grant.kind} is for somebody"
    return grant.officer


def _note(session: Session, officer: Officer, action: str, grant: Grant) -> None:
    """Audit it, without the address of whoever is to come."""
    details: dict[str, Any] = {
        name: grant.wanted[name] for name in ("roles", "post", "scopes") if name in grant.wanted
    }
    target = grant.officer_id and session.get_one(Officer, grant.officer_id).public_id
    record(
        session,
        actor_of(officer),
        action,
        target or grant.public_id,
        {"kind": grant.kind.value, "grant": str(grant.public_id), **details},
    )
