from __future__ import annotations

from sqlalchemy import update

from registry.database import scoped
from registry.people.models import ContactPoint, ContactState
from tests.programs import PERSON, Program, wrong_fields


def test_register(program: Program) -> None:
    answer = program.post(
        "/people", {**PERSON, "nationality": "PHL", "kind": "Sea farer", "household_size": 3}
    )
    assert answer.status_code == 201
    person = answer.json
    assert answer.headers["Location"] == f"/api/v1/people/{person['id']}"
    assert len(person["reference"]) == 9
    assert person["nationality"] == "PH"
    assert person["kind"] == "sea_farer"
    assert person["household_size"] == 3
    assert person["quiet"] is False
    assert person["source"] == "api"
    assert person["contacts"] == [
        {"channel": "sms", "address": "+999123456789", "state": "active", "verified": False}
    ]
    assert person["stays"] == [
        {
            "country": "FR",
            "subdivision": "FR-75C",
            "place": "Rue Exemple",
            "from": None,
            "until": "2099-01-31",
        }
    ]
    assert program.get(f"/people/{person['id']}").json == person
    officer = program.officer.email
    assert program.audited() == [
        (officer, "person.add", person["id"]),
        (officer, "person.read", person["id"]),
    ]


def test_only_three_things_are_needed(program: Program) -> None:
    answer = program.post(
        "/people",
        {
            "language": "ar",
            "contacts": [{"channel": "email", "address": "A@Example.org"}],
            "stays": [{"country": "LB"}],
        },
    )
    assert answer.status_code == 201
    assert answer.json["contacts"][0]["address"] == "a@example.org"
    assert (answer.json["name"], answer.json["nationality"]) == (None, None)


def test_a_known_contact_is_named_and_nothing_saved(program: Program) -> None:
    program.post("/people", PERSON)
    contacts = [
        {"channel": "email", "address": "new@example.org"},
        {"channel": "sms", "address": "00999123456789"},
    ]
    answer = program.post("/people", {**PERSON, "contacts": contacts})
    assert answer.status_code == 409
    assert answer.json["code"] == "known_contact"
    assert [error["field"] for error in answer.json["errors"]] == ["contacts.1.address"]
    assert program.post("/people/search", {"contact": "new@example.org"}).json["items"] == []


def test_an_unproved_claim_to_an_address_gives_way(program: Program) -> None:
    program.post("/people", PERSON)
    with scoped(program.officer.organisation_id) as session:
        session.execute(update(ContactPoint).values(state=ContactState.UNCONFIRMED))
    assert program.post("/people", PERSON).status_code == 201


def test_change_one_field(program: Program) -> None:
    person = program.add_person()
    changed = program.patch(f"/people/{person['id']}", {"language": "ES", "name": None, "quiet": True})
    assert changed.status_code == 200
    expected = {
        **person,
        "language": "es",
        "name": None,
        "quiet": True,
        "updated_at": changed.json["updated_at"],
    }
    assert changed.json == expected
    assert program.get(f"/people/{person['id']}").json == expected


def test_an_empty_change_changes_nothing(program: Program) -> None:
    person = program.add_person()
    assert program.patch(f"/people/{person['id']}", {}).json == person


def test_stays_are_replaced(program: Program) -> None:
    person = program.add_person()
    changed = program.patch(f"/people/{person['id']}", {"stays": [{"country": "ES"}, {"country": "PT"}]}).json
    assert [stay["country"] for stay in changed["stays"]] == ["ES", "PT"]
    assert changed["contacts"] == person["contacts"]


def test_a_contact_that_stays_keeps_its_state(program: Program) -> None:
    person = program.add_person()
    with scoped(program.officer.organisation_id) as session:
        session.execute(update(ContactPoint).values(state=ContactState.OPTED_OUT))
    mail = {"channel": "email", "address": "a@example.org"}
    number = {"channel": "sms", "address": person["contacts"][0]["address"]}
    changed = program.patch(f"/people/{person['id']}", {"contacts": [mail, number]}).json
    assert {c["channel"]: c["state"] for c in changed["contacts"]} == {"sms": "opted_out", "email": "active"}
    changed = program.patch(f"/people/{person['id']}", {"contacts": [mail]}).json
    assert [c["address"] for c in changed["contacts"]] == ["a@example.org"]


def test_somebody_elses_contact_is_not_taken(program: Program) -> None:
    first, second = program.add_person(), program.add_person()
    number = {"channel": "sms", "address": first["contacts"][0]["address"]}
    answer = program.patch(f"/people/{second['id']}", {"contacts": [number], "name": "New"})
    assert answer.status_code == 409
    assert [error["field"] for error in answer.json["errors"]] == ["contacts.0.address"]
    assert program.get(f"/people/{second['id']}").json == second


def test_wrong_changes(program: Program) -> None:
    person = program.add_person()
    answer = program.patch(
        f"/people/{person['id']}",
        {"language": None, "contacts": [], "stays": None, "id": "x", "household_size": 99},
    )
    assert wrong_fields(answer) >= {
        ("language", "required"),
        ("contacts", "required"),
        ("stays", "required"),
        ("id", "unknown"),
        ("household_size", "range"),
    }


def test_erase(program: Program) -> None:
    person = program.add_person()
    answer = program.delete(f"/people/{person['id']}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert program.get(f"/people/{person['id']}").status_code == 404
    assert program.delete(f"/people/{person['id']}").status_code == 404
    assert program.audited()[-1] == (program.officer.email, "person.erase", person["id"])


def test_list_gives_no_address_and_no_name(program: Program) -> None:
    person = program.add_person()
    answer = program.get("/people")
    assert [item["id"] for item in answer.json["items"]] == [person["id"]]
    assert person["contacts"][0]["address"] not in answer.text
    assert person["name"] not in answer.text
    assert answer.json["items"][0]["contacts"][0]["masked"].startswith("+99")


def test_filters(program: Program) -> None:
    paris = program.add_person()["id"]
    lyon = program.add_person(
        stays=[{"country": "FR", "subdivision": "FR-69"}, {"country": "ES"}], language="es"
    )["id"]
    madrid = program.add_person(stays=[{"country": "ES"}])["id"]

    def found(query: str) -> list[str]:
        return [item["id"] for item in program.get(f"/people?{query}").json["items"]]

    assert found("country=FR") == [paris, lyon]
    assert found("country=Spain") == [lyon, madrid]
    assert found("country=FR&subdivision=FR-75C") == [paris]
    assert found("country=FR&language=es") == [lyon]
    assert found("country=DE") == []
    reference = program.get(f"/people/{madrid}").json["reference"]
    assert found(f"reference={reference.lower().replace('-', '')}") == [madrid]
    assert found("reference=nobody") == []


def test_search(program: Program) -> None:
    person = program.post("/people", PERSON).json
    for search in ({"contact": "00999 123456789"}, {"reference": person["reference"].lower()}):
        found = program.post("/people/search", search)
        assert [item["id"] for item in found.json["items"]] == [person["id"]]
        assert program.audited()[-1] == (program.officer.email, "people.search", person["id"])
    assert program.post("/people/search", {"contact": "b@example.org"}).json == {"items": [], "next": None}
    assert wrong_fields(program.post("/people/search", {})) == {("contact", "one_of")}
    assert wrong_fields(program.post("/people/search", {"contact": "x"})) == {("contact", "contact")}
