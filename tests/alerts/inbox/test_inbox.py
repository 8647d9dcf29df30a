from __future__ import annotations

import re
import uuid
from datetime import timedelta
from itertools import count

import pytest
from apiflask import APIFlask
from sqlalchemy import select, text

from alerts.inbox.escalation import escalate
from alerts.inbox.services import tone
from alerts.outgoing.models import Outgoing
from alerts.responses.models import Case, ReachBy, Reply
from alerts.responses.receiving import receive
from alerts.responses.storing import Inbound
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.notices.models import OfficerMail
from registry.organisations.models import Officer, Role
from registry.organisations.scope import everywhere
from registry.organisations.services import add_officer
from registry.people.models import Person
from registry.people.vault import Vault
from tests.alerts.console.conftest import desk_of
from tests.alerts.offices import Office
from tests.desk import Desk, text_of
from workers.housekeeping import tidy

SIDS = count()


def desk_for(app: APIFlask, office: Office, name: str) -> Desk:
    with unscoped() as session:
        organisation = session.merge(office.organisation)
        officer = add_officer(
            session, organisation, f"{name.lower()}@example.org", [Role.CASE_WORKER], name
        ).officer
    return desk_of(app, office.keyring, officer)


@pytest.fixture
def carla(app: APIFlask, office: Office) -> Desk:
    return desk_for(app, office, "Carla")


def write(office: Office, person: Person, words: str) -> None:
    """The person sends an SMS."""
    with scoped(office.organisation.id) as session:
        vault = Vault.open(session, office.keyring, office.organisation.id)
        address = vault.address(session.get_one(Person, person.id).contacts[0])
    with unscoped() as session:
        receive(session, office.keyring, Inbound(address, words, f"SM{next(SIDS)}"))


def letters(office: Office) -> list[str]:
    with scoped(office.organisation.id) as session:
        return [row.state.value for row in session.scalars(select(Outgoing).order_by(Outgoing.id))]


def test_a_message_stays_in_sight_until_an_officer_has_read_it(
    app: APIFlask, office: Office, carla: Desk
) -> None:
    chatty, hurt, safe = (office.register(language=tag) for tag in ("en", "fr", "en"))
    write(office, chatty, "What about <my> cat?")
    write(office, hurt, "2")
    write(office, safe, "stop please")
    page = carla.open("/console/inbox")
    assert "1 plea for help unread" in text_of(page)
    assert "1 other message" in text_of(page)
    words = text_of(page)
    assert words.index(hurt.reference) < words.index(chatty.reference), "pleas first, though it came later"
    assert safe.reference not in words, "what was understood needs no reading"
    assert "1 plea for help unread" in text_of(carla.open("/console/cases")), "on every page"
    path = f"/console/conversations/{hurt.public_id}"
    assert carla.send(path, {"do": "take"}, to=f"{path}/act").status_code == 200
    other = desk_for(app, office, "Dora")
    assert "A colleague has taken this" in text_of(other.send(path, {"do": "take"}, to=f"{path}/act"))
    shown = carla.open(f"{path}?ready=where")
    assert "Où êtes-vous maintenant" in shown.text
    once = re.search(r'name="once" value="([^"]+)"', shown.text)
    up_to = re.search(r'name="up_to" value="([0-9]+)"', shown.text)
    assert once and up_to
    write(office, hurt, "vite, s'il vous plaît !")  # after the officer had loaded the page
    reply = {"once": once[1], "up_to": up_to[1], "text": "Où êtes-vous ?"}
    for _ in range(2):  # a second press of the button
        answer = carla.send(path, reply, to=f"{path}/reply")
    assert "Freedonia: Où êtes-vous ?" in text_of(answer)
    assert letters(office) == ["pending"]
    with scoped(office.organisation.id) as session:
        rows = session.scalars(select(Reply).where(Reply.person_id == hurt.id).order_by(Reply.id)).all()
        assert [row.read_at is not None for row in rows] == [True, False]
        assert rows[0].owner and rows[0].owner.name == "Carla"
    assert carla.send(path, {"do": "read", "up_to": str(10**9)}, to=f"{path}/act").status_code == 200
    assert "0 pleas for help unread" in text_of(carla.open("/console/inbox"))
    assert {"inbox.list", "conversation.read", "conversation.reply", "inbox.read"} <= {
        action for action, _ in carla.audited()
    }
    for wrong in ({"text": ""}, {"text": "x" * 1001}, {"once": "no", "text": "Hello"}):
        assert carla.send(path, reply | wrong, to=f"{path}/reply").status_code == 422
    assert carla.send(path, {"do": "jump"}, to=f"{path}/act").status_code == 404
    assert carla.open("/console/inbox?after=x").status_code == 404


