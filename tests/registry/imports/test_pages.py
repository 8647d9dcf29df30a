from __future__ import annotations

import re
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.crypto import Keyring
from registry.imports.jobs import run_due
from tests.desk import Desk, new_desk, text_of

FILE = "phone,country,name,shoe size\n+999700000001,TR,Ana,38\n+999700000001,TR,Ana,38\nx,TR,Bea,39\n"


@pytest.fixture
def desk(client: FlaskClient, keyring: Keyring, database: str) -> Desk:
    return new_desk(client, keyring)


def send(desk: Desk, content: str | bytes = FILE, name: str = "people.csv", **fields: str) -> TestResponse:
    raw = content.encode() if isinstance(content, str) else content
    defaults = {"default_language": "fr", "default_country": ""}
    return desk.send("/console/imports/new", {**defaults, **fields, "file": (BytesIO(raw), name)})


def work(desk: Desk) -> None:
    while run_due(desk.keyring):
        pass


def test_from_file_to_people(desk: Desk) -> None:
    answer = send(desk)
    page = answer.request.path
    assert "0 of 3 rows checked" in text_of(answer)
    assert 'http-equiv="refresh"' in answer.text
    assert f'data-poll="{page}"' in answer.text
    assert "shoe size" in text_of(answer)

    work(desk)
    answer = desk.open(page)
    assert "Nothing is saved yet" in text_of(answer)
    assert "data-poll" not in answer.text
    assert "Repeats a contact of row 2." in text_of(answer)
    assert "Nobody to show" in text_of(desk.open("/console/people/"))

    answer = desk.send(page, {}, to=f"{page}/confirm")
    assert "0 of 3 rows gone through" in text_of(answer)
    work(desk)
    answer = desk.open(page)
    assert "Registered 1 new person and updated 0 known people." in text_of(answer)
    assert "Nobody to show" not in text_of(desk.open("/console/people/"))
    assert "people.csv" in text_of(desk.open("/console/imports/"))
    actions = [action for action, _ in desk.audited()]
    assert {"import.upload", "import.confirm", "import.done"} <= set(actions)


def test_report_by_outcome_and_as_a_file(desk: Desk) -> None:
    page = send(desk).request.path
    work(desk)
    invalid = desk.open(f"{page}?outcome=invalid")
    rows = invalid.text.partition("<tbody>")[2]
    assert "The phone number is not valid." in rows
    assert "Repeats" not in rows
    report = desk.open(f"{page}/report.csv?outcome=duplicate")
    assert report.mimetype == "text/csv"
    assert "attachment" in report.headers["Content-Disposition"]
    assert report.text.splitlines()[1:] == ["3,duplicate,no,Repeats a contact of row 2.,"]
    assert "Ana" not in report.text
    assert desk.open(f"{page}?outcome=nonsense&after=-1").status_code == 200


def test_a_long_report_is_paged(desk: Desk) -> None:
    page = send(desk, "phone,country\n" + "x,TR\n" * 250).request.path
    work(desk)
    seen: list[str] = []
    url: str | None = page
    while url:
        answer = desk.open(url)
        seen += re.findall(r'scope="row" class="numeric">(\d+)<', answer.text)
        following = re.search(r'pager__next" href="([^"#]+)', answer.text)
        url = following[1].replace("&amp;", "&") if following else None
    assert seen == [str(number) for number in range(2, 252)]


def test_drop(desk: Desk) -> None:
    page = send(desk).request.path
    work(desk)
    answer = desk.send(page, {}, to=f"{page}/drop")
    assert "Nothing of it is kept" in text_of(answer)
    assert desk.open(page).status_code == 404


def test_confirming_twice_is_told(desk: Desk) -> None:
    page = send(desk).request.path
    work(desk)
    desk.send(page, {}, to=f"{page}/confirm")
    work(desk)
    answer = desk.send(page, {}, to=f"{page}/confirm")
    assert "only a checked one can be saved" in text_of(answer)


def test_what_is_wrong_with_the_file_is_said(desk: Desk) -> None:
    for content, fields, message in (
        ("", {}, "The file is empty."),
        (
            "name\nAna\n",
            {"default_language": ""},
            'The file has no column for contacts: name one "phone" or "email"',
        ),
        (b"%PDF-1.7", {}, "The file is neither CSV nor XLSX."),
        (FILE, {"default_country": "Atlantis"}, "Choose a country from the list."),
    ):
        answer = send(desk, content, **fields)  # type: ignore[arg-type]
        assert answer.status_code == 422
        assert message in text_of(answer)
    nothing = desk.send("/console/imports/new", {"default_country": ""})
    assert "Choose a file." in text_of(nothing)


def test_hostile_names_of_files_are_harmless(desk: Desk) -> None:
    answer = send(desk, name="../../<script>alert(1)</script>\0.csv")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_another_organisation_s_import_is_not_there(desk: Desk, keyring: Keyring) -> None:
    page = send(desk).request.path
    other = new_desk(
        desk.client.application.test_client(),
        keyring,
        email="o@example.org",
        organisation="Embassy of Sylvania",
    )
    assert other.open(page).status_code == 404
    assert other.open(f"{page}/report.csv").status_code == 404
    for act in ("confirm", "drop"):
        assert other.send("/console/imports/new", {}, to=f"{page}/{act}").status_code == 404
    assert "people.csv" not in other.open("/console/imports/").text
    assert desk.open(page).status_code == 200


def test_example_file_can_be_imported(desk: Desk) -> None:
    example = desk.open("/console/imports/example.csv")
    page = send(desk, example.get_data()).request.path
    work(desk)
    assert "Save 1 person" in text_of(desk.open(page))
