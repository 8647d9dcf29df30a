from __future__ import annotations

import csv
import io
from hashlib import sha256

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from registry.audit.models import AuditEntry
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.exports import services
from registry.exports.models import Export
from registry.exports.writing import write
from registry.organisations.models import Role, Scope
from registry.people.intake import read_person
from registry.people.models import ContactState, Source
from registry.people.services import register
from tests.desk import Desk, new_desk, text_of
from tests.programs import new_program, wrong_fields

NAMES = ("=HYPERLINK(1)", "Ana Example", "＋cmd", "@x", "-1", "\tTab", "محمد")


@pytest.fixture
def desk(client: FlaskClient, keyring: Keyring) -> Desk:
    """A registrar, whose registry has seven people in Türkiye and one elsewhere."""
    desk = new_desk(client, keyring, Role.REGISTRAR)
    with scoped(desk.officer.organisation_id) as session:
        for number, name in enumerate(("Elsewhere", *NAMES)):
            contacts = [{"channel": "sms", "address": f"+99970000{number:04}"}]
            if number == 1:
                contacts.append({"channel": "email", "address": "gone@example.org"})
            stays = [{"country": "DE" if name == "Elsewhere" else "TR", "place": "Kadıköy"}]
            given = {"language": "fr", "name": name, "contacts": contacts, "stays": stays}
            person = register(session, desk.vault(session), read_person(given), Source.OFFICER)
            if number == 1:
                person.contacts[1].state = ContactState.OPTED_OUT
    return desk


def ask(desk: Desk, **fields: str) -> TestResponse:
    form = {"purpose": "contact", "country": "TR", "expected": "7"} | fields
    return desk.send("/console/exports/new", form)


def details(desk: Desk, action: str) -> dict[str, object]:
    with scoped(desk.officer.organisation_id) as session:
        return session.scalars(select(AuditEntry.details).where(AuditEntry.action == action)).one()


def test_an_officer_takes_a_file_once(desk: Desk) -> None:
    page = ask(desk).request.path
    with unscoped() as session:
        session.execute(text("UPDATE officer_sessions SET factor_at = factor_at - interval '11 minutes'"))
    assert "/console/second-step" in desk.open(page).request.path
    with unscoped() as session:
        session.execute(text("UPDATE officer_sessions SET factor_at = now()"))
    answer = desk.send(page, {}, to=f"{page}/download")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0] == ["reference", "name", "language", "phones", "emails", "quiet", "export"]
    assert [row[1] for row in rows[1:-1]] == [
        "'=HYPERLINK(1)", "Ana Example", "'＋cmd", "'@x", "'-1", NAMES[5].strip(), "محمد",
    ]  # fmt: skip
    assert rows[1][3:5] == ["'+999700000001", ""], "who opted out is not reached another way"
    number = page.rpartition("/")[2]
    assert all(row[-1].startswith(f"Rollcall export {number} for rufus@example.org") for row in rows[1:])
    assert "7 rows" in rows[-1][0]
    assert desk.send("/console/password", {}, to=f"{page}/download").status_code == 409
    delivered = details(desk, "export.delivered")
    assert (delivered["people"], delivered["whole"]) == (7, True)
    with scoped(desk.officer.organisation_id) as session:
        ids = session.scalars(text("SELECT public_id FROM people WHERE id > 1 ORDER BY id"))
        assert delivered["digest"] == sha256("".join(f"{found}\n" for found in ids).encode()).hexdigest()
    assert [act for act, _ in desk.audited()][-3:] == ["export.ask", "export.download", "export.delivered"]


WRONG: list[tuple[dict[str, str], str]] = [
    ({"expected": "6"}, "That is not the number: 7 people match."),
    ({"expected": "٧", "language": "de"}, "Nobody matches"),
    ({"expected": ""}, "Enter the number of rows"),
    ({"purpose": "everything"}, "Choose what it is for"),
    ({"country": "Atlantis"}, "Choose from the list"),
    ({"subdivision": "XX-1"}, "Choose from the list"),
    ({"language": "\0", "expected": "9" * 30}, "Enter the number of rows"),
]


def test_what_is_wrong_is_named(desk: Desk) -> None:
    for fields, complaint in WRONG:
        answer = ask(desk, **fields)
        assert answer.status_code == 422
        assert complaint in text_of(answer)


