"""What an officer at a post sees of alerts, and of people elsewhere whom they concern."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import text

from alerts.lifecycle.console.reading import approvers
from alerts.responses.models import Safety
from alerts.responses.services import check_in
from registry.crypto import Keyring
from registry.database import scoped
from registry.organisations.models import Post, PostCountry
from registry.people.models import Person
from tests.alerts.offices import Office
from tests.alerts.responses.making import deliver
from tests.desk import new_desk, text_of


def test_alerts_elsewhere_are_for_headquarters(client: FlaskClient, keyring: Keyring, office: Office) -> None:
    desk = new_desk(client, keyring, organisation="Consulate of Freedonia")
    number = office.organisation.id
    here, there = (office.register(stays=[{"country": country}]) for country in ("LB", "NP"))
    alert = office.approved(area={"countries": ["LB", "NP"]})
    waiting = office.move(office.draft(area={"countries": ["LB", "NP"]}), "submit")
    with scoped(number) as session:
        post = Post(organisation_id=number, name="Embassy", countries=[PostCountry(country="LB")])
        session.add(post)
        session.flush()
        session.execute(
            text("UPDATE officers SET post_id = :post WHERE email LIKE 'rufus%'"), {"post": post.id}
        )
        for person in (here, there):
            deliver(session, alert, session.get_one(Person, person.id))
            check_in(session, session.get_one(Person, person.id), alert.id, Safety.SAFE, "sms")
    page = f"/console/alerts/{waiting.public_id}"
    shown = text_of(desk.open(page))
    assert "Your post does not serve Nepal" in shown
    assert "Whom it reaches" not in shown
    assert "Approve and send" not in shown
    for name, moved in (("approve", waiting), ("return", waiting), ("pause", alert), ("cancel", alert)):
        fields = {"reason": "x", "confirm": "yes", "audience": "2"}
        answer = desk.send("/console/people/new", fields, to=f"/console/alerts/{moved.public_id}/{name}")
        assert "headquarters can alert there" in text_of(answer), name
    assert office.state(waiting) == "submitted"
    with scoped(number) as session:
        assert [one.email for one in approvers(session, waiting)] == [office.approver.email], (
            "and not the post's"
        )
    preview = desk.send(
        "/console/alerts/new", {"countries": ["NP"], "channels": ["sms"]}, to="/console/alerts/preview"
    )
    assert "Your post does not serve Nepal" in preview.json["parts"]["preview"]
    for path in (
        f"/console/alerts/{alert.public_id}/checkins",
        f"/console/alerts/{alert.public_id}/deliveries",
    ):
        listed = desk.open(path).text
        assert str(here.public_id) in listed, path
        assert str(there.public_id) not in listed, path
