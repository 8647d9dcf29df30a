from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import select, text

from alerts.casework import referrals
from alerts.casework.models import AssistancePoint, ReferralState
from alerts.casework.priority import priority_of
from alerts.outgoing.models import Outgoing
from alerts.outgoing.services import content_of
from alerts.responses.models import Case
from alerts.responses.services import get_case, open_case
from registry.audit.models import AuditEntry
from registry.crypto import Keyring
from registry.database import Session, scoped, unscoped
from registry.organisations.models import Role
from registry.organisations.services import add_officer
from registry.people.models import Person
from registry.people.services import erase
from registry.people.vault import Vault
from registry.sharing.models import Agreement
from registry.sharing.services import consent, take_back
from tests.alerts.console.conftest import desk_of
from tests.alerts.offices import Office
from tests.desk import Desk, text_of


def worker(app: APIFlask, office: Office, email: str) -> Desk:
    with unscoped() as session:
        organisation = session.merge(office.organisation)
        found = add_officer(session, organisation, email, [Role.CASE_WORKER], email.partition("@")[0]).officer
    return desk_of(app, office.keyring, found)


@pytest.fixture
def carla(app: APIFlask, office: Office) -> Desk:
    return worker(app, office, "carla@example.org")


@pytest.fixture
def partner(database: str, keyring: Keyring) -> Office:
    return Office.open(keyring, "Red Cross of Sylvania")


def opened(office: Office) -> tuple[Person, Case]:
    person = office.register()
    with scoped(office.organisation.id) as session:
        return person, open_case(session, session.get_one(Person, person.id), None)


def case_of(session: Session, case: Case) -> Case:
    return get_case(session, case.public_id)


def test_the_rule_of_priorities() -> None:
    assert [priority_of(needs) for needs in ((), ("other", "hurt"), ("papers",), ("papers", "food"))] == [
        2,
        1,
        3,
        2,
    ]
    assert priority_of(("hurt",), exercise=True) == 3


def test_a_case_has_a_priority_a_next_step_a_log_and_an_outcome(office: Office, carla: Desk) -> None:
    _, case = opened(office)
    path = f"/console/cases/{case.public_id}"
    with scoped(office.organisation.id) as session:
        found = case_of(session, case)
        assert found.due_at and found.priority == 2
        assert timedelta(hours=3) < found.due_at - datetime.now(UTC) < timedelta(hours=5)
    fields = {"state": "in_progress", "owner": "carla@example.org", "need": "medical"}
    page = carla.send(path, fields | {"next_step": "Call the clinic", "note": "At the school."})
    words = text_of(page)
    assert "Priority 1" in words and "Need: Medical" in words and "Next step: written" in words
    assert "At the school." not in words.partition("Log")[2]
    assert "Deaf in one ear" in text_of(carla.send(path, {"line": "Deaf in one ear"}, to=f"{path}/note"))
    assert carla.send(path, {"line": ""}, to=f"{path}/note").status_code == 422
    refused = carla.send(path, fields | {"state": "closed"})
    assert refused.status_code == 422 and "say how it ended" in text_of(refused)
    soon = f"{datetime.now(UTC) + timedelta(minutes=5):%Y-%m-%dT%H:%M}"
    for wrong in ({"due_at": "soon"}, {"due_at": "2999-01-01T00:00"}, {"outcome": "bored"}):
        assert carla.send(path, fields | wrong).status_code == 422
    carla.send(path, fields | {"priority": "3", "due_at": soon})
    closed = text_of(carla.send(path, fields | {"state": "closed", "outcome": "helped", "priority": "3"}))
    assert "Closed" in closed and "How it ended: They got help" in closed
    again = text_of(carla.send(path, {"state": "open", "need": "papers"}))
    assert "State: Open" in again and "Priority 3" in again and "How it ended: –" in again
    assert "Nobody has taken" in text_of(carla.open("/console/cases?owner=nobody"))
    with scoped(office.organisation.id) as session:
        erase(session, case_of(session, case).person)
    assert carla.open(path).status_code == 404


