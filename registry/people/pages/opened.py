"""A person's record, opened by their personal link, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.audit import services as audit
from registry.database import unscoped
from registry.database.session import set_scope
from registry.people import presence
from registry.people.links import open_link, read_unsubscribe_token, unsubscribe_token
from registry.people.models import ContactPoint, ContactState, Person
from registry.people.pages.blueprint import people_pages
from registry.people.services import WHOLE
from registry.people.vault import Vault
from registry.web.language import gettext, prefer_language
from registry.web.platform import platform
from registry.web.quiet import hush


class LinkGone(Exception):  # noqa: N818
    """A personal link that opens nothing: unknown, expired, ended, or its person erased."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A person with all that is needed to show and change them."""

    session: Session
    vault: Vault
    person: Person
    token: str

    def note(self, action: str) -> None:
        """Put the person's act in the audit log, and that they gave a sign; call it last."""
        presence.seen(self.session, self.person.id)
        actor = audit.person(self.person.organisation_id)
        audit.record(self.session, actor, action, self.person.public_id)

    def name_of(self, contact: ContactPoint) -> str:
        """What a page calls a contact point in its forms."""
        return unsubscribe_token(platform().signing_key, contact.organisation_id, contact.id)

    def can_spare(self, contact: ContactPoint) -> bool:
        """Whether another confirmed contact point is left when this one is removed."""
        others = (other for other in self.person.contacts if other is not contact)
        return any(other.state is not ContactState.UNCONFIRMED for other in others)

    def contact(self, name: str) -> ContactPoint | None:
        """The person's contact point of that name."""
        ids = read_unsubscribe_token(platform().signing_key, name)
        return next((contact for contact in self.person.contacts if ids and contact.id == ids[1]), None)


@contextmanager
def opened(token: str) -> Iterator[Opened]:
    """The record that a link opens; commits at the end. Raises LinkGone."""
    with unscoped() as session:
        ids = open_link(session, token)
        if ids is None:
            raise LinkGone
        set_scope(session, ids[0])
        person = session.get(Person, ids[1], options=WHOLE)
        if person is None:
            raise LinkGone
        prefer_language(person.language)
        if person.quiet:
            hush()
        yield Opened(session, Vault.open(session, platform().keyring, ids[0]), person, token)


def saved(token: str) -> ResponseReturnValue:
    """Back to the person's own page, which says that the change is kept."""
    flash(gettext("Saved."))
    return redirect(url_for("people_pages.own", token=token), 303)


@people_pages.app_errorhandler(LinkGone)
def gone(_error: LinkGone) -> Response:
    """The same answer whatever became of the link."""
    return make_response(render_template("people/gone.html"), 404)
