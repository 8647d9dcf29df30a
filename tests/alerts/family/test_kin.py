from __future__ import annotations

import itertools

from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from alerts.conversation.hearing import Heard, hear
from alerts.conversation.texts import say
from alerts.family.models import Kin, KinWord
from alerts.outgoing.models import Outgoing, OutgoingKind
from alerts.outgoing.services import OutgoingContent, content_of
from alerts.responses.models import Case, CaseOrigin, CheckIn, Reply, Safety, ToldBy
from alerts.responses.storing import Inbound, reply_text
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.organisations.scope import everywhere
from registry.people.links import new_link
from registry.people.models import Person
from registry.people.services import erase
from registry.people.vault import Vault
from tests.alerts.console.sending import plan, send
from tests.alerts.followups.test_followups import ask_due, later
from tests.alerts.offices import Office
from tests.registry.people.pages.visitor import Visitor, text_of
from workers.minding import ask_emergency_contacts
from workers.outgoing import deliver_outgoing

MOTHER = "+999201000077"
SIDS = itertools.count(1)


def write(keyring: Keyring, words: str, phone: str = MOTHER) -> Heard:
    with unscoped() as session:
        return hear(session, keyring, Inbound(phone, words, f"KIN{next(SIDS)}"))


def name_mother(app: APIFlask, office: Office, person: Person, name: str) -> Visitor:
    """On the person's own page."""
    with scoped(office.organisation.id) as session:
        token = new_link(session, session.get_one(Person, person.id))
    client: FlaskClient = app.test_client()
    visitor = Visitor(client, office.keyring)
    form = {"phone": MOTHER, "phone_country": "", "language": "fr", "name": name}
    page = f"/me/{token}"
    wrong = text_of(visitor.send(f"{page}/kin", form | {"phone": "12", "name": ""}))
    assert "There is a problem" in wrong
    assert "Saved." in text_of(visitor.send(f"{page}/kin", form))
    assert MOTHER not in text_of(visitor.open(page)), "who is named stands on a page of its own"
    assert MOTHER in visitor.open(f"{page}/kin").text and MOTHER in visitor.open(f"{page}/download").text
    return visitor


def steps_due() -> int:
    with everywhere() as session:
        return ask_due(session)


def messages(office: Office) -> list[OutgoingContent]:
    with scoped(office.organisation.id) as session:
        vault = Vault.open(session, office.keyring, office.organisation.id)
        rows = session.scalars(
            select(Outgoing).where(Outgoing.kind == OutgoingKind.KIN).order_by(Outgoing.id)
        )
        return [content_of(vault, row) for row in rows]


