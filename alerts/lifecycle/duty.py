"""Telling every duty officer that a colleague has sent an alert alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from alerts.lifecycle.models import Alert
from alerts.lifecycle.telling import ALERT, EXERCISE
from registry.crypto.keyring import OrganisationKeys
from registry.notices.officers import tell
from registry.organisations.models import Officer, Role
from registry.places import country_name

VALID_FOR = timedelta(days=2)


def duty_officers(session: Session, organisation_id: int) -> Sequence[Officer]:
    """Whoever may approve or administer."""
    return officers_with(session, organisation_id, Role.APPROVER, Role.ADMINISTRATOR)


def officers_with(session: Session, organisation_id: int, *roles: Role) -> Sequence[Officer]:
    """Active officers with at least one of these roles."""
    return session.scalars(
        select(Officer)
        .where(
            Officer.organisation_id == organisation_id,
            Officer.active,
            or_(*(Officer.roles.contains([role.value]) for role in roles)),
        )
        .order_by(Officer.id)
    ).all()


def tell_duty_officers(
    session: Session, keys: OrganisationKeys, officer: Officer, alert: Alert, url: str
) -> None:
    """By mail to each, the sender too: were it not they, they must know. The alert is sealed already."""
    assert alert.snapshot is not None and alert.break_glass_reason is not None
    words = EXERCISE if alert.exercise else ALERT
    for colleague in duty_officers(session, alert.organisation_id):
        values = {
            "name": officer.name,
            "audience": f"{alert.snapshot['audience']:,}",
            "countries": ", ".join(
                country_name(code, colleague.language) for code in alert.area["countries"]
            ),
            "reason": alert.break_glass_reason,
            "url": url,
        }
        tell(session, keys, colleague, words, VALID_FOR, **values)
