"""Console pages for exports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry import places
from registry.api.pages import page_of
from registry.database import scoped
from registry.errors import Conflict, Invalid
from registry.exports import services
from registry.exports.console.words import PURPOSES, columns_in_words
from registry.exports.models import Export, ExportState
from registry.exports.purposes import COLUMNS, Purpose
from registry.exports.writing import write
from registry.factors.console.asking import confirm_first, with_fresh_factor
from registry.organisations.models import Officer, Role
from registry.people.listing import Wanted
from registry.people.pages import options
from registry.web.console import NavItem, console_blueprint, current_officer, may, requires
from registry.web.console.paging import place_in
from registry.web.console.vaults import transaction
from registry.web.console.waiting import Task, add_waiting
from registry.web.forms import Form
from registry.web.language import gettext as _
from registry.web.language import ngettext
from registry.web.platform import platform

EXPORTERS = (Role.REGISTRAR, Role.CASE_WORKER)
SECONDS = (Role.REGISTRAR, Role.APPROVER, Role.ADMINISTRATOR)
READERS = tuple(dict.fromkeys((*EXPORTERS, *SECONDS)))
PAGE = 50
LIST = "console exports"
FIELDS = ("purpose", "country", "subdivision", "language", "expected")

exports_console = console_blueprint(
    "exports",
    __name__,
    nav=(NavItem("Exports", "exports.index", READERS, weight=55, group="People"),),
    url_prefix="/console/exports",
    template_folder="templates",
)


@exports_console.get("/")
@requires(*READERS)
def index() -> ResponseReturnValue:
    """What was asked for, the latest first."""
    with transaction() as (session, vault):
        before = place_in(vault, LIST)
        found = services.latest(session, vault.organisation.id, before, PAGE + 1)
    shown, following = page_of(vault, LIST, found, PAGE)
    return render_template(
        "console/exports/index.html",
        exports=shown,
        purposes=PURPOSES,
        may_ask=may(*EXPORTERS),
        next_url=url_for(".index", after=following) if following else None,
        first_url=url_for(".index") if before else None,
    )


@exports_console.get("/new")
@requires(*EXPORTERS)
def new() -> ResponseReturnValue:
    """An empty form, or the filters of the list of people."""
    return _form(Form({name: request.args.get(name, "") for name in ("country", "subdivision", "language")}))


@exports_console.post("/new")
@requires(*EXPORTERS)
def ask() -> ResponseReturnValue:
    """Ask for an export, once the officer knows how many rows it has."""
    form = Form({name: request.form.get(name, "").replace("\0", "").strip()[:80] for name in FIELDS})
    wanted, expected = _wanted(form), _number(form)
    if form.value("purpose") not in set(Purpose):
        form.fail("purpose", _("Choose what it is for."))
    if form.errors or expected is None:
        return _form(form), 422
    officer = current_officer()
    try:
        with scoped(officer.organisation_id) as session:
            purpose, limit = Purpose(form.value("purpose")), platform().export_limit
            export = services.ask(session, officer, purpose, wanted, expected, limit)
    except Invalid as invalid:
        form.fail("expected", _counted(invalid))
        return _form(form), 422
    return redirect(url_for(".show", public_id=export.public_id), 303)


@exports_console.get("/<public_id>")
@requires(*READERS)
def show(public_id: str) -> ResponseReturnValue:
    """Where it stands, and what one can do: with a second factor given just now, where people could leave by it."""
    officer = current_officer()
    with scoped(officer.organisation_id) as session:
        export = services.get(session, public_id)
        own = export.officer_id == officer.id
        may_leave = export.state is ExportState.READY if own else export.state is ExportState.WAITING
        if may_leave and (elsewhere := confirm_first()) is not None:
            return elsewhere
        return _page(export, Form())


@exports_console.post("/<public_id>/decide")
@requires(*SECONDS)
@with_fresh_factor
def decide(public_id: str) -> ResponseReturnValue:
    """Confirm another's export by its number of rows, or refuse it."""
    officer, form = current_officer(), Form(request.form)
    confirmed = form.value("answer") == "confirm"
    expected = _number(form) if confirmed else 0
    with scoped(officer.organisation_id) as session:
        export = services.get(session, public_id)
        if expected is None:
            return _page(export, form), 422
        try:
            services.decide(session, officer, export, confirmed=confirmed, expected=expected)
        except Invalid as invalid:
            form.fail("expected", _counted(invalid))
            return _page(export, form), 422
        except Conflict as conflict:
            return _page(export, form, str(conflict)), 409
    flash(_("Confirmed.") if confirmed else _("Refused."), "good")
    return redirect(url_for(".show", public_id=public_id), 303)


