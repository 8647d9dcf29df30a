"""Queueing notices. Whoever sends them opens the content here."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TypedDict

from sqlalchemy import func, text
from sqlalchemy.orm import Session

from registry.notices.models import Notice
from registry.people.models import ContactPoint, Person
from registry.people.vault import Vault, cipher_of


class NoticeContent(TypedDict):
    """What a notice says."""

    subject: str | None
    text: str


def content_row(person: bytes) -> bytes:
    """Associated data of a notice's content; `person` is the public id."""
    return b"notices.content:" + person


def queue(
    session: Session,
    vault: Vault,
    contact: ContactPoint,
    subject: str | None,
    body: str,
    *,
    valid_for: timedelta,
) -> Notice:
    """Queue a message to one contact point, sealed under its person's key, and wake the dispatcher at commit.

    `subject` is for email only. After `valid_for` it is no longer sent.
    """
    content = json.dumps(NoticeContent(subject=subject, text=body), ensure_ascii=False).encode()
    person = contact.person
    notice = Notice(
        organisation_id=contact.organisation_id,
        contact_point_id=contact.id,
        sealed_content=cipher_of(vault.keys, person).seal(content, content_row(person.public_id.bytes)),
        expires_at=func.now() + valid_for,
    )
    session.add(notice)
    session.flush()
    session.execute(text("NOTIFY rollcall, 'notices'"))
    return notice


def open_content(vault: Vault, notice: Notice, person: Person) -> NoticeContent:
    """The content of a notice to this person. Raises Unreadable, also once it was wiped."""
    content: NoticeContent = json.loads(
        cipher_of(vault.keys, person).open(notice.sealed_content or b"", content_row(person.public_id.bytes))
    )
    return content
