"""From a file to people, under an officer's eyes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.api.pages import page_of
from registry.database import Session, scoped
from registry.errors import Conflict, Invalid, NotFound
from registry.imports import saving
from registry.imports.columns import example
from registry.imports.models import Import, ImportState, RowOutcome
from registry.imports.reports import get_import, list_imports, report_csv, report_rows
from registry.imports.uploading import upload
from registry.organisations.models import Role
from registry.people.pages import options
from registry.web.console import NavItem, console_blueprint, current_officer, requires
from registry.web.console.paging import place_in
from registry.web.console.vaults import transaction
from registry.web.forms import Form
from registry.web.language import gettext as _

ROLES = (Role.REGISTRAR,)
PAGE = 100
LIST = "console imports"
SHOWN = [RowOutcome.NEW, RowOutcome.CHANGED, RowOutcome.SAME, RowOutcome.INVALID, RowOutcome.DUPLICATE]

imports_console = console_blueprint(
    "imports",
    __name__,
    nav=(NavItem("Imports", "imports.index", ROLES, weight=50, group="People"),),
    url_prefix="/console/imports",
    template_folder="templates",
)


@contextmanager
def opened(public_id: str) -> Iterator[tuple[Session, Import]]:
    """One import of the officer's organisation, or 404."""
    with scoped(current_officer().organisation_id) as session:
        try:
            found = get_import(session, public_id)
        except NotFound:
            abort(404)
        yield session, found


@imports_console.get("/")
@requires(*ROLES)
def index() -> ResponseReturnValue:
    """Imports, the latest first."""
    with transaction() as (session, vault):
        before = place_in(vault, LIST)
        found = list_imports(session, vault.organisation.id, before, PAGE + 1)
    shown, following = page_of(vault, LIST, found, PAGE)
    return render_template(
        "console/imports/index.html", imports=shown, next_after=following, first=before is None
    )


@imports_console.get("/new")
@requires(*ROLES)
def new() -> ResponseReturnValue:
    """Ask for a file."""
    return _form(Form())


@imports_console.post("/new")
@requires(*ROLES)
def send() -> ResponseReturnValue:
    """Take the file in; a worker checks it."""
    officer, form = current_officer(), Form(request.form)
    file = request.files.get("file")
    if file is None or not file.filename:
        form.fail("file", _("Choose a file."))
        return _form(form), 422
    try:
        with transaction() as (session, vault):
            defaults = form.value("default_country"), form.value("default_language")
            found = upload(session, vault, officer, file.filename, cast(BinaryIO, file.stream), *defaults)
    except Invalid as invalid:
        _take(form, invalid)
        return _form(form), 422
    return redirect(url_for(".show", public_id=found.public_id))


@imports_console.get("/example.csv")
@requires(*ROLES)
def example_file() -> ResponseReturnValue:
    """A file to fill in, with every column and one fictitious person."""
    return _download([example()], "rollcall-example.csv")


@imports_console.get("/<public_id>")
@requires(*ROLES)
def show(public_id: str) -> ResponseReturnValue:
    """How far it is, or what came of it."""
    outcome = _outcome()
    with opened(public_id) as (session, found):
        running = found.state in (ImportState.CHECKING, ImportState.SAVING)
        rows = [] if running else report_rows(session, found, outcome, _after(), PAGE + 1)
    return render_template(
        "console/imports/import.html",
        found=found,
        running=running,
        outcome=outcome,
        outcomes=SHOWN,
        rows=rows[:PAGE],
        next_after=rows[PAGE - 1].number if len(rows) > PAGE else None,
        first=not _after(),
        to_save=sum(found.counts.get(kind, 0) for kind in ("new", "changed")),
    )


@imports_console.get("/<public_id>/report.csv")
@requires(*ROLES)
def report(public_id: str) -> ResponseReturnValue:
    """The report as a file."""
    with opened(public_id) as (session, found):
        pieces = list(report_csv(session, found, _outcome()))
    return _download(pieces, "import-report.csv")


@imports_console.post("/<public_id>/confirm")
@requires(*ROLES)
def confirm(public_id: str) -> ResponseReturnValue:
    """Let it be saved; a worker does it."""
    with opened(public_id) as (session, found):
        try:
            saving.confirm(session, current_officer(), found)
        except Conflict as conflict:
            flash(str(conflict)[:1].upper() + str(conflict)[1:] + ".", "warn")
    return redirect(url_for(".show", public_id=public_id))


@imports_console.post("/<public_id>/drop")
@requires(*ROLES)
def drop(public_id: str) -> ResponseReturnValue:
    """Forget it and its rows."""
    with opened(public_id) as (session, found):
        try:
            saving.drop(session, current_officer(), found)
        except Conflict as conflict:
            flash(str(conflict)[:1].upper() + str(conflict)[1:] + ".", "warn")
            return redirect(url_for(".show", public_id=public_id))
    flash(_("The import is dropped. Nothing of it is kept."), "good")
    return redirect(url_for(".index"))


def _take(form: Form, invalid: Invalid) -> None:
    """What is wrong with the file in one sentence; the defaults each under their own field."""
    about_file = [error.message for error in invalid.errors if error.field.startswith("file")]
    if about_file:
        form.fail("file", _("The file") + " " + "; ".join(about_file) + ".")
    form.take(Invalid([error for error in invalid.errors if not error.field.startswith("file")]))


def _outcome() -> RowOutcome | None:
    word = request.args.get("outcome")
    return RowOutcome(word) if word in SHOWN else None


def _after() -> int:
    return max(0, min(request.args.get("after", 0, type=int), 10_000_000))


def _download(pieces: list[str], name: str) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("".join(pieces), mimetype="text/csv", headers=disposition)


def _form(form: Form) -> str:
    return render_template("console/imports/new.html", form=form, options=options)
