"""Hostile texts and files through every way in: what is wrong is named, nothing fails, nothing is half done."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from registry.crypto import Keyring
from registry.database import scoped
from registry.people.models import Person
from tests.desk import Desk, new_desk
from tests.programs import PERSON, Program, new_program

ZERO, BIDI = "\u200b\u2060\ufeff", "\u202e"
TEXTS: dict[str, tuple[str, bool]] = {
    "bidi override": (f"Ana {BIDI}gpj.exe", True),
    "zero width": (f"A{ZERO}na", True),
    "homoglyphs": ("Аnа Ехаmрlе", True),
    "combining marks": ("A" + "\u0301" * 100, True),
    "formula": ('=HYPERLINK("http://evil.example","x")', True),
    "markup": ("<script>alert(1)</script>{{ 7*7 }}%s${x}", True),
    "SQL": ("'; DROP TABLE people; --", True),
    "NUL": ("A\0na", False),
    "control": ("A\x1b[2Jna", False),
    "half a surrogate": ("A\ud800na", False),
    "a line of a megabyte": ("x" * 1_000_000, False),
}
"""By what they are; and whether a name may be like that."""


def sheet(cells: bytes, doctype: bytes = b"") -> bytes:
    """An XLSX file with one sheet."""
    names = "http://schemas.openxmlformats.org"
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{names}/spreadsheetml/2006/main" xmlns:r="{names}/officeDocument/2006/'
        'relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{names}/package/2006/relationships"><Relationship '
        f'Id="r1" Type="{names}/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        head = doctype + f'<worksheet xmlns="{names}/spreadsheetml/2006/main"><sheetData>'.encode()
        archive.writestr("xl/worksheets/sheet1.xml", head + cells + b"</sheetData></worksheet>")
    return out.getvalue()


LAUGHS = (
    b"<!DOCTYPE l ["
    + b"".join(
        b'<!ENTITY l%d "%s">' % (number, b"&l%d;" % (number - 1) * 10 if number else b"ha")
        for number in range(9)
    )
    + b"]>"
)
HEAD = b"phone,country,language,name\n"
FILES: dict[str, bytes] = {
    "billion laughs": sheet(b'<row r="1"><c r="A1" t="inlineStr"><is><t>&l8;</t></is></c></row>', LAUGHS),
    "zip bomb": sheet(b" " * 150_000_000),
    "not a workbook": b"PK\x03\x04" + b"\0" * 100,
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "empty": b"",
    "NUL bytes": b"\0" * 5000,
    "a very long line": HEAD + b"+999700000001,LB,en," + b"x" * 400_000 + b"\n",
    "overlong UTF-8": HEAD + b"+999700000001,LB,en,\xc0\xaf\xe0\x80\xaf\n",
    "half a surrogate": HEAD + b"+999700000001,LB,en,\xed\xa0\x80\n",
    "an open quote": HEAD + b'"+999700000001,LB,en,Ana\n+999700000002,LB,en,Bo\n',
    "NUL in a cell": HEAD + b"+999700000001,LB,en,A\0na\n",
    "bidi in the header": "\u202ephone,country,language\n+999700000001,LB,en\n".encode(),
    "a column twice": b"phone,phone,country,language\n+999700000001,+999700000002,LB,en\n",
    "formulas": HEAD + b"=1+1,@LB,-en,=cmd|' /C calc'!A0\n",
}
REFUSED_ROWS = {"formulas"}
"""Files that can be read, with a row that can't be saved."""


def people(desk: Desk) -> int:
    with scoped(desk.officer.organisation_id) as session:
        return session.scalar(select(func.count()).select_from(Person)) or 0


@pytest.fixture
def desk(client: FlaskClient, keyring: Keyring) -> Desk:
    return new_desk(client, keyring)


@pytest.fixture
def program(desk: Desk, keyring: Keyring) -> Program:
    return new_program(desk.client.application.test_client(), keyring)


def sound(answer: TestResponse, *statuses: int) -> TestResponse:
    assert answer.status_code in statuses, (answer.status_code, answer.text[:300])
    assert "Traceback" not in answer.text
    return answer


def form(text: str) -> dict[str, Any]:
    """As a browser would send it, and worse: half a surrogate as the bytes that no encoding allows."""
    return {"name": text.encode("utf-8", "surrogatepass")} if "\ud800" in text else {"name": text}


def test_texts(desk: Desk, program: Program) -> None:
    visitor = desk.client.application.test_client()
    for number, (what, (text, good)) in enumerate(TEXTS.items()):
        before = people(desk)
        contacts = [{"channel": "sms", "address": f"+9997001{number:05}"}]
        body = json.dumps({**PERSON, "name": text, "contacts": contacts})
        answer = program.call("POST", "/people", data=body, content_type="application/json")
        sound(answer, 201 if good else 422)
        if good:
            assert BIDI not in answer.json["name"], what
            page = desk.open(f"/console/people/{answer.json['id']}").text
            assert "<script>alert" not in page
            assert "49" not in page.partition("{{")[0][-5:], "no template is made of it"
        else:
            assert [error["field"] for error in answer.json["errors"]] == ["name"], what
        assert people(desk) == before + good, what
        for query in (f"?after={'%00' if chr(0) in text else 'x'}", "?country=%ed%a0%80"):
            sound(program.get(f"/people{query}"), 422)
        given = {"phone": f"+9997002{number:05}", "language": "en", "country": "LB", **form(text)}
        answer = sound(
            desk.send("/console/people/new", given), 200 if good or what == "half a surrogate" else 422
        )
        for page, to, fields in (
            ("/console/people/", "/console/people/find", {"query": text}),
            ("/console/exports/new", None, {"purpose": text, "country": text, "expected": text}),
            (
                "/console/alerts/new",
                None,
                {"do": "save", "countries": text, "text-en-sms": text, "tags": text},
            ),
            (
                "/console/sharing/new",
                None,
                {"recipient": text, "purpose": text, "countries": text, "starts": text},
            ),
        ):
            fields = {name: form(value)["name"] for name, value in fields.items()}
            sound(desk.send(page, fields, to=to), 200, 404, 409, 413, 422)
        joining = Desk(visitor, desk.keyring, desk.officer)
        given = {
            "channel": "sms",
            "phone": form(text)["name"],
            "language": form(text)["name"],
            "phone_country": "LB",
        }
        sound(joining.send("/register/LB", given), 422, 200)
        sound(visitor.get("/register/" + "%ed%a0%80"), 404, 303)
    raw = b'{"language": "en", "name": "\xc0\xaf"}'
    answer = program.call("POST", "/people", data=raw, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, "malformed")
    for kind in ("text/plain", "application/xml", "multipart/form-data", "application/json; charset=utf-7"):
        answer = program.call("POST", "/people", data=raw, content_type=kind)
        sound(answer, 400, 415)


def test_files(desk: Desk, program: Program) -> None:
    for what, content in FILES.items():
        upload = {"file": (io.BytesIO(content), "people.csv"), "dry_run": "false"}
        answer = sound(program.post("/imports", data=upload), 200, 422)
        if what in REFUSED_ROWS:
            assert answer.json["counts"]["invalid"] == 1, what
        if answer.status_code == 422:
            assert [error["field"] for error in answer.json["errors"]] == ["file"], what
        form = {"file": (io.BytesIO(content), "people.xlsx")}
        sound(desk.send("/console/imports/new", form), 200, 422)
    sound(program.call("POST", "/imports", {"file": "x"}), 415)
