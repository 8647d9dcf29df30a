from __future__ import annotations

import re
from html import unescape

from sqlalchemy import select, text, update

from alerts.delivery.batches import settle
from alerts.delivery.models import Batch, Delivery, DeliveryState, Provider
from alerts.lifecycle.models import Alert
from registry.database import scoped, unscoped
from registry.people.models import ContactPoint, ContactState
from registry.people.vault import Vault
from tests.alerts.console.sending import plan, send
from tests.alerts.offices import Office
from tests.desk import Desk, text_of


def path(alert: Alert) -> str:
    return f"/console/alerts/{alert.public_id}"


def numbers(page: str) -> dict[str, tuple[int, ...]]:
    """The table of states: its label → SMS, email."""
    rows = re.findall(r'<th scope="row" title="[^"]*">([^<]+)</th>(.*?)</tr>', page, re.DOTALL)
    return {label: tuple(map(int, re.findall(r"(\d+)(?:</a>)?</td>", cells))) for label, cells in rows}


def test_progress_moves_from_waiting_to_taken(author: Desk, office: Office) -> None:
    for _ in range(3):
        office.register("sms", "email")
    stopped = office.register("sms")
    with scoped(office.organisation.id) as session:
        session.execute(
            update(ContactPoint)
            .where(ContactPoint.person_id == stopped.id)
            .values(state=ContactState.OPTED_OUT)
        )
    alert = office.approved()
    before = author.open(path(alert))
    assert "0 of 6 handed over" in text_of(before)
    assert "It begins in a moment." in text_of(before)
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in before.text
    plan(office)
    assert numbers(author.open(path(alert)).text)["Waiting"] == (3, 3)
    send(office, alert)
    after = author.open(path(alert))
    assert "6 of 6 handed over" in text_of(after)
    assert numbers(after.text)["Taken"] == (3, 3)
    assert numbers(after.text)["Held back"] == (1, 0)
    assert "held back : the person asked for no more messages 1" in text_of(after)
    assert "Have not answered 3" in text_of(after)


def test_the_poll_answers_304_until_something_moves(author: Desk, office: Office) -> None:
    office.register()
    alert = office.approved()
    plan(office)
    first = author.open(f"{path(alert)}/progress", headers={"X-Poll": "1"})
    assert (first.json["state"], first.json["moving"]) == ("sending", True)
    assert set(first.json["parts"]) == {"progress"}
    same = {"X-Poll": "1", "If-None-Match": first.headers["ETag"]}
    assert author.open(f"{path(alert)}/progress", headers=same).status_code == 304
    send(office, alert)
    moved = author.open(f"{path(alert)}/progress?outcome=1", headers=same)
    assert moved.status_code == 200
    assert (moved.json["state"], moved.json["moving"]) == ("sent", False)
    assert "What people answered" in moved.json["parts"]["outcome"]
    assert author.open(f"{path(office.draft())}/progress").status_code == 404


def test_an_open_breaker_says_so(author: Desk, office: Office) -> None:
    office.register()
    alert = office.approved()
    plan(office)
    with unscoped() as session:
        session.add(Provider(name="sandbox", reason="the account is suspended", failures=1))
        session.flush()
        session.execute(text("UPDATE providers SET open_until = now() + interval '1 minute'"))
    page = text_of(author.open(path(alert)))
    assert "SMS: the provider refuses our messages" in page
    assert "the account is suspended" in page


def test_each_number_leads_to_its_rows(author: Desk, office: Office) -> None:
    people = [office.register("sms", "email") for _ in range(2)]
    alert = office.approved()
    send(office, alert)
    with scoped(office.organisation.id) as session:
        session.execute(
            update(Delivery)
            .where(Delivery.alert_id == alert.id, Delivery.channel == "sms")
            .values(state=int(DeliveryState.FAILED), code="21614")
        )
        settle(session, session.scalars(select(Batch.id)).all())
        vault = Vault.open(session, office.keyring, office.organisation.id)
        found = session.get_one(type(people[0]), people[0].id)
        address = next(vault.address(contact) for contact in found.contacts if contact.channel == "sms")
    page = author.open(path(alert))
    assert "failed : not a mobile number 2" in text_of(page)
    links = [unescape(link) for link in re.findall(r'href="([^"]+/deliveries[^"]*)"', page.text)]
    assert any("channel=sms" in link and "code=21614" in link for link in links)
    for link in links:
        assert "No delivery here" not in author.open(link).text
    rows = author.open(f"{path(alert)}/deliveries?state=failed&channel=sms")
    assert text_of(rows).count("not a mobile number") == 2
    assert address not in rows.text
    assert f"••{address[-2:]}" in rows.text
    assert ("alert.deliveries", str(alert.public_id)) in author.audited()
    emails = author.open(f"{path(alert)}/deliveries?channel=email")
    assert text_of(emails).count("Taken") - 1 == 2, "once in the filter, once for each row"
    for odd in ("?state=lost", "?channel=pigeon", "?after=x", "?code=" + "x" * 50, "?code=%00"):
        assert author.open(f"{path(alert)}/deliveries{odd}").status_code == 404


def test_the_ledger_is_paged(author: Desk, office: Office) -> None:
    for _ in range(52):
        office.register()
    alert = office.approved(channels=["sms"])
    send(office, alert)
    first = author.open(f"{path(alert)}/deliveries?state=accepted")
    following = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert following
    second = author.open(unescape(following[1]))
    shown = [re.findall(r'<a href="/console/people/([^"]+)"', page.text) for page in (first, second)]
    assert [len(page) for page in shown] == [50, 2]
    assert len(set(shown[0] + shown[1])) == 52
    assert 'rel="next"' not in second.text
