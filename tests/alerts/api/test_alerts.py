from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.crypto import Keyring
from registry.organisations.models import Scope
from tests.alerts.api.conftest import approved, draft
from tests.programs import Program, new_program, wrong_fields

STATES = {
    "pending",
    "claimed",
    "uncertain",
    "accepted",
    "sent",
    "failed",
    "delivered",
    "suppressed",
    "expired",
}


def test_draft(program: Program, people: list[Any], alert: dict[str, Any]) -> None:
    answer = program.post("/alerts", alert)
    assert answer.status_code == 201
    made = answer.json
    assert answer.headers["Location"] == f"/api/v1/alerts/{made['id']}"
    assert made["state"] == "draft"
    assert made["level"] == "voluntary_return"
    assert made["audience"] == 4
    assert made["tally"].keys() == {"sms", "email"}
    assert all(counts.keys() == STATES and set(counts.values()) == {0} for counts in made["tally"].values())
    assert (made["approved_at"], made["first_sent_at"], made["finished_at"]) == (None, None, None)
    assert made["texts"] == alert["texts"]
    assert made["author"] == program.officer.email
    assert program.get(f"/alerts/{made['id']}").json == made


def test_the_whole_way(program: Program, approver: Program, people: list[Any], alert: dict[str, Any]) -> None:
    number = draft(program, alert)
    assert program.post(f"/alerts/{number}/submit").json["state"] == "submitted"
    returned = approver.post(f"/alerts/{number}/return", {"reason": "Name the province"}).json
    assert (returned["state"], returned["reason"]) == ("returned", "Name the province")
    changed = program.patch(f"/alerts/{number}", {"severity": "extreme"}).json
    assert (changed["state"], changed["severity"], changed["texts"]) == ("draft", "extreme", alert["texts"])
    program.post(f"/alerts/{number}/submit")
    refused = approver.post(f"/alerts/{number}/approve", {"audience": 5})
    assert (refused.status_code, refused.json["code"]) == (409, "audience_changed")
    assert [(error["field"], error["message"]) for error in refused.json["errors"]] == [
        ("audience", "is 4 now")
    ]
    approval = approver.post(f"/alerts/{number}/approve")
    assert approval.status_code == 200
    assert approval.json["state"] == "approved"
    assert approval.json["approver"] == approver.officer.email
    assert approval.json["approved_at"] is not None
    assert approval.json["audience"] == 4
    assert program.post(f"/alerts/{number}/pause", {"reason": "Wait"}).json["state"] == "paused"
    assert program.post(f"/alerts/{number}/resume").json["state"] == "approved"
    assert program.post(f"/alerts/{number}/cancel").json["state"] == "cancelled"
    assert [action for _, action, _ in program.audited() if action.startswith("alert.")] == [
        "alert.created",
        "alert.submitted",
        "alert.returned",
        "alert.edited",
        "alert.submitted",
        "alert.approved",
        "alert.paused",
        "alert.resumed",
        "alert.cancelled",
    ]


def test_moves_that_are_not_to_be(program: Program, approver: Program, alert: dict[str, Any]) -> None:
    number = draft(program, alert)
    for move in ("approve", "pause", "resume"):
        answer = approver.post(f"/alerts/{number}/{move}")
        assert answer.status_code == 409
        assert "draft" in answer.json["detail"]
    program.post(f"/alerts/{number}/submit")
    own = program.post(f"/alerts/{number}/approve")
    assert (own.status_code, own.json["code"]) == (409, "own_alert")
    assert program.get(f"/alerts/{number}").json["state"] == "submitted"
    assert wrong_fields(approver.post(f"/alerts/{number}/return")) == {("reason", "required")}
    assert wrong_fields(approver.post(f"/alerts/{number}/return", {"reason": " "})) == {
        ("reason", "required")
    }


def test_an_edit_voids_an_approval(program: Program, approver: Program, alert: dict[str, Any]) -> None:
    number = approved(program, approver, alert)
    changed = program.patch(f"/alerts/{number}", {"channels": ["sms"]}).json
    assert (changed["state"], changed["approved_at"], changed["approver"]) == ("draft", None, None)
    assert changed["tally"].keys() == {"sms"}
    assert approver.post(f"/alerts/{number}/approve").status_code == 409


