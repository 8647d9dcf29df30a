"""The list of people, and looking for one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry import places
from registry.addresses import normalise_email, normalise_phone
from registry.api.pages import page_of
from registry.audit.reading import Purpose, reading, readings
from registry.audit.services import record
from registry.organisations.services import actor_of
from registry.people import services
from registry.people.console.blueprint import READERS, people_console
from registry.people.listing import Wanted, list_people
from registry.people.models import Person
from registry.people.pages import options
from registry.people.vault import Vault
from registry.staff.reach import reach_of
from registry.web.console import current_officer, requires
from registry.web.console.paging import place_in
from registry.web.console.vaults import transaction
from registry.web.forms import Form
from registry.web.language import gettext as _

PAGE = 50
LIST = "console people"


@people_console.get("/")
@requires(*READERS)
def index() -> ResponseReturnValue:
    """A page of people. Without names: opening those would be a reading of each."""
    return _page(Form())


@people_console.post("/find")
@requires(*READERS)
def find() -> ResponseReturnValue:
    """Go to the person with a reference or an exact contact; a POST, so that no address stands in a URL."""
    form = Form({name: request.form.get(name, "").strip()[:254] for name in ("query", "phone_country")})
    query = form.value("query")
    if not query:
        form.fail("query", _("Enter a reference, a phone number or an email address."))
        return _page(form), 422
    with transaction() as (session, vault):
        person = _find(session, vault, query, form.value("phone_country"))
        if person and not services.is_seen_by(session, current_officer(), person):
            person = None
        subject = person.public_id if person else None
        record(session, actor_of(current_officer()), "people.search", subject, reading(Purpose.LOOK_UP))
    if person is None:
        form.fail("query", _("Nobody is registered under this. Check it: only an exact match is found."))
        return _page(form), 422
    return redirect(url_for(".show", public_id=person.public_id))


def _find(session: Session, vault: Vault, query: str, phone_country: str) -> Person | None:
    if "@" in query:
        address = normalise_email(query)
    else:
        person = services.find_by_reference(session, query)
        if person:
            return person
        address = normalise_phone(query, phone_country or None)
    contact = services.find_contact(session, vault, address) if address else None
    return contact.person if contact else None


def _wanted() -> Wanted:
    """The filters of the address; what makes no sense filters nothing."""
    country = places.normalise_country(request.args.get("country", ""))
    subdivision = request.args.get("subdivision", "")
    language = places.normalise_language(request.args.get("language", ""))
    return Wanted(
        country,
        places.normalise_subdivision(subdivision, country) if country and subdivision else None,
        language,
    )


def _page(form: Form) -> str:
    wanted = _wanted()
    with transaction() as (session, vault):
        after = place_in(vault, LIST) or 0
        within = replace(wanted, within=reach_of(session, current_officer()))
        people = list_people(session, vault.organisation.id, within, after, PAGE + 1)
        shown, following = page_of(vault, LIST, people, PAGE)
        if request.method != "POST":
            listed = readings(Purpose.LOOK_UP, "people", (person.public_id for person in shown))
            record(session, actor_of(current_officer()), "people.list", None, listed)
        return render_template(
            "console/people/index.html",
            form=form,
            people=[(person, [vault.masked(contact) for contact in person.contacts]) for person in shown],
            filters=_filters(wanted),
            subdivisions=list(places.subdivisions(wanted.country).items()) if wanted.country else [],
            options=options,
            next_after=following,
            first=not after,
        )


def _filters(wanted: Wanted) -> dict[str, Any]:
    given = {"country": wanted.country, "subdivision": wanted.subdivision, "language": wanted.language}
    return {name: value for name, value in given.items() if value}
