"""One person: what is held, the addresses on request, and erasing it all."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.audit import alarms
from registry.audit.reading import Purpose, reading
from registry.database import unscoped
from registry.i18n import mark
from registry.organisations.models import Role
from registry.people import services
from registry.people.console.blueprint import READERS, WRITERS, Opened, opened, people_console
from registry.web.console import current_officer, may, requires
from registry.web.forms import Form
from registry.web.language import gettext as _
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


@people_console.get("/<public_id>")
@requires(*READERS)
def show(public_id: str) -> ResponseReturnValue:
    """Everything but the full addresses."""
    with opened(public_id) as found:
        found.note("person.read", **reading(Purpose.LOOK_UP))
        return _page(found, revealed=False)


@people_console.post("/<public_id>/reveal")
@requires(*REVEALERS)
def reveal(public_id: str) -> ResponseReturnValue:
    """The same page with the addresses in full, this once; not for more people than one works through by hand."""
    within = _within_limit()
    with opened(public_id) as found:
        if not within:
            alarms.note_reveals(found.session, found.vault.keys, current_officer(), platform().base_url)
            found.note("person.reveal_refused")
            return _page(found, revealed=False, problem=TOO_MANY), 429
        purpose = request.form.get("purpose")
        found.note("person.reveal", **reading(Purpose(purpose if purpose in REASONS else Purpose.CONTACT)))
        return _page(found, revealed=True)


def _within_limit() -> bool:
    """Counted in a transaction of its own, and before anything is opened."""
    with unscoped() as session:
        who = str(current_officer().public_id)
        return allow(session, platform().signing_key, "reveals", who, alarms.MOST_REVEALS, alarms.WINDOW)


@people_console.get("/<public_id>/erase")
@requires(*WRITERS)
def ask_to_erase(public_id: str) -> ResponseReturnValue:
    """Say what erasing means."""
    with opened(public_id) as found:
        return render_template("console/people/erase.html", person=found.person, form=Form())


@people_console.post("/<public_id>/erase")
@requires(*WRITERS)
def erase(public_id: str) -> ResponseReturnValue:
    """Erase the person once the officer has ticked that they mean it."""
    with opened(public_id) as found:
        form = Form(request.form)
        if not form.chosen("sure", "yes"):
            form.fail("sure", _("Tick the box to erase this person."))
            return render_template("console/people/erase.html", person=found.person, form=form), 422
        reference = found.person.reference
        services.erase(found.session, found.person)
        found.note("person.erase")
    flash(_("%(reference)s is erased.", reference=reference), "good")
    return redirect(url_for(".index"))


def _page(found: Opened, *, revealed: bool, problem: str | None = None) -> str:
    person, vault = found.person, found.vault
    locked = not vault.opens(person)
    shown = vault.address if revealed and not locked else vault.masked
    return render_template(
        "console/people/person.html",
        person=person,
        locked=locked,
        name=None if locked else vault.name(person),
        contacts=[(contact, shown(contact)) for contact in person.contacts],
        stays=[(stay, None if locked else vault.place(stay)) for stay in person.stays],
        revealed=revealed and not locked,
        problem=problem,
        reasons=REASONS,
        may_reveal=may(*REVEALERS) and not locked,
        may_write=may(*WRITERS),
    )
