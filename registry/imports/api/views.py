"""`/imports`: upload a file of people, see what saving it would do, save it."""

from __future__ import annotations

from typing import BinaryIO, cast

from apiflask import APIBlueprint

from registry.api.access import Call
from registry.api.answers import Answer
from registry.api.document import ROOT
from registry.api.operations import Operation, operation
from registry.api.pages import open_cursor, page_of
from registry.api.schemas import PageQuery
from registry.imports import models
from registry.imports.api import schemas, showing
from registry.imports.checking import check_step
from registry.imports.models import ImportState
from registry.imports.reports import get_import, list_imports
from registry.imports.saving import confirm, drop, save_step
from registry.imports.uploading import upload
from registry.organisations.models import Scope

AT_ONCE = 2000
"""Rows that are checked and saved while the program waits; more are a worker's, and the program looks again."""
LIST = "imports"
LATER = {202: "Longer than can be done at once: get the import again to see its progress."}
imports_api = APIBlueprint("imports_api", __name__, url_prefix=ROOT, tag="Imports")


@operation(
    imports_api,
    "POST",
    "/imports",
    Operation(
        Scope.PEOPLE_WRITE,
        schemas.Import,
        also=LATER,
        body=schemas.ImportIn,
        reader=schemas.read_upload,
        multipart=True,
    ),
)
def import_people(call: Call, body: schemas.Upload) -> Answer:
    """Check a CSV or XLSX file of people, and save it if asked.

    With dry_run, the default, it answers what saving would do to each row, and nothing is saved until the import is
    confirmed. The same file twice adds nothing.
    """
    body.file.stream.seek(0)
    found = upload(
        call.session,
        call.vault,
        call.officer,
        body.file.filename or "",
        cast(BinaryIO, body.file.stream),
        body.default_country,
        body.default_language,
    )
    found.confirmed = not body.dry_run
    return _go_on(call, found, location=True)


@operation(imports_api, "GET", "/imports", Operation(Scope.PEOPLE_READ, schemas.ImportsPage, query=PageQuery))
def list_all_imports(call: Call, query: PageQuery) -> Answer:
    """List imports, the newest first."""
    position = open_cursor(call.vault, LIST, query.after)
    before = position[0] if position else None
    found = list_imports(call.session, call.vault.organisation.id, before, query.limit + 1)
    shown, following = page_of(call.vault, LIST, found, query.limit)
    return Answer(schemas.ImportsPage(items=[showing.summary(item) for item in shown], next=following))


@operation(imports_api, "GET", "/imports/<import_id>", Operation(Scope.PEOPLE_READ, schemas.Import))
def get_one_import(call: Call, import_id: str) -> Answer:
    """Get an import, how far it is, and the beginning of its report."""
    return Answer(showing.whole(call, get_import(call.session, import_id)))


@operation(
    imports_api,
    "GET",
    "/imports/<import_id>/rows",
    Operation(Scope.PEOPLE_READ, schemas.RowsPage, query=schemas.RowsQuery),
)
def list_import_rows(call: Call, import_id: str, query: schemas.RowsQuery) -> Answer:
    """List what became of an import's rows."""
    found = get_import(call.session, import_id)
    position = open_cursor(call.vault, showing.rows_list(found), query.after)
    return Answer(showing.rows(call, found, query.outcome, position[0] if position else 0, query.limit))


@operation(
    imports_api,
    "POST",
    "/imports/<import_id>/confirm",
    Operation(Scope.PEOPLE_WRITE, schemas.Import, also=LATER, conflicts=True),
)
def confirm_import(call: Call, import_id: str) -> Answer:
    """Save a checked import. Each row is judged once more, for the registry may have moved since."""
    found = get_import(call.session, import_id)
    confirm(call.session, call.officer, found)
    return _go_on(call, found)


@operation(
    imports_api,
    "DELETE",
    "/imports/<import_id>",
    Operation(Scope.PEOPLE_WRITE, None, 204, conflicts=True),
)
def drop_import(call: Call, import_id: str) -> Answer:
    """Forget an import and its rows; people that it has saved stay."""
    drop(call.session, call.officer, get_import(call.session, import_id))
    return Answer()


def _go_on(call: Call, found: models.Import, *, location: bool = False) -> Answer:
    """Do all there is to do now if it is little; else leave it to a worker."""
    where = f"{ROOT}/imports/{found.public_id}" if location else None
    call.session.flush()
    if found.rows > AT_ONCE:
        return Answer(showing.whole(call, found), 202, where)
    while found.state is ImportState.CHECKING and check_step(call.session, call.vault, found.id):
        pass
    while found.state is ImportState.SAVING and save_step(call.session, call.vault, found.id):
        pass
    return Answer(showing.whole(call, found, AT_ONCE), location=where)
