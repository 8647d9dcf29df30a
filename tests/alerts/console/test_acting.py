from __future__ import annotations

import re

from apiflask import APIFlask

from alerts.lifecycle.models import Alert
from registry.crypto import Keyring
from registry.database import unscoped
from registry.organisations.models import Officer, Role
from tests.alerts.console.composed import form
from tests.alerts.console.conftest import desk_of
from tests.alerts.console.sending import plan, send
from tests.alerts.offices import Office
from tests.desk import Desk, text_of
from tests.factors import unused_code


def path(alert: Alert) -> str:
    return f"/console/alerts/{alert.public_id}"


def press(desk: Desk, alert: Alert, word: str, **fields: str) -> str:
    """Press a button of the alert's page, with a new code where one is asked for; what the page then says."""
    if word == "approve" and "code" not in fields:
        fields["code"] = unused_code(desk.officer)
    return text_of(desk.send(path(alert), fields, to=f"{path(alert)}/{word}"))


def buttons(desk: Desk, alert: Alert) -> set[str]:
    """The moves that the page offers."""
    page = desk.open(path(alert)).text
    moves = set(re.findall(rf'action="{path(alert)}/(\w+)"', page))
    return moves | ({"edit"} if f'href="{path(alert)}/edit"' in page else set())


def seen(desk: Desk, alert: Alert) -> dict[str, str]:
    """What the page says that its reader has seen."""
    found = dict(re.findall(r'name="(seen|audience)" value="(\w+)"', desk.open(path(alert)).text))
    assert found.keys() == {"seen", "audience"}
    return found


def test_from_draft_to_approval_by_somebody_else(author: Desk, approver: Desk, office: Office) -> None:
    office.register()
    alert = office.draft()
    assert buttons(author, alert) == {"submit", "edit", "cancel"}
    assert buttons(approver, alert) == {"cancel"}
    assert "Approval is asked for" in press(author, alert, "submit")
    assert buttons(author, alert) == {"edit", "cancel"}
    assert office.approver.name in text_of(author.open(path(alert)))
    assert buttons(approver, alert) == {"approve", "return", "cancel"}
    assert "Approve or return: Earthquake in Nepal" in text_of(approver.open("/console/"))
    assert "Nothing waits for you." in text_of(author.open("/console/"))
    page = text_of(approver.open(path(alert)))
    assert "It goes to 1 person" in page
    assert "Freedonia: Earthquake. Stay outdoors. Reply 1 safe, 2 help. STOP to end" in page
    version = seen(approver, alert)
    assert "Confirm that you have read" in press(approver, alert, "approve", **version)
    assert office.state(alert) == "submitted"
    for code, complaint in (
        ("", "Enter the code"),
        ("12345", "not the code"),
        ("wxyz-wxyz-wxyz-wxyz", "not the code"),
    ):
        assert complaint in press(approver, alert, "approve", **version, confirm="yes", code=code)
    assert office.state(alert) == "submitted"
    code = unused_code(approver.officer)
    assert "Approved. It is going out now." in press(
        approver, alert, "approve", **version, confirm="yes", code=code
    )
    other = office.draft()
    office.move(other, "submit")
    twice = press(approver, other, "approve", **seen(approver, other), confirm="yes", code=code)
    assert "used already" in twice
    assert office.state(other) == "submitted"
    assert office.state(alert) == "approved"
    assert buttons(author, alert) == {"pause", "edit", "cancel"}
    again = press(approver, alert, "approve", **version, confirm="yes")
    assert "This alert is approved, so it can't be approved." in again


def test_an_author_is_told_why_they_cannot_approve(app: APIFlask, keyring: Keyring, office: Office) -> None:
    with unscoped() as session:
        session.get_one(Officer, office.author.id).roles = [Role.AUTHOR.value, Role.APPROVER.value]
    author = desk_of(app, keyring, office.author)
    alert = office.draft()
    office.move(alert, "submit")
    assert "approve" not in buttons(author, alert)
    assert "You wrote it, so you can't approve it yourself." in text_of(author.open(path(alert)))
    told = author.send(
        path(alert),
        {"confirm": "yes", "seen": "x", "audience": "0", "code": unused_code(author.officer)},
        to=f"{path(alert)}/approve",
    )
    assert office.state(alert) == "submitted"
    assert "You wrote this alert, so somebody else must approve it." in text_of(told)


