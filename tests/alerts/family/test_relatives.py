from __future__ import annotations

import itertools

from apiflask import APIFlask
from sqlalchemy import func, select, text

from alerts.conversation.hearing import hear
from alerts.conversation.texts import say
from alerts.family.inquiring import is_name, open_letter
from alerts.family.models import Asking, AskingState, Inquiry
from alerts.outgoing.models import Outgoing, OutgoingKind
from alerts.outgoing.services import content_of
from alerts.responses.cases import open_case
from alerts.responses.models import Case, CaseOrigin, ReachBy, Safety
from alerts.responses.services import check_in
from alerts.responses.storing import Inbound
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.notices.models import NoticeState
from registry.people.links import new_link
from registry.people.models import Person
from registry.people.vault import Vault
from tests.alerts.console.sending import plan, send
from tests.alerts.offices import Office
from tests.registry.people.pages.visitor import Visitor, text_of
from workers.minding import mind_relatives
from workers.notices import deliver_notices

ANA, BEN, CAT, DAN = (f"+99920100008{number}" for number in range(4))
NOBODY = "+999201000099"
ASKERS = itertools.count(1)


def code_of(keyring: Keyring) -> str:
    with unscoped() as session:
        inquiry = session.scalars(select(Inquiry).order_by(Inquiry.id.desc())).first()
        assert inquiry
        words = open_letter(keyring, inquiry)["text"]
    return "".join(char for char in words if char.isdigit())[:6]


def asks(visitor: Visitor, whom: str, name: str = "Omar") -> str:
    """Go through the three pages; what the last one says."""
    address = f"+9992020000{next(ASKERS):02}"
    form = {"channel": "sms", "phone": address, "phone_country": "", "name": name}
    visitor.send("/relative", form)
    visitor.send("/relative/code", {"code": code_of(visitor.keyring)})
    sent = visitor.send("/relative/whom", {"channel": "sms", "phone": whom, "phone_country": ""})
    return text_of(sent)


def told(office: Office, kind: OutgoingKind) -> list[tuple[str | None, str]]:
    """Messages of a kind: the address, of those to somebody else, and the words."""
    with scoped(office.organisation.id) as session:
        vault = Vault.open(session, office.keyring, office.organisation.id)
        rows = session.scalars(select(Outgoing).where(Outgoing.kind == kind).order_by(Outgoing.id))
        return [(found.get("address"), found["text"]) for found in (content_of(vault, row) for row in rows)]


def test_a_relative_hears_what_the_person_allows_and_never_whether_they_are_known(
    app: APIFlask, office: Office, keyring: Keyring
) -> None:
    ana, ben, cat, dan = (
        office.register(contacts=[{"channel": "sms", "address": phone}]) for phone in (ANA, BEN, CAT, DAN)
    )
    alert = office.approved()
    send(office, alert)
    with scoped(office.organisation.id) as session:
        allowing = session.get_one(Person, ana.id)
        allowing.tell_family = True
        check_in(session, allowing, alert.id, Safety.SAFE, "sms")
        session.get_one(Person, cat.id).quiet = True
        open_case(session, session.get_one(Person, dan.id), alert.id).reach_by = ReachBy.NONE
        link = new_link(session, session.get_one(Person, cat.id))
    visitor, runtime = Visitor(app.test_client(), keyring), plan(office)

    assert "There is a problem" in text_of(
        visitor.send("/relative", {"channel": "sms", "name": "evil.example"})
    )
    assert "Step 1 of 3" in text_of(visitor.open("/relative/whom")), "nobody asks without a proved address"
    visitor.send("/relative", {"channel": "sms", "phone": NOBODY, "phone_country": "", "name": "Eva"})
    assert deliver_notices(runtime) == 1, "the code leaves, whoever is asked for later"
    with unscoped() as session:
        assert session.scalars(select(Inquiry.state)).all() == [NoticeState.ACCEPTED]
    for _ in range(5):
        assert "not the code" in text_of(visitor.send("/relative/code", {"code": "000000"}))
    assert "too many times" in text_of(visitor.send("/relative/code", {"code": "000000"}))

    pages = [asks(visitor, phone) for phone in (NOBODY, ANA, BEN, CAT, DAN)]
    assert len(set(pages)) == 1 and "We have your question" in pages[0]
    with unscoped() as session:
        assert session.scalar(select(func.count()).where(Inquiry.asked_at.is_not(None))) == 5
    assert mind_relatives(runtime) == 9
    with unscoped() as session:
        assert session.scalar(select(func.count()).where(Inquiry.asked_at.is_not(None))) == 0
    [(address, words)] = told(office, OutgoingKind.FAMILY)
    assert address == "+999202000002" and words.startswith(
        "Whom you asked for (...080) lets you know: safe on "
    )
    question = say("en", "asked_for", name="Omar", address="+999202000003")
    assert told(office, OutgoingKind.REPLY) == [(None, question)], (
        "who may be watched, or wants no contact, isn't asked"
    )
    with scoped(office.organisation.id) as session:
        cases = {case.person_id: case for case in session.scalars(select(Case))}
        assert cases.keys() == {cat.id, dan.id}
        assert cases[cat.id].origin is CaseOrigin.RELATIVE
        assert cases[dan.id].origin is CaseOrigin.ANSWER, "an open case is joined"

    with unscoped() as session:
        heard = hear(session, keyring, Inbound(BEN, "81", "SM81"))
    assert heard.answers == (say("en", "asked_yes"),)
    assert told(office, OutgoingKind.FAMILY)[1][0] == "+999202000003"
    with unscoped() as session:
        assert hear(session, keyring, Inbound(BEN, "81", "SM82")).answers == (say("en", "other"),)

    page = f"/me/{link}"
    shown = visitor.open(page).text
    assert "Omar" in shown and "+999202000004" in shown
    name = shown.partition('name="asker" value="')[2].partition('"')[0]
    visitor.send(page, {"asker": name, "answer": "no"}, to=f"{page}/relative")
    assert "Omar" not in visitor.open(page).text and len(told(office, OutgoingKind.FAMILY)) == 2

    asks(visitor, BEN, "Olga")
    asks(visitor, BEN, "Ivan")
    assert mind_relatives(runtime) == 3, "a person is asked about one asker at a time"
    with scoped(office.organisation.id) as session:
        session.execute(text("UPDATE askings SET since = since - interval '4 hours' WHERE state = 'asked'"))
    mind_relatives(runtime)
    with scoped(office.organisation.id) as session:
        states = session.scalars(
            select(Asking.state).where(Asking.person_id == ben.id).order_by(Asking.id)
        ).all()
        assert states == [AskingState.TOLD, AskingState.HELD, AskingState.WAITING]
        assert session.scalars(select(Case.origin).where(Case.person_id == ben.id)).all() == [
            CaseOrigin.RELATIVE
        ]


def test_a_name_holds_no_link_and_no_number() -> None:
    assert all(is_name(name) for name in ("Omar", "Ana-María O’Neil", "أمينة", "मीना देवी", "Олена"))
    assert not any(
        is_name(name) for name in ("", " ", "evil.example", "call 112", "a/b", "x" * 25, "A\nB", "👍")
    )
