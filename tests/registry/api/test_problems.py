from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.damage import away, refusing_french
from tests.programs import PERSON, Program, wrong_fields

ADDRESSES = (
    ("GET", "/nothing", 404),
    ("PUT", "/people", 405),
    ("GET", "/people/not-a-uuid", 404),
    ("GET", "/people/%00", 404),
    ("DELETE", "/people/%FF", 404),
)
BODIES = (
    (b"{", 400),
    (b"\xff\xfe", 400),
    (b"[]", 400),
    (b'"text"', 400),
    (b'{"quiet": NaN}', 400),
    (b'{"household_size": ' + b"9" * 5000 + b"}", 400),
    (b"[" * 100_000, 400),
    (b'{"name": "' + b"a" * 1024 * 1024 + b'"}', 413),
    (b'{"language": "fr\\u0000"}', 422),
    (b'{"name": "\\ud800"}', 422),
    (b'{"\\ud800": 1}', 422),
    (b'{"household_size": 99999999999999999999999999}', 422),
    (b"", 422),
)


def test_wrong_addresses(program: Program) -> None:
    for method, path, status in ADDRESSES:
        answer = program.call(method, path)
        assert answer.status_code == status, path
        assert answer.mimetype == "application/problem+json"
        assert answer.json["status"] == status
        assert {"type", "title", "detail", "errors"} <= answer.json.keys()
    assert "POST" in program.call("PUT", "/people").headers["Allow"]
    assert program.get("/people/search").status_code == 405


def test_bodies_that_no_one_can_mean(program: Program) -> None:
    for body, status in BODIES:
        answer = program.call("POST", "/people", data=body, content_type="application/json")
        assert answer.status_code == status, body[:40]
        assert answer.mimetype == "application/problem+json"


def test_other_media_types(program: Program) -> None:
    assert program.call("POST", "/people", data="language=fr").status_code == 415
    form = program.call("POST", "/people", data={"language": "fr"})
    assert form.status_code == 415


def test_every_wrong_field_is_named_at_once(program: Program) -> None:
    answer = program.post(
        "/people",
        {
            "langauge": "fr",
            "nationality": "Atlantis",
            "household_size": 0,
            "quiet": "yes",
            "kind": 7,
            "contacts": [
                {"channel": "fax", "address": "1"},
                {"channel": "sms", "address": "123"},
                5,
                {"channel": "sms", "address": "0612345678", "country": "Atlantis"},
            ],
            "stays": [
                {"country": "FR", "subdivision": "US-CA", "from": "2027-02-01", "until": "2027-01-01", "a": 1}
            ],
        },
    )
    assert wrong_fields(answer) >= {
        ("language", "required"),
        ("langauge", "unknown"),
        ("contacts.3.country", "country"),
        ("nationality", "country"),
        ("household_size", "range"),
        ("quiet", "type"),
        ("kind", "type"),
        ("contacts.0.channel", "channel"),
        ("contacts.1.address", "phone"),
        ("contacts.2", "type"),
        ("stays.0.subdivision", "subdivision"),
        ("stays.0.until", "order"),
        ("stays.0.a", "unknown"),
    }
    fields = [error["field"] for error in answer.json["errors"]]
    assert len(fields) == len(set(fields))
    assert "Atlantis" not in answer.text


def test_wrong_queries(program: Program) -> None:
    answer = program.get("/people?limit=many&country=Nowhere&contact=a@example.org&limit=2")
    assert wrong_fields(answer) == {("contact", "unknown"), ("limit", "repeated")}
    assert wrong_fields(program.get("/people?country=Nowhere&language=x")) == {
        ("country", "country"),
        ("language", "language"),
    }
    assert wrong_fields(program.get("/people?limit=1001")) == {("limit", "range")}
    assert wrong_fields(program.get("/people?limit=0")) == {("limit", "range")}


def test_a_failure_of_ours_tells_nothing(program: Program, database: str) -> None:
    with refusing_french(database):
        answer = program.post("/people", PERSON)
    assert answer.status_code == 500
    assert answer.mimetype == "application/problem+json"
    assert "never" not in answer.text
    assert "people" not in answer.text


def test_a_database_that_is_away(program: Program, database: str) -> None:
    with away(database):
        answer = program.get("/people")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    [
        "language",
        "contacts",
        "stays",
        "nationality",
        "name",
        "kind",
        "household_size",
        "quiet",
        "contact",
        "reference",
    ]
)
ITEM = st.dictionaries(
    st.sampled_from(["channel", "address", "country", "subdivision", "place", "from", "until"]),
    JSON | st.sampled_from(["sms", "email", "FR", "fr", "+999123456", "a@example.org", "2027-01-01"]),
    max_size=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["/people", "/people/search"]), st.dictionaries(FIELDS, JSON | st.lists(ITEM, max_size=2))
)
def test_no_body_breaks_it(program: Program, path: str, body: dict[str, Any]) -> None:
    answer = program.post(path, body)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.json["errors"]
