from __future__ import annotations

from flask.testing import FlaskClient

from registry.crypto import Keyring
from tests.programs import Program, new_program, wrong_fields


def test_pages_hold_everyone_once(program: Program) -> None:
    ids = [program.add_person()["id"] for _ in range(5)]
    seen, after, pages = [], "", 0
    while after is not None:
        page = program.get(f"/people?limit=2{after and '&after=' + after}").json
        seen += [item["id"] for item in page["items"]]
        after, pages = page["next"], pages + 1
    assert seen == ids
    assert pages == 3


def test_a_full_last_page_has_no_next(program: Program) -> None:
    program.add_person(), program.add_person()
    assert program.get("/people?limit=2").json["next"] is None


def test_cursors_that_are_none(program: Program, client: FlaskClient, keyring: Keyring) -> None:
    program.add_person(), program.add_person()
    cursor = program.get("/people?limit=1").json["next"]
    for wrong in ("x", "1", "é", "=", cursor[:-2], cursor + "AAAA", cursor.swapcase()):
        assert wrong_fields(program.get("/people", query_string={"after": wrong})) == {("after", "cursor")}
    other = new_program(client, keyring, organisation="Consulate of Sylvania", email="t@example.org")
    assert wrong_fields(other.get("/people", query_string={"after": cursor})) == {("after", "cursor")}