@exports_console.post("/<public_id>/download")
@requires(*EXPORTERS)
@with_fresh_factor
def download(public_id: str) -> ResponseReturnValue:
    """The file, once. By POST: nothing that follows links may use it up."""
    officer, keyring = current_officer(), platform().keyring
    with scoped(officer.organisation_id) as session:
        export = services.get(session, public_id)
        try:
            services.take(session, officer, export)
        except Conflict as conflict:
            return _page(export, Form(), str(conflict)), 409
    name = f"rollcall-export-{str(export.public_id)[-8:]}.csv"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(write(keyring, officer, export), mimetype="text/csv", headers=disposition)


def _wanted(form: Form) -> Wanted:
    """The filters. One that makes no sense is an error here: dropped, it would let everybody through."""
    given, region, language = (form.value(name) for name in ("country", "subdivision", "language"))
    country = places.normalise_country(given) if given else None
    wanted = Wanted(
        country,
        places.normalise_subdivision(region, country) if region and country else None,
        places.normalise_language(language) if language else None,
    )
    for name, value in (("country", given), ("subdivision", region), ("language", language)):
        if value and getattr(wanted, name) is None:
            form.fail(name, _("Choose from the list."))
    return wanted


def _number(form: Form) -> int | None:
    digits = re.sub(r"[\s.,’'\u202f\u00a0]", "", form.value("expected"))
    if not digits.isdecimal() or len(digits) > 9:
        form.fail("expected", _("Enter the number of rows that you expect."))
        return None
    return int(digits)


def _counted(invalid: Invalid) -> str:
    found = invalid.errors[0]
    if found.code == "nobody":
        return _("Nobody matches these choices.")
    return _(
        "That is not the number: %(found)s. Look at your choices, and enter it if it is right.",
        found=found.message,
    )


def _form(form: Form) -> str:
    country = places.normalise_country(form.value("country"))
    return render_template(
        "console/exports/new.html",
        form=form,
        purposes=[(purpose.value, _(label), _(hint)) for purpose, (label, hint) in PURPOSES.items()],
        options=options,
        subdivisions=list(places.subdivisions(country).items()) if country else [],
        limit=platform().export_limit,
    )


def _page(export: Export, form: Form, problem: str | None = None) -> str:
    officer = current_officer()
    own = export.officer_id == officer.id
    values: dict[str, Any] = {
        "export": export,
        "form": form,
        "purpose": _(PURPOSES[export.purpose][0]),
        "columns": columns_in_words(COLUMNS[export.purpose]),
        "problem": problem,
    }
    return render_template(
        "console/exports/show.html", **values, own=own, may_decide=may(*SECONDS) and not own
    )


def waiting(session: Session, officer: Officer) -> Iterator[Task]:
    """Others' exports that a second officer must confirm."""
    if may(*SECONDS) and (number := services.waiting_for_second(session, officer)):
        text = ngettext("%(num)d export to confirm or refuse", "%(num)d exports to confirm or refuse", number)
        yield Task(text, url_for("exports.index"))


exports_console.record_once(lambda state: add_waiting(state.app, waiting))
