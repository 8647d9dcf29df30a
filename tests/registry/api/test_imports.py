from __future__ import annotations

from io import BytesIO

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.crypto import Keyring
from registry.imports.jobs import run_due
from registry.organisations.models import Scope
from tests.programs import Program, new_program, wrong_fields

FILE = """phone,email,country,language,name
+999123000001,,FR,fr,Ana
+999123000002,b@example.org,LB,ar,Bea
,c@example.org,Narnia,en,Cleo
+999123000001,,FR,fr,Ana again
"""


def send(
    program: Program, content: str | bytes = FILE, idempotency: str | None = None, **fields: str
) -> TestResponse:
    raw = content.encode() if isinstance(content, str) else content
    headers = {"Idempotency-Key": idempotency} if idempotency else {}
    return program.post("/imports", data={**fields, "file": (BytesIO(raw), "people.csv")}, headers=headers)


def count(program: Program) -> int:
    return len(program.get("/people").json["items"])


def test_nothing_is_saved_unless_asked(program: Program) -> None:
    answer = send(program)
    assert answer.status_code == 200
    report = answer.json
    assert report["state"] == "checked"
    assert report["counts"] == {"new": 2, "same": 0, "changed": 0, "invalid": 1, "duplicate": 1}
    assert [(row["row"], row["outcome"], row["saved"]) for row in report["rows"]["items"]] == [
        (2, "new", False),
        (3, "new", False),
        (4, "invalid", False),
        (5, "duplicate", False),
    ]
    assert report["rows"]["next"] is None
    invalid, duplicate = report["rows"]["items"][2:]
    assert [(error["field"], error["code"]) for error in invalid["errors"]] == [("country", "country")]
    assert "Narnia" not in answer.text
    assert duplicate["duplicate_of"] == 2
    assert count(program) == 0
    assert program.get(f"/imports/{report['id']}").json == report
    assert program.get("/imports").json["items"][0]["id"] == report["id"]


def test_fields_may_stand_in_the_query(program: Program) -> None:
    def ask(query: str) -> TestResponse:
        return program.post(f"/imports?{query}", data={"file": (BytesIO(FILE.encode()), "people.csv")})

    assert wrong_fields(ask("dry_rum=false")) == {("dry_rum", "unknown")}
    assert wrong_fields(ask("dry_run=false&dry_run=true")) == {("dry_run", "repeated")}
    assert count(program) == 0
    assert ask("dry_run=false").json["state"] == "done"
    assert count(program) == 2


def test_confirm(program: Program) -> None:
    number = send(program).json["id"]
    answer = program.post(f"/imports/{number}/confirm")
    assert answer.status_code == 200
    assert answer.json["state"] == "done"
    assert count(program) == 2
    again = program.post(f"/imports/{number}/confirm")
    assert (again.status_code, again.json["code"]) == (409, "not_checked")


def test_save_at_once_and_the_same_file_again(program: Program) -> None:
    assert send(program, dry_run="false").json["state"] == "done"
    assert count(program) == 2
    again = send(program, dry_run="FALSE").json
    assert again["counts"] == {"new": 0, "same": 2, "changed": 0, "invalid": 1, "duplicate": 1}
    assert count(program) == 2


def test_a_long_file_is_a_workers(program: Program, keyring: Keyring) -> None:
    lines = ["phone,country,language", *(f"+9991230{n:05},FR,fr" for n in range(2500))]
    answer = send(program, "\n".join(lines), dry_run="false")
    assert answer.status_code == 202
    assert (answer.json["state"], answer.json["total"]) == ("checking", 2500)
    where = answer.headers["Location"].removeprefix("/api/v1")
    while run_due(keyring):
        pass
    done = program.get(where).json
    assert (done["state"], done["counts"]["new"]) == ("done", 2500)
    rows = program.get(f"{where}/rows?limit=200&outcome=new").json
    assert len(rows["items"]) == 200
    following = program.get(f"{where}/rows", query_string={"after": rows["next"]}).json
    assert following["items"][0]["row"] == rows["items"][-1]["row"] + 1


def test_a_long_file_waits_for_its_confirmation(program: Program, keyring: Keyring) -> None:
    lines = ["phone,country,language", *(f"+9991230{n:05},FR,fr" for n in range(2001))]
    number = send(program, "\n".join(lines)).json["id"]
    while run_due(keyring):
        pass
    assert program.get(f"/imports/{number}").json["state"] == "checked"
    assert count(program) == 0
    assert program.post(f"/imports/{number}/confirm").status_code == 202
    while run_due(keyring):
        pass
    assert program.get(f"/imports/{number}").json["state"] == "done"


def test_defaults(program: Program) -> None:
    report = send(program, "phone\n+999123000001\n", default_country="France", default_language="fr").json
    assert report["counts"]["new"] == 1


def test_a_repeat_with_a_key_imports_once(program: Program) -> None:
    first = send(program, dry_run="false", idempotency="one")
    again = send(program, dry_run="false", idempotency="one")
    assert again.data == first.data
    assert len(program.get("/imports").json["items"]) == 1
    other = send(program, FILE + "+999123000009,,FR,fr,D\n", dry_run="false", idempotency="one")
    assert wrong_fields(other) == {("Idempotency-Key", "reused")}


def test_drop(program: Program) -> None:
    number = send(program).json["id"]
    assert program.delete(f"/imports/{number}").status_code == 204
    assert program.get(f"/imports/{number}").status_code == 404
    assert program.get("/imports").json["items"] == []


def test_pages(program: Program) -> None:
    numbers = [send(program).json["id"] for _ in range(3)]
    first = program.get("/imports?limit=2").json
    rest = program.get("/imports", query_string={"after": first["next"]}).json
    assert [item["id"] for item in first["items"] + rest["items"]] == numbers[::-1]
    assert rest["next"] is None


def test_wrong_uploads(program: Program) -> None:
    empty = program.post("/imports", data={"dry_run": "maybe", "x": "1"}, content_type="multipart/form-data")
    assert wrong_fields(empty) == {("file", "required"), ("dry_run", "type"), ("x", "unknown")}
    assert program.post("/imports", {"file": "x"}).status_code == 415
    for content in (
        b"",
        b"\x00\x01\x02",
        b"PK\x03\x04 not a workbook",
        b"name\nAna\n",
        b"phone,country,language\n",
    ):
        answer = send(program, content)
        assert answer.status_code == 422, answer.text
        assert answer.json["errors"][0]["field"].startswith("file")
    assert {field for field, _ in wrong_fields(send(program, default_country="Narnia"))} == {
        "default_country"
    }
    assert program.get("/imports").json["items"] == []


def test_who_may(program: Program, client: FlaskClient, keyring: Keyring) -> None:
    number = send(program).json["id"]
    reader = new_program(client, keyring, Scope.PEOPLE_READ)
    assert send(reader).status_code == 403
    assert reader.get(f"/imports/{number}").status_code == 200
    assert reader.post(f"/imports/{number}/confirm").status_code == 403
    other = new_program(client, keyring, organisation="Consulate of Sylvania", email="t@example.org")
    for path in (f"/imports/{number}", f"/imports/{number}/rows", "/imports/x"):
        assert other.get(path).status_code == 404
    assert other.post(f"/imports/{number}/confirm").status_code == 404
    assert other.delete(f"/imports/{number}").status_code == 404
