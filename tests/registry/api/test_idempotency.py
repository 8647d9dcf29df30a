from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.engine import make_url

from registry.crypto import Keyring
from registry.database import scoped
from registry.organisations.models import IdempotentAnswer
from tests.damage import refusing_french
from tests.programs import PERSON, Program, new_program, wrong_fields


def count(program: Program) -> int:
    return len(program.get("/people").json["items"])


def test_a_repeat_gets_the_same_answer_and_does_nothing(program: Program) -> None:
    first = program.post("/people", PERSON, idempotency="one")
    again = program.post("/people", PERSON, idempotency="one")
    assert (again.status_code, again.data) == (first.status_code, first.data) == (201, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert count(program) == 1
    assert [action for _, action, _ in program.audited()].count("person.add") == 1


def test_spacing_and_order_make_no_other_request(program: Program) -> None:
    first = program.post("/people", PERSON, idempotency="one")
    turned = dict(reversed(PERSON.items()))
    assert program.post("/people", turned, idempotency="one").data == first.data


def test_the_same_key_for_another_request(program: Program) -> None:
    program.post("/people", PERSON, idempotency="one")
    other = program.post("/people", {**PERSON, "name": "Other"}, idempotency="one")
    assert wrong_fields(other) == {("Idempotency-Key", "reused")}
    elsewhere = program.post("/people/search", {"reference": "K7M2-Q9TX"}, idempotency="one")
    assert wrong_fields(elsewhere) == {("Idempotency-Key", "reused")}
    assert count(program) == 1


def test_keys_of_two_programs_are_apart(program: Program, client: FlaskClient, keyring: Keyring) -> None:
    other = new_program(client, keyring, email="other@example.org")
    first = program.post("/people", PERSON, idempotency="one")
    second = other.post(
        "/people",
        {**PERSON, "contacts": [{"channel": "email", "address": "b@example.org"}]},
        idempotency="one",
    )
    assert (first.status_code, second.status_code) == (201, 201)


def test_a_conflict_is_kept(program: Program) -> None:
    person = program.post("/people", PERSON).json
    refused = program.post("/people", PERSON, idempotency="one")
    assert refused.status_code == 409
    program.delete(f"/people/{person['id']}")
    again = program.post("/people", PERSON, idempotency="one")
    assert (again.status_code, again.data, again.mimetype) == (409, refused.data, "application/problem+json")
    assert count(program) == 0


def test_a_wrong_field_is_not_kept(program: Program) -> None:
    assert program.post("/people", {**PERSON, "language": ""}, idempotency="one").status_code == 422
    assert program.post("/people", PERSON, idempotency="one").status_code == 201


def test_a_failure_of_ours_is_not_kept(program: Program, database: str) -> None:
    with refusing_french(database):
        assert program.post("/people", PERSON, idempotency="one").status_code == 500
    assert program.post("/people", PERSON, idempotency="one").status_code == 201


def test_what_is_kept_does_not_outlive_an_erased_person(program: Program) -> None:
    person = program.post("/people", PERSON, idempotency="one").json
    program.delete(f"/people/{person['id']}")
    again = program.post("/people", PERSON, idempotency="one")
    assert again.status_code == 410
    assert "Ana" not in again.text
    assert count(program) == 0


def test_a_day_later_the_key_is_new(program: Program) -> None:
    program.post("/people", PERSON, idempotency="one")
    with scoped(program.officer.organisation_id) as session:
        session.execute(update(IdempotentAnswer).values(created_at=func.now() - timedelta(hours=25)))
    assert program.post("/people", PERSON, idempotency="one").status_code == 409


def test_what_is_kept_is_sealed(program: Program) -> None:
    program.post("/people", PERSON, idempotency="one")
    with scoped(program.officer.organisation_id) as session:
        kept = session.scalars(select(IdempotentAnswer)).one().sealed_body
    assert kept is not None
    assert b"Ana" not in kept


def test_a_question_is_answered_anew(program: Program) -> None:
    search = {"contact": "+999123456789"}
    assert program.post("/people/search", search, idempotency="q").json["items"] == []
    program.post("/people", PERSON)
    assert len(program.post("/people/search", search, idempotency="q").json["items"]) == 1


def test_keys_of_no_form(program: Program) -> None:
    for key in ("", " ", "a b", "é", "x" * 256):
        answer = program.post("/people", PERSON, idempotency=key)
        assert wrong_fields(answer) == {("Idempotency-Key", "form")}


def test_twins_at_once_make_one(program: Program) -> None:
    start = threading.Barrier(8)

    def post(_: int) -> int:
        start.wait()
        return program.post("/people", PERSON, idempotency="one").status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(post, range(8)))
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert count(program) == 1
    assert program.post("/people", PERSON, idempotency="one").status_code == 201


def test_without_a_key_twins_at_once_make_one_as_well(program: Program) -> None:
    start = threading.Barrier(4)
    contacts = [
        {"channel": "sms", "address": "+999123456789"},
        {"channel": "email", "address": "a@example.org"},
    ]

    def post(number: int) -> int:
        start.wait()
        turned = contacts if number % 2 else contacts[::-1]
        return program.post("/people", {**PERSON, "contacts": turned}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(post, range(4))) == [201, 409, 409, 409]
    assert count(program) == 1


def test_while_the_first_is_running(program: Program, database: str) -> None:
    """The first waits for a lock that this test holds; the second is told so at once."""
    plain = make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as blocker, ThreadPoolExecutor(1) as pool:
        blocker.execute("LOCK TABLE people IN ACCESS EXCLUSIVE MODE")
        first = pool.submit(program.post, "/people", PERSON, idempotency="one")
        wait_for_a_waiter(blocker)
        second = program.post("/people", PERSON, idempotency="one")
        assert second.status_code == 409
        assert second.headers["Retry-After"]
        blocker.rollback()
        assert first.result().status_code == 201


def wait_for_a_waiter(connection: psycopg.Connection) -> None:
    """Until another session waits for the people of this database."""
    query = """
        SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE NOT l.granted AND l.relation = 'people'::regclass AND d.datname = current_database()
    """
    while connection.execute(query).fetchone() == (0,):
        time.sleep(0.01)
