"""Opening contacts in full: for a purpose, counted for each officer, and an alarm for whoever opens too many."""

from __future__ import annotations

from flask import request
from sqlalchemy.orm import Session

from registry.audit import alarms
from registry.audit.reading import Purpose
from registry.crypto.keyring import OrganisationKeys
from registry.database import unscoped
from registry.i18n import mark
from registry.organisations.models import Role
from registry.web.console.access import current_officer
from registry.web.language import gettext
from registry.web.limits import allow
from registry.web.platform import platform

REVEALERS = (Role.REGISTRAR, Role.CASE_WORKER)
REASONS = {
    Purpose.CONTACT.value: mark("To reach them"),
    Purpose.IDENTITY.value: mark("To make sure who they are"),
    Purpose.CORRECTION.value: mark("To correct what is held"),
    Purpose.CASE.value: mark("For a case"),
}
TOO_MANY = mark(
    "You have looked at many people's contacts in a short time. The administrators have been told. "
    "Go on in ten minutes."
)


def reasons() -> list[tuple[str, str]]:
    """What it may be for, to choose from."""
    return [(word, gettext(words)) for word, words in REASONS.items()]


def within_limit() -> bool:
    """Count one person opened, in a transaction of its own and before anything is; whether it may be."""
    with unscoped() as session:
        who = str(current_officer().public_id)
        return allow(session, platform().signing_key, "reveals", who, alarms.MOST_REVEALS, alarms.WINDOW)


def raise_alarm(session: Session, keys: OrganisationKeys) -> None:
    """Tell whoever minds alarms of the officer's own organisation."""
    alarms.note_reveals(session, keys, current_officer(), platform().base_url)


def purpose_given() -> Purpose:
    """What the form says it is for."""
    purpose = request.form.get("purpose")
    return Purpose(purpose if purpose in REASONS else Purpose.CONTACT)
