"""On a person's own page: whom we may ask how they are when they are silent."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from alerts.conversation.commands import reference_in
from alerts.conversation.texts import NAMES
from alerts.family.household import MOST, Member, members_of, set_members
from alerts.family.kin import Details, details_of, forget_kin, kin_of, name_kin
from alerts.family.models import Kin
from registry.checking import Checker
from registry.errors import Invalid
from registry.people.intake import read_contact
from registry.people.models import Person
from registry.people.pages import options
from registry.people.pages.contact_form import can_be_told
from registry.people.pages.guards import limit_changes_by
from registry.people.pages.opened import Opened, opened, saved
from registry.people.vault import Vault
from registry.web.forms import Form
from registry.web.language import current_language, gettext

LONGEST_NAME = 30
"""Characters: the question holds little more."""
FIELDS = {"contact.address": "phone", "contact.country": "phone_country"}

blueprint = Blueprint("family", __name__, template_folder="templates")


@blueprint.record_once
def offer(state: Any) -> None:
    """Add the panel and the download's part to a person's own page."""
    app: Flask = state.app
    app.extensions.setdefault("me_choices", []).append(panel)
    app.extensions.setdefault("me_exporters", []).append(exported)


def panel(session: Session, person: Person, _language: str) -> Markup:
    """Whether somebody is named, and the way to change it. Who is named stands on a page of its own."""
    token = (request.view_args or {})["token"]
    change, household = (url_for(f"family.{page}", token=token) for page in ("kin", "household"))
    page = render_template(
        "family/panel.html", kin=kin_of(session, person), change=change, household=household
    )
    return Markup(page)  # noqa: S704 - a template's own


def exported(session: Session, vault: Vault, person: Person) -> dict[str, Any]:
    """Whom the person has named, ready for JSON."""
    found = kin_of(session, person)
    answers_for = [one._asdict() for one in members_of(vault, person)]
    return {"emergency_contact": details_of(vault, found) if found else None, "answers_for": answers_for}


@blueprint.route("/me/<token>/kin", methods=["GET", "POST"])
def kin(token: str) -> ResponseReturnValue:
    """Name an emergency contact, or nobody any more."""
    if request.method == "POST":
        limit_changes_by(token)
    with opened(token) as found:
        named = kin_of(found.session, found.person)
        if request.method != "POST":
            return _page(found, Form(_held(found, named)), named)
        if request.form.get("action") == "remove":
            forget_kin(found.session, found.person)
        else:
            form = Form(request.form)
            details = _read(form)
            if details is None:
                return _page(found, form, named), 422
            name_kin(found.session, found.vault, found.person, details)
        found.note("person.changed")
    return saved(token)


def _held(found: Opened, named: Kin | None) -> dict[str, str]:
    if named is None:
        return {"name": found.vault.name(found.person) or "", "language": current_language()}
    details = details_of(found.vault, named)
    return {"phone": details["address"], "name": details["name"], "language": details["language"]}


def _read(form: Form) -> Details | None:
    check = Checker()
    given = {"channel": "sms", "address": form.value("phone"), "country": form.value("phone_country")}
    contact = read_contact(check, given, "contact")
    name = check.text(form.values, "name", "name", LONGEST_NAME)
    if name is None and not any(error.field == "name" for error in check.errors):
        check.fail("name", "required", "say by which name they know you")
    language = form.value("language")
    if language not in dict(NAMES):
        check.fail("language", "required", "choose a language")
    try:
        check.done()
    except Invalid as invalid:
        form.take(invalid, FIELDS)
        return None
    if contact is None or name is None or not can_be_told(form, contact.address):
        return None
    return Details(address=contact.address, language=language, name=name)


@blueprint.route("/me/<token>/household", methods=["GET", "POST"])
def household(token: str) -> ResponseReturnValue:
    """Say for whom one answers too from one's phone."""
    if request.method == "POST":
        limit_changes_by(token)
    with opened(token) as found:
        if request.method != "POST":
            held = enumerate(members_of(found.vault, found.person))
            return _household(
                found, Form({f"{key}{n}": v for n, one in held for key, v in one._asdict().items()})
            )
        form = Form(request.form)
        members = _members(form)
        if form.errors:
            return _household(found, form), 422
        set_members(found.vault, found.person, members)
        found.session.flush()
        found.note("person.changed")
    return saved(token)


def _members(form: Form) -> list[Member]:
    """Those of whom a name or a reference is given. A reference is only read, and not looked up."""
    members, check = [], Checker()
    for number in range(MOST):
        name = check.text(form.values, f"name{number}", f"name{number}", LONGEST_NAME)
        written = form.value(f"reference{number}")
        reference = reference_in(written)
        if written.strip() and reference is None:
            form.fail(f"reference{number}", gettext("A reference looks like K7M2-Q9TX."))
        elif reference and name:
            members.append(Member(name, reference))
        elif reference:
            form.fail(f"name{number}", gettext("Write a name."))
        elif name:
            form.fail(f"reference{number}", gettext("A reference looks like K7M2-Q9TX."))
    form.take(Invalid(check.errors))
    return members


def _household(found: Opened, form: Form) -> str:
    return render_template("family/household.html", token=found.token, form=form, rows=range(MOST))


def _page(found: Opened, form: Form, named: Kin | None) -> str:
    return render_template(
        "family/kin.html", token=found.token, form=form, named=named, languages=NAMES, options=options
    )
