from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from flask import Flask
from markupsafe import Markup
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from registry.audit.models import AuditEntry
from registry.database import scoped
from registry.organisations.models import Organisation
from registry.people.models import Person, PersonKey, PersonLink, Reach, Stay
from tests.registry.people.pages.visitor import PHONE, Visitor, text_of, weight


def acts(organisation: Organisation) -> list[str]:
    with scoped(organisation.id) as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
        assert {entry.actor for entry in entries} == {"person"}
        return [entry.action for entry in entries]


def reach(organisation: Organisation) -> list[tuple[str, str, str]]:
    with scoped(organisation.id) as session:
        rows = session.scalars(select(Reach).order_by(Reach.stay_id))
        return [(row.country, row.language, row.state) for row in rows]


def test_the_page_shows_all_that_is_held(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(
        organisation, name="<b>Amal</b>", nationality="SY", subdivision="LB-BA", place="Hamra", household_size="4",
        kind="student", until="2031-05-01", quiet="yes",
    )  # fmt: skip
    shown = text_of(visitor.open(own))
    for part in (
        "<b>Amal</b>",
        "Syria",
        "Bayrūt",
        "Hamra",
        "4",
        "Student",
        "until 1 May 2031",
        PHONE,
        "Quiet messages Yes",
        "Kept by Consulate of Freedonia",
        "nothing from you for 365 days",
    ):
        assert part in shown
    assert "<b>Amal</b>" not in visitor.open(own).text


def test_the_page_speaks_the_persons_language_on_a_new_browser(
    visitor: Visitor, organisation: Organisation
) -> None:
    own = visitor.member(organisation, language="ar")
    assert '<html lang="ar" dir="rtl">' in visitor.open(own).text
    assert '<html lang="fr" dir="ltr">' in visitor.open(own + "?lang=fr").text
    assert '<html lang="fr" dir="ltr">' in visitor.open(own).text


def test_details_change_and_can_be_emptied(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation, name="Amal", nationality="SY", household_size="4", kind="worker")
    page = visitor.send(
        own + "/details", {"language": "fr", "name": "Amal H", "household_size": "", "quiet": "yes"}
    )
    shown = text_of(page)
    assert "Amal H" in shown
    assert "Nationalité –" in shown
    assert reach(organisation) == [("LB", "fr", "active")]
    assert acts(organisation)[-2:] == ["person.changed", "person.seen"]


def test_a_mistake_in_details_changes_nothing(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation, name="Amal")
    page = visitor.send(own + "/details", {"language": "fr", "name": "Other", "household_size": "many"})
    assert page.status_code == 422
    assert "Enter a whole number from 1 to 50." in text_of(page)
    assert "Amal" in text_of(visitor.open(own))


def test_an_organisations_own_kind_is_kept(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation)
    with scoped(organisation.id) as session:
        session.execute(update(Person).values(kind="peace_corps"))
    page = visitor.open(own + "/details")
    assert '<option value="peace_corps" selected>peace corps' in page.text


def test_moving_replaces_or_adds(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation)
    assert "/move/FR" in visitor.client.get(own + "/move?country=FR").location
    visitor.send(
        own + "/move/FR", {"how": "move", "subdivision": "FR-75C", "place": "Paris", "from": "2027-01-01"}
    )
    assert [row[0] for row in reach(organisation)] == ["FR"]
    page = visitor.send(own + "/move/ES", {"how": "also"})
    assert [row[0] for row in reach(organisation)] == ["FR", "ES"]
    for part in ("Saved.", "Paris", "Spain"):
        assert part in text_of(page)
    assert "Saved." not in text_of(visitor.open(own))


def test_dates_out_of_order_are_named(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation)
    page = visitor.send(own + "/move/FR", {"how": "move", "from": "2027-02-01", "until": "2027-01-01"})
    assert page.status_code == 422
    assert 'id="until-error"' in page.text
    assert [row[0] for row in reach(organisation)] == ["LB"]


def test_a_stay_that_is_over_is_told(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation, until="2031-05-01")
    with scoped(organisation.id) as session:
        session.execute(update(Stay).values(ends=date(2020, 1, 31)))
    shown = text_of(visitor.open(own))
    assert "Tell us where you are now." in shown
    assert "until 31 January 2020 Over" in shown


def test_pausing_and_resuming(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation)
    assert "You get no alerts." in text_of(visitor.send(own, {"action": "pause"}, to=own + "/pause"))
    assert reach(organisation) == [("LB", "en", "paused")]
    visitor.send(own, {"action": "resume"}, to=own + "/pause")
    assert reach(organisation) == [("LB", "en", "active")]


def test_the_download_holds_everything(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation, name="Amal", place="Hamra")
    answer = visitor.open(own + "/download")
    assert "attachment" in answer.headers["Content-Disposition"]
    held = json.loads(answer.text)
    assert held["name"] == "Amal"
    assert held["contacts"][0]["address"] == PHONE
    assert held["stays"][0]["place"] == "Hamra"
    assert held["organisation"] == "Consulate of Freedonia"
    assert [entry["action"] for entry in held["history"]] == ["person.registered", "person.confirmed"]
    assert acts(organisation)[-1] == "person.downloaded"


def test_looking_changes_nothing_but_the_audit(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation)
    before = visitor.open(own + "/download").text
    for page in ("", "/details", "/move", "/move/FR", "/contacts", "/erase"):
        assert visitor.open(own + page).status_code == 200
        assert visitor.client.head(own + page).status_code == 200  # as link checkers ask
        assert weight(visitor.client, own + page) < 16_000
    after = visitor.open(own + "/download").text
    assert json.loads(after) | {"history": []} == json.loads(before) | {"history": []}


def test_erasing_leaves_nothing(visitor: Visitor, organisation: Organisation) -> None:
    own = visitor.member(organisation, place="Hamra")
    assert "Erase everything you told us?" in text_of(visitor.open(own + "/erase"))
    assert "Your registration is erased" in text_of(visitor.send(own + "/erase", {}))
    with scoped(organisation.id) as session:
        for table in (Person, PersonKey, PersonLink, Stay, Reach):
            assert session.scalar(select(func.count()).select_from(table)) == 0
    page = visitor.open(own)
    assert page.status_code == 404
    assert "This link opens nothing" in text_of(page)
    assert acts(organisation)[-1] == "person.erased"


def test_whoever_was_erased_can_join_again(visitor: Visitor, organisation: Organisation) -> None:
    visitor.send(visitor.member(organisation) + "/erase", {})
    assert "You get the alerts" in text_of(visitor.open(visitor.member(organisation)))


def test_ended_expired_and_unknown_links_say_what_to_do(visitor: Visitor, organisation: Organisation) -> None:
    first, second = visitor.member(organisation), visitor.inbox(organisation)[-1].link
    with scoped(organisation.id) as session:
        session.execute(
            update(PersonLink).where(PersonLink.id == 1).values(expires_at=func.now() - timedelta(days=1))
        )
    assert visitor.open(first).status_code == 404
    visitor.send("/link", {"channel": "sms", "phone": PHONE, "phone_country": "LB"})
    fresh = visitor.inbox(organisation)[-1].link
    assert fresh != second
    page = visitor.send(fresh, {}, to=fresh + "/end-links")
    assert "All links to your page are ended" in text_of(page)
    for path in (fresh, "/me/" + "x" * 32, "/me/%00", fresh + "/details", fresh + "/download"):
        gone = visitor.open(path)
        assert gone.status_code == 404
        assert 'href="/link"' in gone.text
    assert len(reach(organisation)) == 1


def test_asking_for_a_link_gets_the_same_answer_for_all(visitor: Visitor, organisation: Organisation) -> None:
    visitor.member(organisation)
    before = len(visitor.inbox(organisation))
    known = visitor.send("/link", {"channel": "sms", "phone": PHONE, "phone_country": "LB"})
    assert len(visitor.inbox(organisation)) == before + 1
    unknown = visitor.send("/link", {"channel": "email", "email": "nobody@example.org"})
    assert len(visitor.inbox(organisation)) == before + 1
    assert text_of(known) == text_of(unknown)
    assert visitor.open(visitor.inbox(organisation)[-1].link).status_code == 200


def test_an_unproved_contact_gets_no_link(visitor: Visitor, organisation: Organisation) -> None:
    visitor.join()
    visitor.send("/link", {"channel": "sms", "phone": PHONE, "phone_country": "LB"})
    assert len(visitor.inbox(organisation)) == 1


def test_panels_of_others_stand_on_the_page(app: Flask, visitor: Visitor, organisation: Organisation) -> None:
    def panel(_session: Session, person: Person, language: str) -> Markup:
        return Markup("<p>Panel {} {}</p>").format(person.reference, language)

    own = visitor.member(organisation)
    app.extensions.setdefault("me_panels", []).append(panel)
    with scoped(organisation.id) as session:
        reference = session.scalars(select(Person.reference)).one()
    assert f"Panel {reference} en" in text_of(visitor.open(own))


@pytest.mark.parametrize("page", ["/details", "/contacts", "/move/FR", "/erase"])
def test_a_form_without_its_token_changes_nothing(
    visitor: Visitor, organisation: Organisation, page: str
) -> None:
    own = visitor.member(organisation)
    answer = visitor.client.post(own + page, data={"language": "fr", "how": "also"})
    assert answer.status_code == 400
    assert reach(organisation) == [("LB", "en", "active")]


def test_a_quiet_persons_pages_tell_nothing_at_a_glance(visitor: Visitor, organisation: Organisation) -> None:
    asked = visitor.join(quiet="yes")
    own = visitor.member(organisation, quiet="yes")
    pages = [visitor.open(own + part) for part in ("", "/details", "/move", "/contacts", "/quiet", "/erase")]
    for page in (asked, *pages, visitor.send(own + "/erase", {})):
        assert "<title>Your own page</title>" in page.text
        assert "Rollcall" not in page.text
        assert "Quick exit" in page.text