def test_a_reply_names_a_place_that_helps(office: Office, carla: Desk) -> None:
    person = office.register(language="es")
    place = {"country": "NP", "name": "Escuela", "what": "Camas", "place": "Thamel", "hours": "24 h"}
    assert carla.send("/console/points/new", place | {"hours": ""}).status_code == 422
    assert "Escuela" in text_of(carla.send("/console/points/new", place))
    with scoped(office.organisation.id) as session:
        point = session.scalars(select(AssistancePoint)).one()
    reply = carla.open(f"/console/conversations/{person.public_id}?point={point.public_id}")
    assert "Escuela: Camas. Thamel, 24 h. No se piden documentos de identidad." in reply.text
    path = f"/console/points/{point.public_id}"
    assert "Closed" in text_of(carla.send(path, {"do": "close"}))
    assert "Escuela" not in text_of(carla.open(f"/console/conversations/{person.public_id}"))
    assert "Yes" in text_of(carla.send(path, place | {"id_needed": "yes"}))


def test_a_referral_needs_consent_and_comes_back(
    app: APIFlask, office: Office, partner: Office, keyring: Keyring, carla: Desk
) -> None:
    person, case = opened(office)
    with scoped(office.organisation.id, partner.organisation.id) as session:
        agreement = Agreement(
            organisation_id=office.organisation.id,
            recipient_id=partner.organisation.id,
            purpose="Beds",
            countries=["NP"],
            starts=date(2020, 1, 1),
            ends=date(2999, 1, 1),
            recorded_by_id=office.author.id,
            countersigned_by_id=partner.author.id,
            countersigned_at=datetime.now(UTC),
        )
        session.add(agreement)
        session.flush()
    path = f"/console/cases/{case.public_id}"
    assert "the person has not agreed" in text_of(carla.open(path))
    form = {"agreement": str(agreement.public_id), "request": "A bed for two"}
    assert "The person has not agreed to that" in text_of(carla.send(path, form, to=f"{path}/refer"))
    for _ in range(2):
        carla.send(path, {}, to=f"{path}/ask-consent")
    with scoped(office.organisation.id) as session:
        vault = Vault.open(session, keyring, office.organisation.id)
        (letter,) = session.scalars(select(Outgoing)).all()
        assert "/me/" in content_of(vault, letter)["text"]
        consent(session, session.get_one(Person, person.id), session.merge(agreement))
    assert "Waits for an answer" in text_of(carla.send(path, form, to=f"{path}/refer"))
    assert "referred to them already" in text_of(carla.send(path, form, to=f"{path}/refer"))

    theirs = worker(app, partner, "red@example.org")
    listed = theirs.open("/console/referrals")
    link = re.search(r'href="(/console/referrals/[0-9a-f-]{36})"', listed.text)
    assert link and person.reference not in listed.text
    seen = theirs.open(link[1])
    assert "A bed for two" in text_of(seen) and "+9991" in seen.text
    with unscoped() as session:
        session.execute(text("UPDATE attempts SET count = 1000 WHERE count = 1"))
    seen = theirs.open(link[1])
    assert seen.status_code == 429 and "+9991" not in seen.text, "too many were opened"
    with unscoped() as session:
        session.execute(text("DELETE FROM attempts"))
    assert theirs.send(link[1], {"state": "declined"}).status_code == 422
    theirs.send(link[1], {"state": "accepted", "words": "Come at six"})
    assert "Come at six" in text_of(carla.open(path))
    theirs.send(link[1], {"state": "done", "words": "Slept here"})
    assert "can't become" in text_of(theirs.send(link[1], {"state": "declined", "words": "No"}))
    assert "Slept here" in text_of(carla.open(f"/console/cases/{case.public_id}"))
    assert "Done" in text_of(theirs.open("/console/referrals?ended=1"))
    with scoped(office.organisation.id, partner.organisation.id) as session:
        read = select(AuditEntry.organisation_id).where(AuditEntry.action == "referral.read")
        assert set(session.scalars(read)) == {office.organisation.id, partner.organisation.id}
        referral = referrals.referrals_of(session, case_of(session, case))[0]
        assert referral.state is ReferralState.DONE
        take_back(session, session.get_one(Person, person.id), session.merge(agreement))
    assert theirs.open(link[1]).status_code == 404, "consent was taken back"