def test_a_long_file_needs_a_second_officer(desk: Desk, client: FlaskClient, keyring: Keyring) -> None:
    browser = client.application.test_client
    platform = client.application.extensions["rollcall"]
    object.__setattr__(platform, "export_limit", 5)
    page = ask(desk, purpose="figures").request.path
    assert "Ask a second officer" in text_of(desk.open(page))
    for path, fields in (("download", {}), ("decide", {"answer": "confirm", "expected": "7"})):
        assert desk.send("/console/password", fields, to=f"{page}/{path}").status_code in (403, 409)
    second = new_desk(browser(), keyring, Role.ADMINISTRATOR, email="second@example.org")
    wrong = second.send(page, {"answer": "confirm", "expected": "8"}, to=f"{page}/decide")
    assert "it has 7 rows" in text_of(wrong)
    assert second.send(page, {"answer": "confirm", "expected": "7"}, to=f"{page}/decide").status_code == 200
    assert second.send("/console/password", {"answer": "refuse"}, to=f"{page}/decide").status_code == 409
    assert second.send("/console/password", {}, to=f"{page}/download").status_code == 403
    stranger = new_desk(browser(), keyring, organisation="Sylvania", email="o@example.org")
    assert stranger.open(page).status_code == 404
    with scoped(desk.officer.organisation_id) as session:
        move = text("UPDATE stays SET country = 'TR' WHERE country = 'DE'")
        session.execute(move)
    answer = desk.send(page, {}, to=f"{page}/download")
    assert answer.status_code == 409, "more people match now than were confirmed"
    with scoped(desk.officer.organisation_id) as session:
        session.execute(text("DELETE FROM people WHERE id = 1"))
    answer = desk.send(page, {}, to=f"{page}/download")
    assert (
        answer.text.splitlines()[0]
        == "\ufefflanguage,nationality,kind,household_size,countries,subdivisions,export"
    )
    assert answer.text.count("Rollcall export") == 8
    for values in ({"second_id": desk.officer.id}, {"second_id": None}):
        with pytest.raises(IntegrityError), scoped(desk.officer.organisation_id) as session:
            session.execute(update(Export).values(**values))


def test_a_long_list_is_not_short_for_being_cut_and_programs_get_no_more_than_officers(
    desk: Desk, client: FlaskClient, keyring: Keyring
) -> None:
    platform = client.application.extensions["rollcall"]
    object.__setattr__(platform, "export_limit", 10)
    program = new_program(client.application.test_client(), keyring, Scope.PEOPLE_READ)
    asked = {"purpose": "contact", "country": "TR", "expected": 7}
    for wrong in ({"expected": 6}, {"country": None}, {"subdivision": "X"}):
        field = "subdivision" if "subdivision" in wrong else "expected"
        assert {name for name, _ in wrong_fields(program.post("/exports", asked | wrong))} == {field}
    made = program.post("/exports", asked)
    assert (made.status_code, made.json["state"], made.json["rows"]) == (201, "ready", 7)
    take = f"/exports/{made.json['id']}/take"
    other = new_program(client.application.test_client(), keyring, email="other@example.org")
    assert other.post(take).json["code"] == "not_yours"
    file = program.post(take, idempotency="1").json
    assert (
        file["columns"]
        == made.json["columns"]
        == ["reference", "name", "language", "phones", "emails", "quiet"]
    )
    assert [row[1] for row in file["rows"]] == [" ".join(name.split()) for name in NAMES]
    assert made.json["id"] in file["mark"]
    assert program.post(take, idempotency="1").status_code == 409, "kept nowhere"
    assert details(desk, "export.delivered")["people"] == 7
    again = program.post("/exports", {"purpose": "figures", "country": "DE", "expected": 1}).json
    assert again["state"] == "ready"
    waiting = program.post("/exports", asked | {"purpose": "figures"}).json
    assert waiting["state"] == "waiting", "fifteen rows within a day"
    assert program.post(f"/exports/{waiting['id']}/take").status_code == 409
    assert [one["id"] for one in program.get("/exports?limit=1").json["items"]] == [waiting["id"]]
    assert program.get(f"/exports/{waiting['id']}").json["second"] is None


def test_one_that_waits_too_long_or_breaks_off(desk: Desk, keyring: Keyring) -> None:
    page = ask(desk).request.path
    with scoped(desk.officer.organisation_id) as session:
        export = session.scalars(select(Export)).one()
        services.take(session, desk.officer, export)
    pieces = write(keyring, desk.officer, export)
    assert "reference" in next(pieces)
    next(pieces)
    pieces.close()
    with scoped(desk.officer.organisation_id) as session:
        session.execute(text("UPDATE exports SET expires_at = now()"))
        session.execute(text("UPDATE exports SET state = 'ready'"))
    delivered = details(desk, "export.delivered")
    assert (delivered["people"], delivered["whole"]) == (1, False)
    assert desk.send("/console/password", {}, to=f"{page}/download").status_code == 409
    assert "Its time is over" in text_of(desk.open("/console/exports/"))