def test_an_empty_change_voids_nothing(program: Program, approver: Program, alert: dict[str, Any]) -> None:
    number = approved(program, approver, alert)
    assert program.patch(f"/alerts/{number}", {}).json["state"] == "approved"


def test_a_repeated_approval_with_a_key_is_told_of_the_first(
    program: Program, approver: Program, alert: dict[str, Any]
) -> None:
    number = draft(program, alert)
    program.post(f"/alerts/{number}/submit")
    first = approver.post(f"/alerts/{number}/approve", idempotency="go")
    again = approver.post(f"/alerts/{number}/approve", idempotency="go")
    assert (again.status_code, again.data) == (200, first.data)
    assert approver.post(f"/alerts/{number}/approve").status_code == 409
    twin = [program.post("/alerts", alert, idempotency="draft").json["id"] for _ in range(2)]
    assert twin[0] == twin[1]


def test_every_wrong_field_is_named(program: Program, alert: dict[str, Any]) -> None:
    answer = program.post(
        "/alerts",
        {
            **alert,
            "type": "rumour",
            "level": 3,
            "crisis": "election",
            "area": {"countries": ["LB", "Narnia"], "circle": {"lat": 1}, "planet": "Earth"},
            "texts": {"en": {"sms": "x" * 2000, "tune": "la"}, "??": {"sms": "x"}},
            "channels": ["pigeon"],
            "expires_at": "2020-01-01T00:00:00Z",
            "urgent": True,
        },
    )
    assert {field for field, _ in wrong_fields(answer)} >= {
        "type",
        "level",
        "crisis",
        "area.countries.1",
        "area.circle",
        "area.planet",
        "texts.en.tune",
        "channels.0",
        "expires_at",
        "urgent",
    }
    assert program.get("/alerts").json["items"] == []


def test_a_wrong_change_saves_nothing(program: Program, alert: dict[str, Any]) -> None:
    number = draft(program, alert)
    before = program.get(f"/alerts/{number}").json
    answer = program.patch(f"/alerts/{number}", {"severity": "minor", "crisis": "election", "id": "x"})
    assert answer.status_code == 422
    assert program.patch(f"/alerts/{number}", {"severity": "minor", "crisis": "election"}).status_code == 422
    assert program.get(f"/alerts/{number}").json == before


def test_preview(program: Program, people: list[Any], alert: dict[str, Any]) -> None:
    answer = program.post("/alerts/preview", alert)
    assert answer.status_code == 200
    preview = answer.json
    assert (preview["audience"], preview["people"]) == (4, 3)
    assert preview["by_channel"] == {"sms": 2, "email": 2}
    assert preview["by_language"] == {"sms": {"en": 1, "fr": 1}, "email": {"ar": 1, "en": 1}}
    assert preview["suppressed"] == {"opted_out": 0, "unreachable": 0, "paused": 0, "unconfirmed": 0}
    assert preview["missing"] == [{"channel": "email", "language": "ar", "gets": "en", "contact_points": 1}]
    assert {text["language"]: text["encoding"] for text in preview["sms"]} == {"en": "gsm-7", "fr": "gsm-7"}
    assert preview["segments"] >= 2
    assert preview["cost"] is None
    assert program.get("/alerts").json["items"] == []


def test_preview_needs_an_area_only(program: Program, people: list[Any]) -> None:
    assert program.post("/alerts/preview", {"area": {"countries": ["LB"]}}).json["audience"] == 4
    assert program.post("/alerts/preview", {"area": {"countries": ["DE"]}}).json["audience"] == 0
    filters = {"languages": ["ar"]}
    assert (
        program.post("/alerts/preview", {"area": {"countries": ["LB"]}, "filters": filters}).json["audience"]
        == 1
    )
    assert wrong_fields(program.post("/alerts/preview", {})) == {("area.countries", "required")}