def test_who_asked_in_secret_is_not_written_to_by_mistake(office: Office, carla: Desk) -> None:
    person = office.register()
    write(office, person, "2")
    with scoped(office.organisation.id) as session:
        session.scalars(select(Case)).one().reach_by = ReachBy.NONE
    path = f"/console/conversations/{person.public_id}"
    assert "Do not write or call" in text_of(carla.open(path))
    reply = {"once": str(uuid.uuid4()), "up_to": "0", "text": "Hello"}
    refused = carla.send(path, reply, to=f"{path}/reply")
    assert refused.status_code == 422 and "Tick the box" in text_of(refused)
    assert letters(office) == []
    carla.send(path, reply | {"sure": "yes"}, to=f"{path}/reply")
    assert letters(office) == ["pending"]
    carla.send(path, {"do": "case"}, to=f"{path}/act")
    with scoped(office.organisation.id) as session:
        assert len(session.scalars(select(Case)).all()) == 1, "there is an open one already"


def test_shifts_are_handed_over_and_the_duty_list_is_told_of_what_waits(
    app: APIFlask, office: Office, keyring: Keyring, carla: Desk
) -> None:
    person = office.register()
    write(office, person, "2")
    after = timedelta(minutes=15)

    def told() -> list[str]:
        with everywhere() as session:
            escalate(session, keyring, after, "http://x.example")
            mails = session.scalars(select(OfficerMail).order_by(OfficerMail.id)).all()
            return [session.get_one(Officer, mail.officer_id).name for mail in mails]

    assert told() == []
    with scoped(office.organisation.id) as session:
        session.execute(text("UPDATE replies SET received_at = now() - interval '16 minutes'"))
    dora = desk_for(app, office, "Dora")
    assert told() == ["Carla", "Dora"], "nobody is on duty: all are told"
    assert told() == ["Carla", "Dora"], "and not again at once"
    carla.send("/console/inbox", {"do": "begin"}, to="/console/inbox/shift")
    with scoped(office.organisation.id) as session:
        session.execute(text("UPDATE replies SET escalated_at = now() - interval '16 minutes'"))
    assert told() == ["Carla", "Dora", "Carla"]
    assert "flash--bad" in carla.open("/console/inbox").text
    empty = carla.send("/console/inbox", {"do": "end", "note": " "}, to="/console/inbox/shift")
    assert empty.status_code == 422
    carla.send(
        "/console/inbox", {"do": "end", "note": f"{person.reference} waits."}, to="/console/inbox/shift"
    )
    left = dora.open("/console/inbox")
    assert "Hand-over from Carla" in text_of(left) and f"{person.reference} waits." in text_of(left)
    taken = re.search(r'action="(/console/inbox/handover/[^"]+)"', left.text)
    assert taken
    assert "Hand-over from" not in text_of(dora.send("/console/inbox", {}, to=taken[1]))
    with everywhere() as session:
        session.execute(text("UPDATE shifts SET ended_at = now() - interval '31 days'"))
    assert tidy(keyring) == 1, "a hand-over note is kept for thirty days"
    assert [tone(timedelta(minutes=age), after) for age in (1, 6, 15)] == ["neutral", "warn", "bad"]
