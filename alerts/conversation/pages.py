"""On a person's own page: what they need, and the choices of somebody whose phone is looked at."""

from __future__ import annotations

from datetime import time
from typing import Any

from babel.core import get_global
from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.conversation.needing import note_needs
from alerts.conversation.needs import CODES, NEEDS
from alerts.conversation.texts import need_label
from alerts.responses import duress
from alerts.responses.cases import add_words
from alerts.responses.models import Case, CaseState, ReachBy
from registry.checking import CONTROL
from registry.people.models import Person
from registry.people.pages.guards import limit_changes_by
from registry.people.pages.opened import Opened, opened, saved
from registry.web.forms import Form
from registry.web.language import current_language, gettext

WORDS_LIMIT = 1000
"""Characters of what one writes about a need."""
HOURS = [f"{hour:02}:00" for hour in range(24)]

blueprint = Blueprint("conversation", __name__, template_folder="templates")


@blueprint.record_once
def offer(state: Any) -> None:
    """Add the panels to a person's own page."""
    app: Flask = state.app
    app.extensions.setdefault("me_panels", []).append(panel)
    app.extensions.setdefault("me_choices", []).append(choices)


def panel(session: Session, person: Person, _language: str) -> Markup:
    """The form of needs while help is asked for."""
    case = open_case_of(session, person)
    if case is None:
        return Markup()
    token = (request.view_args or {})["token"]
    needs = [CODES[word] for word in case.needs if word in CODES]
    form = Form({"needs": needs, "reach": case.reach_by or ""})
    page = render_template("conversation/panel.html", token=token, needs=_needs(), form=form)
    return Markup(page)  # noqa: S704 - a template's own


def choices(_session: Session, person: Person, _language: str) -> Markup:
    """The way to the choices for quiet messages, for whoever has them."""
    if not person.quiet:
        return Markup()
    page = render_template("conversation/choices.html", token=(request.view_args or {})["token"])
    return Markup(page)  # noqa: S704 - a template's own


def open_case_of(session: Session, person: Person) -> Case | None:
    """The latest case of a person that they may be reminded of."""
    query = select(Case).where(Case.person_id == person.id, Case.state != CaseState.CLOSED, ~Case.duress)
    return session.scalars(query.order_by(Case.id.desc()).limit(1)).first()


@blueprint.post("/me/<token>/needs")
def state_needs(token: str) -> ResponseReturnValue:
    """Say what one needs and how one may be reached. What is left empty changes nothing."""
    limit_changes_by(token)
    with opened(token) as found:
        case = open_case_of(found.session, found.person)
        if case is None:
            return redirect(url_for("people_pages.own", token=token), 303)
        stated = [NEEDS[code] for code in request.form.getlist("needs") if code in NEEDS]
        if stated:
            note_needs(found.session, case, stated)
        if request.form.get("reach") in set(ReachBy):
            case.reach_by = ReachBy(request.form["reach"])
        said = CONTROL.sub("", request.form.get("words", "")).strip()[:WORDS_LIMIT]
        if said:
            add_words(found.vault, case, said)
        found.note("case.told")
    return saved(token)


@blueprint.route("/me/<token>/quiet", methods=["GET", "POST"])
def quiet(token: str) -> ResponseReturnValue:
    """The hours at which quiet messages may come, and the secret word."""
    if request.method == "POST":
        limit_changes_by(token)
    with opened(token) as found:
        if request.method != "POST":
            return _quiet_page(found, Form(_held(found)))
        form = Form(request.form)
        _read(found, form)
        if form.errors:
            return _quiet_page(found, form), 422
        found.note("person.changed")
    return saved(token)


def _read(found: Opened, form: Form) -> None:
    person, word = found.person, form.value("secret")
    hours = [form.value("from"), form.value("until")]
    zone = form.value("zone") or zones(person)[0]
    if any(hours) and not (set(hours) <= set(HOURS) and zone in zones(person)):
        form.fail("from", gettext("Choose both hours, or none."))
    if word and not duress.fits(word):
        form.fail(
            "secret", gettext("Choose another word: this one is too short, or already means something here.")
        )
    if form.errors:
        return
    given = any(hours)
    person.hours_from, person.hours_until = (time.fromisoformat(hour) if given else None for hour in hours)
    person.time_zone = zone if given else None
    duress.choose(found.vault, person, word)
    found.session.flush()


def zones(person: Person) -> list[str]:
    """The time zones (IANA) of the countries where a person stays; UTC where a country has none."""
    known = get_global("territory_zones")
    held = [person.time_zone] if person.time_zone else []
    here = [zone for stay in person.stays for zone in known.get(stay.country, ())]
    return list(dict.fromkeys([*held, *here])) or ["UTC"]


def _held(found: Opened) -> dict[str, str]:
    person = found.person
    return {
        "from": f"{person.hours_from:%H:%M}" if person.hours_from else "",
        "until": f"{person.hours_until:%H:%M}" if person.hours_until else "",
        "zone": person.time_zone or "",
        "secret": duress.chosen(found.vault, person) or "",
    }


def _quiet_page(found: Opened, form: Form) -> str:
    hours = [(hour, hour) for hour in HOURS]
    places = [(zone, zone.replace("_", " ")) for zone in zones(found.person)]
    return render_template("conversation/quiet.html", token=found.token, form=form, hours=hours, zones=places)


def _needs() -> list[tuple[str, str, str]]:
    labels = {code: need_label(current_language(), code) for code in NEEDS}
    return [(code, label[:1].upper() + label[1:], "") for code, label in labels.items()]
