"""Another organisation sees who consents, as long as an agreement of both lasts."""

from __future__ import annotations

from apiflask import APIFlask
from sqlalchemy import select, text

from registry.audit.models import AuditEntry
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.organisations.models import Organisation
from registry.people.models import Person
from tests.desk import Desk, new_desk, text_of
from tests.registry.people.pages.visitor import PHONE, Visitor

AGREEMENT = {
    "recipient": "Aid Society",
    "purpose": "Buses to the border",
    "countries": "Lebanon, SY",
    "starts": "2020-01-01",
    "ends": "2099-12-31",
}


def reveal_some(ours: Desk, theirs: Desk, shared: str, body: Organisation) -> None:
    """One at a time, for a purpose, known to both sides; whoever opens too many is stopped and told of."""
    with scoped(body.id) as session:
        person, other = session.scalars(select(Person.public_id).order_by(Person.id))
    reveal = f"{shared}/{person}/reveal"
    assert PHONE in text_of(theirs.send(shared, {"purpose": "case"}, to=reveal))
    assert theirs.send(shared, {}, to=f"{shared}/{other}/reveal").status_code == 404, "who didn't consent"
    assert ours.send("/console/sharing/new", {}, to=reveal).status_code == 404
    for desk in (ours, theirs):
        with scoped(desk.officer.organisation_id) as session:
            entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "shared.reveal")).one()
        assert (entry.subject, entry.details["purpose"]) == (str(person), "case")
    with unscoped() as session:
        session.execute(text("UPDATE attempts SET count = 30"))
    refused = theirs.send(shared, {}, to=reveal)
    assert refused.status_code == 429
    assert PHONE not in refused.text
    assert ("alarm.reveals", str(theirs.officer.public_id)) in theirs.audited()


def test_the_story(app: APIFlask, keyring: Keyring) -> None:
    ours = new_desk(app.test_client(), keyring)
    theirs = new_desk(app.test_client(), keyring, organisation="Aid Society", email="aid@example.org")
    with unscoped() as session:
        body = session.get_one(Organisation, ours.officer.organisation_id)
        session.execute(text("UPDATE organisations SET listed = false WHERE name = 'Aid Society'"))
    visitor, elsewhere = Visitor(app.test_client(), keyring), Visitor(app.test_client(), keyring)
    page = visitor.member(body, name="Leila", place="Main Street")
    stranger = elsewhere.member(body, "FR", phone="+999700123457")

    bad = {**AGREEMENT, "recipient": "Nobody", "countries": "Atlantis", "ends": "2019-01-01", "purpose": ""}
    assert ours.send("/console/sharing/new", bad).text.count('class="error"') == 4
    assert "Not countersigned" in text_of(ours.send("/console/sharing/new", AGREEMENT))
    assert "Aid Society" not in text_of(visitor.open(page))
    with scoped(body.id) as session:
        number = session.scalar(text("SELECT public_id FROM agreements"))
    sign, shared = f"/console/sharing/{number}/countersign", f"/console/shared/{number}"
    assert ours.send("/console/sharing/new", {}, to=sign).status_code == 409
    assert theirs.open(shared).status_code == 404
    assert "In force" in text_of(theirs.send("/console/sharing/", {}, to=sign))

    assert "Let Aid Society see your registration?" in text_of(visitor.open(page))
    assert "Aid Society" not in text_of(elsewhere.open(stranger))
    assert "Nobody has consented yet" in text_of(theirs.open(shared))
    choose = {"agreement": str(number), "action": "share"}
    assert elsewhere.send(stranger, choose, to=f"{stranger}/sharing").status_code == 404
    answer = visitor.send(page, choose, to=f"{page}/sharing")
    assert "Aid Society sees your registration" in text_of(answer)
    assert visitor.client.get(f"{page}/download").json["shared_with"][0]["purpose"] == "Buses to the border"
    assert "Buses to the border" in text_of(theirs.open("/console/shared/"))
    seen = text_of(theirs.open(shared))
    assert PHONE not in seen
    assert PHONE[-2:] in seen, "masked"
    assert "Lebanon" in seen
    assert "Leila" not in seen
    assert ours.open(shared).status_code == 404
    reveal_some(ours, theirs, shared, body)
    for desk in (ours, theirs):
        with scoped(desk.officer.organisation_id) as session:
            entry = session.scalars(
                select(AuditEntry).where(AuditEntry.action == "shared.read").order_by(AuditEntry.id.desc())
            ).first()
        assert entry
        assert (entry.subject, entry.details["people"]) == (str(number), 1)
        assert entry.actor.endswith("aid@example.org")
    assert "Leila" not in text_of(theirs.open("/console/people/"))

    visitor.send(page, {"agreement": str(number), "action": "stop"}, to=f"{page}/sharing")
    assert PHONE[-2:] not in text_of(theirs.open(shared))
    visitor.send(page, choose, to=f"{page}/sharing")
    with scoped(body.id) as session:
        session.execute(text("UPDATE agreements SET ends = CAST(now() AS date) - 1"))
    assert theirs.open(shared).status_code == 404
    assert "Aid Society" not in text_of(visitor.open(page))
    with scoped(body.id) as session:
        session.execute(text("UPDATE agreements SET ends = CAST(now() AS date)"))
    assert PHONE[-2:] in text_of(theirs.open(shared))
    assert "Over" in text_of(ours.send("/console/sharing/new", {}, to=f"/console/sharing/{number}/end"))
    assert theirs.open(shared).status_code == 404
