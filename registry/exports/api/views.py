"""`/exports`: ask for the least that a purpose takes, and take it once. A second officer decides on the console."""

from __future__ import annotations

from apiflask import APIBlueprint

from registry.api.access import Call
from registry.api.answers import Answer
from registry.api.document import ROOT
from registry.api.operations import Operation, operation
from registry.api.pages import open_cursor, page_of
from registry.api.schemas import PageQuery
from registry.audit import alarms
from registry.errors import Conflict
from registry.exports import services
from registry.exports.api import schemas
from registry.exports.purposes import COLUMNS, Purpose
from registry.exports.writing import mark_of, pages
from registry.organisations.models import Scope
from registry.web.platform import platform

LIST = "exports"
MOST = 10_000
"""Rows of one answer; a longer file is taken on the console, as CSV."""
exports_api = APIBlueprint("exports_api", __name__, url_prefix=ROOT, tag="Exports")


@operation(
    exports_api,
    "POST",
    "/exports",
    Operation(Scope.PEOPLE_READ, schemas.Export, 201, body=schemas.ExportIn, reader=schemas.read_export),
)
def ask_for_export(call: Call, body: schemas.Asked) -> Answer:
    """Ask for an export.

    Above a limit, which counts all that the officer asked for within a day, a second officer must confirm it first.
    """
    limit = platform().export_limit
    export = services.ask(
        call.session, call.officer, Purpose(body.purpose), body.wanted, body.expected, limit
    )
    return Answer(schemas.shown(export), location=f"{ROOT}/exports/{export.public_id}")


@operation(exports_api, "GET", "/exports", Operation(Scope.PEOPLE_READ, schemas.ExportsPage, query=PageQuery))
def list_exports(call: Call, query: PageQuery) -> Answer:
    """List exports, the latest first."""
    position = open_cursor(call.vault, LIST, query.after)
    before = position[0] if position else None
    found = services.latest(call.session, call.officer.organisation_id, before, query.limit + 1)
    listed, following = page_of(call.vault, LIST, found, query.limit)
    return Answer(schemas.ExportsPage(items=[schemas.shown(one) for one in listed], next=following))


@operation(exports_api, "GET", "/exports/<export_id>", Operation(Scope.PEOPLE_READ, schemas.Export))
def get_export(call: Call, export_id: str) -> Answer:
    """Get where an export stands."""
    return Answer(schemas.shown(services.get(call.session, export_id)))


@operation(
    exports_api,
    "POST",
    "/exports/<export_id>/take",
    Operation(Scope.PEOPLE_READ, schemas.ExportFile, question=True, conflicts=True),
)
def take_export(call: Call, export_id: str) -> Answer:
    """Take the rows, once, as the officer who asked. A repeat is refused, also with an Idempotency-Key."""
    export = services.get(call.session, export_id)
    if export.rows > MOST:
        raise Conflict("too_long", f"More than {MOST:,} rows are taken on the console, as a CSV file.")
    services.take(call.session, call.officer, export)
    rows = [one for page in pages(platform().keyring, export) for one in page]
    services.note_taken(call.session, call.officer, export, [public_id for public_id, _ in rows], whole=True)
    if export.rows > alarms.MOST_READ_BY_PROGRAM:
        alarms.note_reveals(call.session, call.vault.keys, call.officer, platform().base_url, program=True)
    file = schemas.ExportFile(
        mark=mark_of(call.officer, export),
        columns=list(COLUMNS[export.purpose]),
        rows=[cells for _, cells in rows],
    )
    return Answer(file)
