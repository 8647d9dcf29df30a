"""What stands between a draft and a message to everyone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from apiflask import APIFlask
from sqlalchemy import select
from werkzeug.test import TestResponse

from alerts.delivery.models import Delivery, DeliveryState
from alerts.lifecycle import services
from alerts.lifecycle.console.versions import version
from alerts.lifecycle.models import Alert
from alerts.lifecycle.ready import get_template
from registry.audit.models import AuditEntry
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.notices.models import OfficerMail
from registry.notices.officers import open_officer_mail
from registry.organisations.models import Officer, Role
from registry.people.vault import Vault
from tests.alerts.console.composed import form
from tests.alerts.console.conftest import desk_of
from tests.alerts.console.sending import send
from tests.alerts.console.test_acting import buttons, path, press, seen
from tests.alerts.offices import Office
from tests.desk import Desk, text_of
from tests.factors import unused_code
from tests.programs import new_program, wrong_fields


def ready(**changes: str) -> dict[str, dict[str, str]]:
    """The ready text for an earthquake, filled in."""
    place = changes.pop("place", "St-Étienne, 7.2 km (north)")
    texts = {tag: dict(parts) for tag, parts in get_template("earthquake").texts.items()}
    return {
        tag: {part: text.replace("{place}", place) for part, text in parts.items()}
        for tag, parts in texts.items()
    }


def test_the_number_of_people_is_typed_and_may_not_change_meanwhile(
    app: APIFlask, approver: Desk, office: Office
) -> None:
    office.register()
    alert = office.draft()
    office.move(alert, "submit")
    assert 'name="people"' not in approver.open(path(alert)).text
    app.extensions["rollcall"] = replace(app.extensions["rollcall"], confirm_above=0)
    shown = seen(approver, alert)
    assert 'name="people"' in approver.open(path(alert)).text
    for typed, told in (
        ("", "type how many"),
        ("many", "type how many"),
        ("12", "you typed 12, and it goes to 1"),
    ):
        assert told in press(approver, alert, "approve", **shown, confirm="yes", people=typed)
    assert "Open the alert's page again" in press(approver, alert, "approve", confirm="yes", people="1")
    office.register("sms", "email")
    changed = press(approver, alert, "approve", **shown, confirm="yes", people="2")
    assert "reaches 3 phones and mailboxes now, not 1" in changed
    assert office.state(alert) == "submitted"
    assert "going out now" in press(
        approver, alert, "approve", **seen(approver, alert), confirm="yes", people="٢"
    )


def test_one_officer_alone_sends_a_ready_text_and_everyone_on_duty_is_told(
    app: APIFlask, keyring: Keyring, office: Office
) -> None:
    with unscoped() as session:
        session.get_one(Officer, office.author.id).roles = [Role.AUTHOR.value, Role.APPROVER.value]
        office.author.roles = [Role.AUTHOR.value, Role.APPROVER.value]
    author = desk_of(app, keyring, office.author)
    office.register()
    own = office.draft()
    assert "glass" not in " ".join(buttons(author, own))
    assert "Only a ready text" in text_of(break_glass(author, own, office, reason="Night"))
    for place in ("Tripoli. Run", "evil.example", "https://x", "x" * 41):
        wrong = office.draft(texts=ready(place=place), crisis="earthquake")
        assert "break-glass" not in author.open(path(wrong)).text
    alert = office.draft(texts=ready(), crisis="earthquake")
    assert "break-glass" in author.open(path(alert)).text
    assert "Reason: say why" in text_of(break_glass(author, alert, office, reason=" "))
    assert office.state(alert) == "draft"
    answer = text_of(break_glass(author, alert, office, reason="Nobody answers at 03:00"))
    assert "Every approver and administrator is being told" in answer
    assert "Sent by one officer alone" in answer and "Nobody answers at 03:00" in answer
    with scoped(office.organisation.id) as session:
        keys = Vault.open(session, keyring, office.organisation.id).keys
        mails = [
            open_officer_mail(keys, mail, session.get_one(Officer, mail.officer_id))
            for mail in session.scalars(select(OfficerMail))
        ]
        assert {mail["address"] for mail in mails} == {office.author.email, office.approver.email}
        assert path(alert) in mails[0]["text"] and "Nobody answers at 03:00" in mails[0]["text"]
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "alert.glass_broken")).one()
        assert entry.details["template"] == "earthquake"
    send(office, alert)
    by_program(app, keyring, office)


def by_program(app: APIFlask, keyring: Keyring, office: Office) -> None:
    """A key that may approve sends no more alone, and is asked no less, than its officer."""
    app.extensions["rollcall"] = replace(app.extensions["rollcall"], confirm_above=0)
    program = new_program(app.test_client(), keyring, email=office.author.email)
    alert, own = office.draft(texts=ready(), crisis="earthquake"), office.draft()
    whole = {"reason": "Nobody answers", "audience": 1, "people": 1}

    def sent(body: dict[str, Any], which: Alert = alert) -> TestResponse:
        return program.post(f"/alerts/{which.public_id}/break-glass", body)

    for wrong, field in (
        ({"people": None}, "people"),
        ({"people": 2}, "people"),
        ({"reason": " "}, "reason"),
    ):
        assert {name for name, _ in wrong_fields(sent(whole | wrong))} == {field}
    assert wrong_fields(sent({"reason": "x"})) == {("audience", "required")}
    assert sent(whole | {"audience": 9}).json["code"] == "audience_changed"
    assert sent(whole, own).json["code"] == "not_ready"
    office.move(own, "submit")
    second = new_program(app.test_client(), keyring, email=office.approver.email)
    approve = f"/alerts/{own.public_id}/approve"
    assert wrong_fields(second.post(approve, {"people": 2})) == {("people", "count")}
    assert second.post(approve, {"people": 1, "audience": 1}).json["state"] == "approved"
    answer = sent(whole)
    assert (answer.status_code, answer.json["break_glass_reason"]) == (200, "Nobody answers")


def break_glass(desk: Desk, alert: Alert, office: Office, **fields: str) -> Any:
    with scoped(office.organisation.id) as session:
        found = services.get(session, alert.public_id)
        shown = {"seen": version(found), "audience": "1", "code": unused_code(desk.officer)}
    return desk.send(path(alert), shown | {"confirm": "yes"} | fields, to=f"{path(alert)}/break-glass")


def test_an_exercise_has_screens_of_its_own_and_stays_one(author: Desk, office: Office) -> None:
    office.register()
    saved = author.send("/console/alerts/new", form(exercise="yes"))
    assert "EXERCISE" not in text_of(saved) and 'class="exercise-banner"' not in saved.text
    exercise = office.approved(exercise=True)
    for page in ("", "/deliveries", "/checkins"):
        if page != "/checkins":  # an author may not read these
            assert 'class="exercise-banner"' in author.open(path(exercise) + page).text
    assert author.client.get(f"/console/alerts/new?follows={exercise.public_id}").location.startswith(
        "/console/alerts/exercises/new?follows="
    )
    send(office, exercise)
    page = author.open(path(exercise)).text
    assert f"/console/alerts/exercises/new?follows={exercise.public_id}" in page


def test_a_correction_goes_to_exactly_those_reached(author: Desk, approver: Desk, office: Office) -> None:
    for _ in range(3):
        office.register("sms", "email")
    alert = office.approved()
    send(office, alert)
    with scoped(office.organisation.id) as session:
        rows = session.scalars(select(Delivery).order_by(Delivery.channel, Delivery.contact_point_id)).all()
        rows[0].state, rows[1].state = DeliveryState.FAILED, DeliveryState.UNCERTAIN
        reached = {(row.channel, row.contact_point_id) for row in rows[2:]}
    office.register()  # later, so not among them
    assert "correct" in buttons(author, alert)
    begun = author.send(path(alert), {}, to=f"{path(alert)}/correct")
    assert (
        "Correct what was sent" in begun.text and f'name="reached_by" value="{alert.public_id}"' in begun.text
    )
    saved = author.send(
        "/console/alerts/new",
        form(
            type="update", reached_by=[str(alert.public_id)], countries=["NP"], follows=str(alert.public_id)
        ),
    )
    assert "Corrects, for those it reached" in text_of(saved)
    with scoped(office.organisation.id) as session:
        correction = session.scalars(select(Alert).order_by(Alert.id.desc()).limit(1)).one()
    office.move(correction, "submit")
    told = press(approver, correction, "approve", **seen(approver, correction), confirm="yes")
    assert "going out now" in told
    send(office, correction)
    with scoped(office.organisation.id) as session:
        rows = session.scalars(select(Delivery).where(Delivery.alert_id == correction.id)).all()
        assert {(row.channel, row.contact_point_id) for row in rows} == reached
        assert session.get_one(Alert, correction.id).snapshot["audience"] == len(reached) == 4  # type: ignore[index]