def test_what_was_changed_meanwhile_is_not_approved(author: Desk, approver: Desk, office: Office) -> None:
    alert = office.draft()
    office.move(alert, "submit")
    version = seen(approver, alert)
    edit = author.open(f"{path(alert)}/edit").text
    held = re.search(r'name="seen" value="(\w+)"', edit)
    assert held
    author.send(f"{path(alert)}/edit", form(seen=held[1], **{"text-en-sms": "Something else."}))
    assert office.state(alert) == "draft"
    press(author, alert, "submit")
    refused = press(approver, alert, "approve", **version, confirm="yes")
    assert "changed after you opened the page" in refused
    assert office.state(alert) == "submitted"
    late = author.send(f"{path(alert)}/edit", form(seen=held[1], **{"text-en-sms": "Mine is lost?"}))
    assert late.status_code == 422
    assert "Mine is lost?" in late.text
    assert "Something else." in text_of(author.open(path(alert)))


def test_a_return_needs_a_reason_which_the_author_reads(author: Desk, approver: Desk, office: Office) -> None:
    alert = office.draft()
    office.move(alert, "submit")
    assert "Reason: say what is to be changed" in press(approver, alert, "return", reason="  ")
    assert office.state(alert) == "submitted"
    press(approver, alert, "return", reason="Name the river & the <bridge>.")
    page = text_of(author.open(path(alert)))
    assert "Returned to be changed" in page
    assert "Name the river & the <bridge>." in page
    assert buttons(author, alert) == {"submit", "edit", "cancel"}


def test_pausing_going_on_and_cancelling(author: Desk, approver: Desk, office: Office) -> None:
    office.register()
    alert = office.approved()
    plan(office)
    assert "edit" not in buttons(author, alert)
    assert "nothing more leaves" in press(author, alert, "pause").lower()
    assert buttons(approver, alert) == {"resume", "cancel"}
    press(approver, alert, "resume")
    assert office.state(alert) == "sending"
    assert "Wrong river" in press(author, alert, "cancel", cancel_reason="Wrong river")
    assert office.state(alert) == "cancelled"
    assert buttons(author, alert) == set()
    assert "can't be resumed" in press(author, alert, "resume")


def test_moves_that_a_role_does_not_have(
    author: Desk, approver: Desk, case_worker: Desk, office: Office
) -> None:
    alert = office.draft()
    office.move(alert, "submit")
    for desk, word in ((author, "approve"), (author, "return"), (approver, "submit"), (case_worker, "pause")):
        assert desk.send(path(alert), {}, to=f"{path(alert)}/{word}").status_code == 403
    assert office.state(alert) == "submitted"
    assert buttons(case_worker, alert) == set()


def test_an_update_and_an_all_clear_begin_from_the_alert(
    author: Desk, approver: Desk, office: Office
) -> None:
    office.register()
    alert = office.approved()
    send(office, alert)
    update = author.open(f"/console/alerts/new?follows={alert.public_id}&type=update")
    assert "Earthquake. Stay outdoors." in update.text
    assert f'value="{alert.public_id}" selected' in update.text
    saved = author.send(
        "/console/alerts/new",
        form(type="update", follows=str(alert.public_id), **{"text-en-sms": "Aftershocks."}),
    )
    page = text_of(saved)
    assert "Freedonia UPDATE: Aftershocks." in page
    assert "The thread Alert Sent" in page
    over = author.open(f"/console/alerts/new?follows={alert.public_id}&type=all_clear").text
    assert "danger" in over
    assert "Earthquake. Stay outdoors." not in over
    assert author.open("/console/alerts/new?follows=nonsense").status_code == 404
    assert author.open(f"/console/alerts/new?follows={alert.public_id}&type=rumour").status_code == 404


def test_another_organisations_alert_is_not_there(author: Desk, keyring: Keyring) -> None:
    other = Office.open(keyring, "Consulate of Sylvania")
    alert = other.draft()
    for suffix in ("", "/edit", "/progress", "/deliveries", "/checkins"):
        assert author.open(path(alert) + suffix).status_code == 404
    assert "Earthquake" not in text_of(author.open("/console/alerts"))
