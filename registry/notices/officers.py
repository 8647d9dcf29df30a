"""Mail to officers: what they must know although they look at no screen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict

from sqlalchemy import func
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from registry.crypto.keyring import OrganisationKeys
from registry.i18n import OFFICER_LANGUAGES, negotiate, translations
from registry.notices.models import OfficerMail
from registry.organisations.models import Officer


class MailContent(TypedDict):
    """What a mail says, and where it goes."""

    address: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """A mail in English, marked for the catalogues; `%(name)s` stands for what is only known when it is written."""

    subject: str
    text: str


def tell(
    session: Session,
    keys: OrganisationKeys,
    officer: Officer,
    words: Words,
    valid_for: timedelta,
    **values: object,
) -> OfficerMail:
    """As `queue_officer_mail`, in the officer's own language."""
    say = translations(negotiate(officer.language, [], OFFICER_LANGUAGES)).gettext
    text = say(words.text) % values if values else say(words.text)
    return queue_officer_mail(session, keys, officer, say(words.subject), text, valid_for)


def _row(officer: Officer) -> bytes:
    return b"officer_mails.content:" + officer.public_id.bytes


def queue_officer_mail(
    session: Session,
    keys: OrganisationKeys,
    officer: Officer,
    subject: str,
    text: str,
    valid_for: timedelta,
) -> OfficerMail:
    """Queue a mail to an officer and wake the dispatcher at commit. The session is scoped to their organisation.

    It goes to the address that the officer has now: a later change of address must not divert it. After `valid_for`
    it is no longer sent.
    """
    content = MailContent(address=officer.email, subject=subject, text=text)
    mail = OfficerMail(
        organisation_id=officer.organisation_id,
        officer_id=officer.id,
        sealed_content=keys.own.seal(json.dumps(content, ensure_ascii=False).encode(), _row(officer)),
        expires_at=func.now() + valid_for,
    )
    session.add(mail)
    session.flush()
    session.execute(sql("NOTIFY rollcall, 'notices'"))
    return mail


def open_officer_mail(keys: OrganisationKeys, mail: OfficerMail, officer: Officer) -> MailContent:
    """The content of a mail to this officer. Raises Unreadable, also once it was wiped."""
    content: MailContent = json.loads(keys.own.open(mail.sealed_content or b"", _row(officer)))
    return content