def test_an_update_follows(program: Program, approver: Program, alert: dict[str, Any]) -> None:
    assert "follows" in {
        field for field, _ in wrong_fields(program.post("/alerts", {**alert, "type": "update"}))
    }
    number = approved(program, approver, alert)
    update = program.post("/alerts", {**alert, "type": "all clear", "follows": number}).json
    assert (update["type"], update["follows"]) == ("all_clear", number)
    assert [item["follows"] for item in program.get("/alerts").json["items"]] == [number, None]
    assert program.post("/alerts/preview", {**alert, "type": "update", "follows": number}).status_code == 200


def test_pages(program: Program, alert: dict[str, Any]) -> None:
    numbers = [draft(program, alert) for _ in range(3)]
    first = program.get("/alerts?limit=2").json
    second = program.get("/alerts", query_string={"limit": 2, "after": first["next"]}).json
    seen = [item["id"] for item in first["items"] + second["items"]]
    assert seen == numbers[::-1]
    assert second["next"] is None


def test_scopes(program: Program, client: FlaskClient, keyring: Keyring, alert: dict[str, Any]) -> None:
    number = draft(program, alert)
    reader = new_program(client, keyring, Scope.ALERTS_READ)
    writer = new_program(client, keyring, Scope.ALERTS_WRITE)
    assert reader.get(f"/alerts/{number}").status_code == 200
    assert reader.post("/alerts/preview", alert).status_code == 200
    assert reader.post("/alerts", alert).status_code == 403
    assert reader.patch(f"/alerts/{number}", {}).status_code == 403
    assert writer.get(f"/alerts/{number}").status_code == 403
    for move in ("submit", "pause", "resume", "cancel"):
        assert reader.post(f"/alerts/{number}/{move}").status_code == 403
    for move in ("approve", "return"):
        assert writer.post(f"/alerts/{number}/{move}", {}).status_code == 403
    assert writer.post(f"/alerts/{number}/submit").status_code == 200


def test_another_organisation(
    program: Program, client: FlaskClient, keyring: Keyring, alert: dict[str, Any]
) -> None:
    number = draft(program, alert)
    other = new_program(client, keyring, organisation="Consulate of Sylvania", email="t@example.org")
    assert other.get("/alerts").json["items"] == []
    assert other.get(f"/alerts/{number}").status_code == 404
    assert other.patch(f"/alerts/{number}", {"severity": "minor"}).status_code == 404
    for move in ("submit", "approve", "pause", "resume", "cancel"):
        assert other.post(f"/alerts/{number}/{move}").status_code == 404
    assert other.get(f"/alerts/{number}/deliveries").status_code == 404
    assert other.get(f"/alerts/{number}/checkins").status_code == 404
    assert other.get(f"/cases?alert={number}").status_code == 404


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
WORDS = st.sampled_from(
    ["en", "fr", "sms", "email", "LB", "LB-BA", "alert", "update", "2027-01-01T00:00:00Z"]
)
TEXT = st.dictionaries(st.sampled_from(["sms", "subject", "body"]), JSON | WORDS)
PART = st.dictionaries(
    st.sampled_from(["countries", "subdivisions", "languages", "kinds", "en", "fr", "xx"]),
    JSON | st.lists(WORDS | JSON, max_size=3) | TEXT,
    max_size=3,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(["/alerts", "/alerts/preview", "change"]), data=st.data())
def test_no_body_breaks_it(program: Program, alert: dict[str, Any], path: str, data: st.DataObject) -> None:
    fields = st.sampled_from([*alert, "follows", "reason"])
    changes = data.draw(st.dictionaries(fields, JSON | PART | st.lists(WORDS, max_size=2), max_size=3))
    if path == "change":
        number = (program.get("/alerts?limit=1").json["items"] or [{"id": draft(program, alert)}])[0]["id"]
        answer = program.patch(f"/alerts/{number}", changes)
    else:
        answer = program.post(path, {**alert, **changes})
    assert answer.status_code in (200, 201, 409, 422), answer.text
    if answer.status_code == 422:
        assert answer.json["errors"]
