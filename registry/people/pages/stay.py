"""Moving: where a person is now, or will be as well."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.checking import Checker
from registry.errors import Invalid
from registry.people import services
from registry.people.intake import MAX_STAYS, NewStay, earliest_today, read_stay
from registry.people.pages import options
from registry.people.pages.blueprint import people_pages
from registry.people.pages.guards import limit_changes_by
from registry.people.pages.opened import Opened, opened, saved
from registry.places import country_codes, subdivisions
from registry.web.forms import Form
from registry.web.language import gettext

FIELDS = ("subdivision", "place", "from", "until")


@people_pages.get("/me/<token>/move")
def choose_new_country(token: str) -> ResponseReturnValue:
    """To which country?"""
    form = Form(request.args)
    with opened(token) as found:
        if "country" not in form.values:
            form = Form({"country": found.person.stays[-1].country if found.person.stays else ""})
        elif form.value("country") in country_codes():
            return redirect(url_for(".move", token=token, country=form.value("country")), 303)
        else:
            form.fail("country", gettext("Choose a country."))
        page = render_template(
            "people/move_country.html", token=token, form=form, countries=options.countries()
        )
    return page, 422 if form.errors else 200


@people_pages.route("/me/<token>/move/<country>", methods=["GET", "POST"])
def move(token: str, country: str) -> ResponseReturnValue:
    """Where there, and for how long? Replaces the places known, or adds to them."""
    if country not in country_codes():
        return redirect(url_for(".choose_new_country", token=token), 303)
    if request.method == "POST":
        limit_changes_by(token)
    with opened(token) as found:
        if request.method != "POST":
            return _page(found, country, Form({"how": "move"}))
        form = Form(request.form)
        stay = _read(form, country)
        also = form.value("how") == "also"
        if also and len(found.person.stays) >= MAX_STAYS:
            form.fail("how", gettext("You have too many places. Choose that you have moved."))
        if stay is None or form.errors:
            return _page(found, country, form), 422
        if also:
            services.add_stay(found.session, found.vault, found.person, stay)
        else:
            services.move(found.session, found.vault, found.person, (stay,))
        found.note("person.moved")
    return saved(token)


def _read(form: Form, country: str) -> NewStay | None:
    check = Checker()
    given = {name: form.value(name) for name in FIELDS}
    stay = read_stay(check, given | {"country": country}, "stay", since=earliest_today())
    try:
        check.done()
    except Invalid as invalid:
        form.take(invalid, {f"stay.{name}": name for name in FIELDS})
        return None
    return stay


def _page(found: Opened, country: str, form: Form) -> str:
    return render_template(
        "people/move.html",
        token=found.token,
        form=form,
        country=country,
        subdivisions=list(subdivisions(country).items()),
    )
