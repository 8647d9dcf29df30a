"""`/audit`: the log, for programs of auditors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiflask import APIBlueprint
from pydantic import AwareDatetime, Field

from registry.api.access import Call
from registry.api.answers import Answer
from registry.api.document import ROOT
from registry.api.operations import Operation, operation
from registry.api.pages import Page, open_cursor, page_of
from registry.api.schemas import PageQuery, Shown
from registry.audit.search import Wanted, later
from registry.audit.services import record
from registry.organisations.models import Scope

LIST = "audit"
audit_api = APIBlueprint("audit_api", __name__, url_prefix=ROOT, tag="Audit")


class AuditQuery(PageQuery):
    """Which entries."""

    actor: str | None = Field(None, max_length=254, description="An officer's address, person, or system.")
    action: str | None = Field(
        None, max_length=60, description="Such as person.read; person. is all of them."
    )
    subject: str | None = Field(None, max_length=80, description="The id of whom or what it was about.")
    since: AwareDatetime | None = Field(None, description="Not before.")
    until: AwareDatetime | None = Field(None, description="Before.")


class AuditEntry(Shown):
    """One act."""

    number: int = Field(description="Its place in the organisation's chain, from 1 without gaps.")
    at: datetime
    actor: str
    action: str
    subject: str | None
    details: dict[str, Any]
    previous: str = Field(description="Digest of the entry before it, in hexadecimal.")
    digest: str = Field(description="SHA-256 over the previous digest and this entry.")


class AuditPage(Page[AuditEntry]):
    """A page of the log, in the order it was written."""


@operation(audit_api, "GET", "/audit", Operation(Scope.AUDIT_READ, AuditPage, query=AuditQuery))
def list_audit(call: Call, query: AuditQuery) -> Answer:
    """List entries of the audit log, in the order they were written. Reading them is an entry too."""
    wanted = Wanted(
        query.actor.lower() if query.actor else None, query.action, query.subject, query.since, query.until
    )
    position = open_cursor(call.vault, LIST, query.after)
    after = position[0] if position else 0
    found = later(call.session, call.vault.organisation.id, wanted, after, query.limit + 1)
    shown, following = page_of(call.vault, LIST, found, query.limit, lambda entry: (entry.number,))
    items = [
        AuditEntry(
            number=entry.number,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            details=entry.details,
            previous=entry.previous.hex(),
            digest=entry.digest.hex(),
        )
        for entry in shown
    ]
    record(call.session, call.actor, "audit.search", None, wanted.given())
    return Answer(AuditPage(items=items, next=following))
