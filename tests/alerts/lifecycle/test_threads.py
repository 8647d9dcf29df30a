"""Updates, all clears and cancels follow an alert that has gone out."""

from __future__ import annotations

import uuid

import pytest

from alerts.lifecycle import services
from alerts.lifecycle.dispatching import mark_sending
from alerts.lifecycle.intake import read_alert
from alerts.lifecycle.models import Alert
from registry.crypto import Keyring
from registry.database import scoped
from registry.errors import Invalid
from tests.alerts.offices import Office, request


def sending(office: Office, **changes: object) -> Alert:
    alert = office.approved(**changes)
    with scoped(office.organisation.id) as session:
        mark_sending(session, services.get(session, alert.public_id))
    return alert


def refusal(office: Office, **changes: object) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        office.draft(**changes)
    return [(error.field, error.code) for error in refused.value.errors]


def test_follows_the_latest_that_shares_a_country(office: Office) -> None:
    sending(office, area={"countries": ["NP"]})
    latest = sending(office, area={"countries": ["IN", "NP"]})
    sending(office, area={"countries": ["FR"]})
    office.draft()
    for kind in ("update", "all clear", "cancel"):
        assert office.draft(type=kind, area={"countries": ["NP", "BT"]}).thread_id == latest.id


def test_a_thread_has_one_first_alert(office: Office) -> None:
    first = sending(office)
    update = sending(office, type="update")
    assert office.draft(type="update", follows=str(update.public_id)).thread_id == first.id
    assert office.draft(type="all_clear").thread_id == first.id


def test_nothing_to_follow(office: Office, keyring: Keyring) -> None:
    draft = office.draft()
    sending(Office.open(keyring, "Consulate of Sylvania"))
    assert refusal(office, type="update") == [("follows", "required")]
    assert refusal(office, type="update", follows=str(draft.public_id)) == [("follows", "not_sent")]
    assert refusal(office, type="update", follows=str(uuid.uuid4())) == [("follows", "unknown")]


def test_an_exercise_never_becomes_real(office: Office) -> None:
    exercise = sending(office, exercise=True)
    assert refusal(office, type="update") == [("follows", "required")]
    assert refusal(office, type="update", follows=str(exercise.public_id)) == [("exercise", "mixed")]
    assert office.draft(type="update", exercise=True).thread_id == exercise.id


def test_an_edit_keeps_the_thread_and_never_follows_itself(office: Office) -> None:
    first = sending(office)
    update = office.draft(type="update")
    sending(office)
    with scoped(office.organisation.id) as session:
        found = services.get(session, update.public_id)
        assert (
            services.edit(session, office.author, found, read_alert(request(type="all clear"))).thread_id
            == first.id
        )
        assert services.edit(session, office.author, found, read_alert(request())).thread_id is None
    alone = office.approved(area={"countries": ["TV"]})
    with scoped(office.organisation.id) as session, pytest.raises(Invalid):
        changed = read_alert(request(type="update", area={"countries": ["TV"]}))
        services.edit(session, office.author, services.get(session, alone.public_id), changed)
