"""Telling every duty officer that a colleague has sent an alert alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from alerts.lifecycle.models import Alert
from registry.crypto.keyring import OrganisationKeys
from registry.notices.officers import queue_officer_mail
from registry.organisations.models import Officer, Role
from registry.places import country_name

VALID_FOR = timedelta(days=2)
TEXT = """{name} has sent {what} without a second officer.

It reaches {audience:,} phones and mailboxes in {countries}.
Reason given: {reason}

Look at it now. You can pause or cancel it, and correct what has left:
{url}

This was told to every approver and administrator of your organisation, {name} among them.
"""


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
    what = f"{'an exercise' if alert.exercise else 'an alert'} ({alert.crisis.replace('_', ' ')})"
    text = TEXT.format(
        name=officer.name,
        what=what,
        audience=alert.snapshot["audience"],
        countries=", ".join(country_name(code, "en") for code in alert.area["countries"]),
        reason=alert.break_glass_reason,
        url=url,
    )
    subject = f"{'Exercise' if alert.exercise else 'Alert'} sent by one officer alone"
    for colleague in duty_officers(session, alert.organisation_id):
        queue_officer_mail(session, keys, colleague, subject, text, VALID_FOR)
