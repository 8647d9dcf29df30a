"""Officers of an organisation: listing them, and taking from them. Giving needs two (see `grants`)."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry
from registry.audit.services import record
from registry.browsers import services as browsers
from registry.database import get_published
from registry.factors.services import remove_all
from registry.organisations import keys, sign_in
from registry.organisations.models import ApiKey, Officer, Role
from registry.organisations.services import ONE_TIME_LIFE, actor_of, give_one_time_password

MOST_ALONE = 3
"""Officers from whom one administrator may take roles, or all, within a day without a second one."""
SHUT_OUT, NARROWED = "officer.deactivate", "officer.roles"


def list_officers(session: Session, organisation_id: int, after: int = 0, limit: int = 50) -> list[Officer]:
    """Up to `limit` officers in the order they came, from the one after number `after` on."""
    query = select(Officer).where(Officer.organisation_id == organisation_id, Officer.id > after)
    return list(session.scalars(query.order_by(Officer.id).limit(limit)))


def get_officer(session: Session, organisation_id: int, public_id: uuid.UUID) -> Officer:
    """By public id. Raises NotFound also for an officer of another organisation."""
    return get_published(session, Officer, public_id, Officer.organisation_id == organisation_id)


def administrators(session: Session, organisation_id: int) -> list[Officer]:
    """The active ones; where there is one alone nothing can be granted on the pages."""
    query = select(Officer).where(
        Officer.organisation_id == organisation_id,
        Officer.active,
        Officer.roles.contains([Role.ADMINISTRATOR.value]),
    )
    return list(session.scalars(query.order_by(Officer.id)))


def takes_two(
    session: Session, administrator: Officer, officer: Officer, roles: Collection[Role] = ()
) -> bool:
    """Whether a second administrator must agree before an officer is left only these roles.

    Where an administrator loses that role always, else from the fourth officer within a day on: nobody alone shall shut
    out those who could stop them, nor everybody on the eve of an alert.
    """
    if Role.ADMINISTRATOR in officer.roles and Role.ADMINISTRATOR not in roles:
        return True
    session.get_one(Officer, administrator.id, with_for_update=True)  # theirs are counted one after the other
    taken = select(func.count()).where(
        AuditEntry.organisation_id == administrator.organisation_id,
        AuditEntry.actor == administrator.email,
        AuditEntry.action.in_((SHUT_OUT, NARROWED)),
        AuditEntry.at > func.now() - timedelta(days=1),
    )
    return session.execute(taken).scalar_one() >= MOST_ALONE


def shut_out(session: Session, officer: Officer) -> None:
    """End every sign-in of an officer, and all keys of theirs for good, and let them in no more."""
    officer.active = False
    sign_in.end_all(session, officer)
    keys.revoke_all(session, officer)
    session.flush()


def deactivate(session: Session, administrator: Officer, officer: Officer) -> None:
    """Shut an officer out at once, where it doesn't take two. Audited."""
    shut_out(session, officer)
    record(session, actor_of(administrator), SHUT_OUT, officer.public_id)


def revoke_key(session: Session, administrator: Officer, key: ApiKey) -> None:
    """End a key at once; one that is ended stays so. Audited."""
    key.revoked_at = key.revoked_at or session.scalar(select(func.now()))
    session.flush()
    officer = session.get_one(Officer, key.officer_id)
    details = {"key": str(key.public_id), "scopes": list(key.scopes)}
    record(session, actor_of(administrator), "key.revoke", officer.public_id, details)


def narrow(session: Session, administrator: Officer, officer: Officer, roles: list[Role]) -> None:
    """Leave an officer only some of the roles that they have, where it doesn't take two. Audited."""
    assert set(roles) < set(officer.roles), "this takes roles and gives none"
    set_roles(session, officer, roles)
    record(session, actor_of(administrator), NARROWED, officer.public_id, {"roles": list(roles)})


def set_roles(session: Session, officer: Officer, roles: Collection[Role]) -> None:
    """Give an officer other roles, end their sign-ins, and take from their keys what only a lost role allowed."""
    keys.take_scopes(session, officer, keys.allowed(officer.roles) - keys.allowed(roles))
    officer.roles = [role.value for role in roles]
    sign_in.end_all(session, officer)
    session.flush()


def end_sign_ins(
    session: Session, administrator: Officer, officer: Officer, public_id: uuid.UUID | None = None
) -> None:
    """End one of an officer's sign-ins, or all of them, as when a device was lost. Audited."""
    if public_id:
        sign_in.end_one(session, officer, public_id)
    else:
        sign_in.end_all(session, officer)
    details = {"which": str(public_id) if public_id else "all"}
    record(session, actor_of(administrator), "officer.sign_in_ended", officer.public_id, details)


def reset(session: Session, officer: Officer, valid_for: timedelta = ONE_TIME_LIFE) -> str:
    """Forget an officer's password, second factors, browsers and sign-ins; the new one-time password."""
    password = give_one_time_password(officer, valid_for)
    remove_all(session, officer)
    browsers.forget(session, officer)
    sign_in.end_all(session, officer)
    session.flush()
    return password
