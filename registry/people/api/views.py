"""`/people`: register, find, change, erase."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apiflask import APIBlueprint

from registry.api.access import Call
from registry.api.answers import Answer
from registry.api.document import ROOT
from registry.api.operations import Operation, operation
from registry.api.pages import open_cursor, page_of
from registry.audit import alarms
from registry.audit.reading import Purpose, reading, readings
from registry.audit.services import record
from registry.errors import NotFound
from registry.organisations.models import Scope
from registry.people import changes, joining, listing, models, presence, services
from registry.people.api import finding, schemas, showing
from registry.people.intake import Intake, read_person
from registry.people.models import Source
from registry.staff.reach import reach_of
from registry.web.limits import allow
from registry.web.platform import platform

LIST = "people"
people_api = APIBlueprint("people_api", __name__, url_prefix=ROOT, tag="People")


@operation(
    people_api,
    "POST",
    "/people",
    Operation(
        Scope.PEOPLE_WRITE, schemas.Person, 201, body=schemas.PersonIn, reader=read_person, conflicts=True
    ),
)
def register_person(call: Call, body: Intake) -> Answer:
    """Register a person.

    Their contact points may be used at once. A contact point that the organisation knows already is a conflict that
    names it as contacts.N.address.
    """
    person = joining.admit(call.session, call.vault, body, Source.API)
    return replace(_person(call, person, location=True), act="person.add")


@operation(
    people_api, "GET", "/people", Operation(Scope.PEOPLE_READ, schemas.PeoplePage, query=schemas.PeopleQuery)
)
def list_people(call: Call, query: schemas.PeopleQuery) -> Answer:
    """List people, in the order they came.

    Without names, places and addresses. To find someone by address use the search, so that no address is in a URL.
    """
    if query.reference is not None:
        return _found(call, services.find_by_reference(call.session, query.reference))
    wanted = replace(finding.wanted(query), within=reach_of(call.session, call.officer))
    position = open_cursor(call.vault, LIST, query.after) or [0]
    people = listing.list_people(
        call.session, call.vault.organisation.id, wanted, position[0], query.limit + 1
    )
    shown, following = page_of(call.vault, LIST, people, query.limit)
    listed = readings(Purpose.PROGRAM, "people", (person.public_id for person in shown))
    record(call.session, call.actor, "people.list", None, listed)
    return Answer(schemas.PeoplePage(items=[showing.summary(call.vault, p) for p in shown], next=following))


@operation(
    people_api,
    "POST",
    "/people/search",
    Operation(
        Scope.PEOPLE_READ,
        schemas.PeoplePage,
        body=schemas.SearchIn,
        reader=finding.read_search,
        question=True,
    ),
)
def search_people(call: Call, body: finding.Search) -> Answer:
    """Find a person by exact contact point or by reference."""
    return _found(call, finding.find(call.session, call.vault, body))


@operation(people_api, "GET", "/people/<person_id>", Operation(Scope.PEOPLE_READ, schemas.Person))
def get_person(call: Call, person_id: str) -> Answer:
    """Get everything held about a person."""
    person = _get(call, person_id)
    _watch_program(call)
    record(call.session, call.actor, "person.read", person.public_id, reading(Purpose.PROGRAM))
    return _person(call, person)


@operation(
    people_api,
    "PATCH",
    "/people/<person_id>",
    Operation(
        Scope.PEOPLE_WRITE,
        schemas.Person,
        body=schemas.PersonChanges,
        reader=changes.read_changes,
        conflicts=True,
    ),
)
def change_person(call: Call, person_id: str, body: dict[str, Any]) -> Answer:
    """Change some fields of a person."""
    person = _get(call, person_id)
    changes.change(call.session, call.vault, person, body)
    presence.seen(call.session, person.id)
    record(call.session, call.actor, "person.change", person.public_id, {"fields": sorted(body)})
    return _person(call, person)


@operation(people_api, "DELETE", "/people/<person_id>", Operation(Scope.PEOPLE_WRITE, None, 204))
def erase_person(call: Call, person_id: str) -> Answer:
    """Erase a person: their rows and the key that opens what backups still hold."""
    person = _get(call, person_id)
    services.erase(call.session, person)
    record(call.session, call.actor, "person.erase", person_id.lower())
    return Answer()


def _get(call: Call, person_id: str) -> models.Person:
    """Raises NotFound also for somebody whom the officer's post does not serve."""
    person = services.get(call.session, person_id)
    if not services.is_seen_by(call.session, call.officer, person):
        raise NotFound
    return person


def _watch_program(call: Call) -> None:
    """A program may read faster than a hand, but not unseen."""
    who, limit = str(call.officer.public_id), alarms.MOST_READ_BY_PROGRAM
    if not allow(call.session, platform().signing_key, "reads by program", who, limit, alarms.WINDOW):
        alarms.note_reveals(call.session, call.vault.keys, call.officer, platform().base_url, program=True)


def _person(call: Call, person: models.Person, *, location: bool = False) -> Answer:
    where = f"{ROOT}/people/{person.public_id}" if location else None
    return Answer(showing.whole(call.vault, person), location=where, subject=person)


def _found(call: Call, person: models.Person | None) -> Answer:
    if person and not services.is_seen_by(call.session, call.officer, person):
        person = None
    record(
        call.session,
        call.actor,
        "people.search",
        person.public_id if person else None,
        reading(Purpose.PROGRAM),
    )
    items = [showing.summary(call.vault, person)] if person else []
    return Answer(schemas.PeoplePage(items=items, next=None))