def test_whom_the_silent_have_named_is_asked_last_and_answers_as_told_by(
    app: APIFlask, office: Office, keyring: Keyring
) -> None:
    runtime = plan(office)
    ana, ben, safe = office.register(), office.register(), office.register()
    for person, name in ((ana, "Ana"), (ben, "Ben"), (safe, "Carl")):
        name_mother(app, office, person, name)
    alert = office.approved(channels=["sms"])
    send(office, alert)
    with scoped(office.organisation.id) as session:
        session.add(
            CheckIn(
                organisation_id=office.organisation.id,
                alert_id=alert.id,
                person_id=safe.id,
                safety=Safety.SAFE,
                via="sms",
            )
        )
        session.execute(text("UPDATE alerts SET ask_again_after = 30"))
    for minutes in (31, 31, 31):
        assert ask_emergency_contacts(runtime) == 0, "others are asked first"
        later(office, first_sent_at=minutes)
        assert steps_due() == 1
    assert steps_due() == 0

    assert ask_emergency_contacts(runtime) == 1, "one number is asked one question at a time"
    assert ask_emergency_contacts(runtime) == 0
    [asked] = messages(office)
    assert asked["address"] == MOTHER and asked["text"] == say("fr", "kin_ask", name="Ana")
    assert "Freedonia" not in asked["text"]
    assert deliver_outgoing(runtime) == 1

    assert write(keyring, "elle est chez sa tante").answers == (say("fr", "kin_thanks"),)
    assert write(keyring, "1").answers == (say("fr", "kin_thanks"),)
    assert write(keyring, "merci").answers == ()
    with scoped(office.organisation.id) as session:
        vault = Vault.open(session, keyring, office.organisation.id)
        row = session.scalars(select(CheckIn).where(CheckIn.person_id == ana.id)).one()
        assert (row.alert_id, row.safety, row.told_by) == (alert.id, Safety.SAFE, ToldBy.KIN)
        replies = session.scalars(select(Reply).order_by(Reply.id)).all()
        found = session.get_one(Person, ana.id)
        assert {one.told_by for one in replies} == {ToldBy.KIN}
        assert [(reply_text(vault, found, one), one.needs_reading) for one in replies] == [
            ("elle est chez sa tante", True), ("1", False), ("merci", True),
        ]  # fmt: skip

    assert ask_emergency_contacts(runtime) == 1, "then of the next one"
    assert messages(office)[1]["text"] == say("fr", "kin_ask", name="Ben")
    with scoped(office.organisation.id) as session:
        own = CheckIn(alert_id=alert.id, person_id=ben.id, safety=Safety.SAFE, via="web")
        own.organisation_id = office.organisation.id
        session.add(own)
    assert write(keyring, "2").answers == (say("fr", "kin_thanks"),)
    with scoped(office.organisation.id) as session:
        row = session.scalars(select(CheckIn).where(CheckIn.person_id == ben.id)).one()
        assert (row.safety, row.told_by) == (Safety.SAFE, None), "the person's own word stands"
        case = session.scalars(select(Case)).one()
        assert (case.person_id, case.origin, case.told_by) == (ben.id, CaseOrigin.RELATIVE, ToldBy.KIN)
    assert write(keyring, "STOP").answers == ()
    with scoped(office.organisation.id) as session:
        stopped = session.scalars(select(Kin.stopped_at)).all()
        assert len(stopped) == 3 and all(stopped)
        erase(session, session.get_one(Person, ben.id))
        assert session.scalar(select(func.count()).select_from(Kin)) == 2
    assert write(keyring, "0").answers != (), "the number of somebody erased begins as any stranger's"


def test_a_registered_contact_answers_for_the_other_and_still_for_themself(
    app: APIFlask, office: Office, keyring: Keyring
) -> None:
    runtime = plan(office)
    mother = office.register(contacts=[{"channel": "sms", "address": MOTHER}])
    ana = office.register()
    visitor = name_mother(app, office, ana, "Ana")
    drill = office.approved(exercise=True)
    alert = office.approved()
    for one in (drill, alert):
        send(office, one)
        with scoped(office.organisation.id) as session:
            session.execute(text("UPDATE alerts SET ask_again_after = 1"))
    later(office, first_sent_at=600)
    assert sum(steps_due() for _ in range(4)) == 5, "three steps of the alert, two of the exercise"
    assert ask_emergency_contacts(runtime) == 1
    assert write(keyring, "0").answers == (say("en", "kin_thanks"),), "in the language of their own record"
    with scoped(office.organisation.id) as session:
        kin = session.scalars(select(Kin)).one()
        assert kin.answer is KinWord.UNKNOWN and not session.scalars(select(CheckIn)).all()
    assert write(keyring, "help me please").answers[0] == say("en", "help")
    with scoped(office.organisation.id) as session:
        assert session.scalars(select(Case.person_id)).all() == [mother.id], "a plea is the sender's own"
        token = new_link(session, session.get_one(Person, ana.id))
    visitor.send(f"/me/{token}/kin", {"action": "remove"})
    with scoped(office.organisation.id) as session:
        assert not session.scalars(select(Kin)).all()
