"""One person: what is held, the addresses on request, and erasing it all."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.audit.reading import Purpose, reading
from registry.people import services
from registry.people.console.blueprint import READERS, WRITERS, Opened, opened, people_console
from registry.people.kinds import KINDS
from registry.web.console import may, requires, reveals
from registry.web.forms import Form
from registry.web.language import gettext as _


@people_console.get("/<public_id>")
@requires(*READERS)
def show(public_id: str) -> ResponseReturnValue:
    """Everything but the full addresses."""
    with opened(public_id) as found:
        found.note("person.read", **reading(Purpose.LOOK_UP))
        return _page(found, revealed=False)


@people_console.post("/<public_id>/reveal")
@requires(*reveals.REVEALERS)
def reveal(public_id: str) -> ResponseReturnValue:
    """The same page with the addresses in full, this once; not for more people than one works through by hand."""
    within = reveals.within_limit()
    with opened(public_id) as found:
        if not within:
            reveals.raise_alarm(found.session, found.vault.keys)
            found.note("person.reveal_refused")
            return _page(found, revealed=False, problem=reveals.TOO_MANY), 429
        found.note("person.reveal", **reading(reveals.purpose_given()))
        return _page(found, revealed=True)


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
        kind=_kind(person.kind),
        reasons=reveals.reasons(),
        may_reveal=may(*reveals.REVEALERS) and not locked,
        may_write=may(*WRITERS),
    )


def _kind(word: str | None) -> str | None:
    """What brings them there; an organisation's own word as it is."""
    return _(KINDS.get(word, word.replace("_", " "))) if word else None
