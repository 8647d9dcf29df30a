"""Joining: country, then who, how and in which language."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.database import scoped, unscoped
from registry.errors import Invalid
from registry.i18n import mark
from registry.organisations.models import Organisation, OrganisationKind
from registry.organisations.services import serving
from registry.people.intake import Intake, earliest_today, read_person
from registry.people.joining import join
from registry.people.pages import options, pending
from registry.people.pages.blueprint import people_pages
from registry.people.pages.contact_form import blank_contact, can_be_told, given_contact, names_for
from registry.people.pages.guards import limit_messages_to
from registry.people.vault import Vault
from registry.places import country_codes, subdivisions
from registry.web.forms import Form
from registry.web.language import current_language, gettext
from registry.web.platform import platform
from registry.web.quiet import handed_on
from registry.web.steady import steady

KINDS = {
    OrganisationKind.FOREIGN_SERVICE: mark("Embassies and consulates of a state"),
    OrganisationKind.HOST_STATE: mark("An authority of the country you are in"),
    OrganisationKind.INTERNATIONAL: mark("An international organisation"),
    OrganisationKind.CIVIL_SOCIETY: mark("An aid organisation"),
    OrganisationKind.EMPLOYER: mark("An employer"),
    OrganisationKind.REGIONAL: mark("A body of several states"),
    OrganisationKind.DIASPORA: mark("An association of people abroad"),
}
OPTIONAL = ("name", "nationality", "kind", "household_size", "subdivision", "place", "until", "quiet")
STAY_FIELDS = ("country", "subdivision", "place", "until")


@people_pages.get("/register")
def choose_country() -> ResponseReturnValue:
    """In which country are you?"""
    form = Form(request.args)
    if "country" in form.values:
        country = form.value("country")
        if country in country_codes():
            return redirect(url_for(".register", country=country), 303)
        form.fail("country", gettext("Choose a country."))
    page = render_template("people/country.html", form=form, countries=options.countries())
    return page, 422 if form.errors else 200


@people_pages.route("/register/<country>", methods=["GET", "POST"])
def register(country: str) -> ResponseReturnValue:
    """Who may reach you, how, and in which language?"""
    if country not in country_codes():
        return redirect(url_for(".choose_country"), 303)
    with unscoped() as session:
        organisations = serving(session, country)
    if request.method != "POST" or not organisations:
        return _page(country, organisations, Form(_asked(country)))
    form = Form(request.form)
    organisation = _chosen(form, organisations)
    intake = _read(form, country)
    if organisation is None or intake is None:
        return _page(country, organisations, form), 422
    strangers = limit_messages_to(intake.contacts[0].address)
    with steady():
        _join(organisation.id, intake, strangers=strangers)
    return redirect(url_for(".confirm", **handed_on(quiet=intake.quiet)), 303)


def _asked(country: str) -> dict[str, str]:
    """What the form says at first; a poster's address names who hung it there."""
    held = {"language": current_language(), "organisation": request.args.get("with", "")}
    return blank_contact(country) | held


def _page(country: str, organisations: list[Organisation], form: Form) -> str:
    return render_template(
        "people/register.html",
        form=form,
        country=country,
        organisations=organisations,
        organisation_choices=[
            (str(one.public_id), one.name, gettext(KINDS[one.kind])) for one in organisations
        ],
        subdivisions=list(subdivisions(country).items()),
        options=options,
        kept=platform(),
        more_open=any(name in form.errors or form.value(name) for name in OPTIONAL),
    )


def _chosen(form: Form, organisations: list[Organisation]) -> Organisation | None:
    """The organisation that the person named; the only one there is needs no naming."""
    if len(organisations) == 1:
        return organisations[0]
    wanted = form.value("organisation")
    found = next((one for one in organisations if str(one.public_id) == wanted), None)
    if found is None:
        form.fail("organisation", gettext("Choose who keeps your registration."))
    return found


def _read(form: Form, country: str) -> Intake | None:
    """The form as an intake; None with the errors noted in it."""
    contact = given_contact(form)
    data: dict[str, Any] = {name: form.value(name) for name in ("language", *OPTIONAL)}
    data["quiet"] = form.chosen("quiet", "yes")
    data["contacts"] = [contact]
    data["stays"] = [{name: data.get(name) for name in STAY_FIELDS} | {"country": country}]
    try:
        intake = read_person(data, since=earliest_today())
    except Invalid as invalid:
        names = {f"stays.0.{name}": name for name in STAY_FIELDS}
        form.take(invalid, names_for(contact) | names)
        return None
    return intake if can_be_told(form, intake.contacts[0].address) else None


def _join(organisation_id: int, intake: Intake, *, strangers: bool) -> None:
    with scoped(organisation_id) as session:
        vault = Vault.open(session, platform().keyring, organisation_id)
        contact = join(session, vault, platform().signing_key, intake, strangers=strangers)
        pending.remember("joining", vault, contact.id, intake.contacts[0].address)
