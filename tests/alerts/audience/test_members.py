"""Who belongs to an audience."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from alerts.audience.area import around, within_or_around
from alerts.audience.criteria import Criteria, settle
from alerts.audience.intake import AudienceIntake
from alerts.audience.query import SPOKEN, Members, condition_of
from alerts.lifecycle.intake import read_alert
from alerts.lifecycle.models import Alert
from alerts.messages.languages import pick_language
from registry.crypto import Keyring
from registry.database import scoped
from tests.alerts.offices import Office

TODAY = datetime.now(UTC).date()


def criteria(audience: AudienceIntake, active_since: datetime | None = None) -> Criteria:
    return settle(audience, datetime.now(UTC), active_since)


def day(offset: int) -> str:
    return (TODAY + timedelta(days=offset)).isoformat()


def members(office: Office, active_since: datetime | None = None, **asked: Any) -> set[int]:
    """The people that `/alerts/preview` would ask about."""
    audience = read_alert({"area": {"countries": ["NP"]}} | asked, preview=True).audience
    condition, values = condition_of(office.organisation.id, criteria(audience, active_since))
    with scoped(office.organisation.id) as session:
        return set(session.scalars(text(f"SELECT r.person_id FROM reach r WHERE {condition}"), values))


def in_nepal(**more: Any) -> dict[str, Any]:
    return {"stays": [{"country": "NP"} | more]}


def test_by_country(office: Office) -> None:
    there, both, away = (
        office.register(**in_nepal()).id,
        office.register(stays=[{"country": "FR"}, {"country": "NP"}]).id,
        office.register(stays=[{"country": "IN"}]).id,
    )
    assert members(office) == {there, both}
    assert members(office, area={"countries": ["NP", "IN"]}) == {there, both, away}
    assert members(office, area={"countries": ["BT"]}) == set()


def test_other_organisations_people_are_never_among_them(office: Office, keyring: Keyring) -> None:
    mine = office.register().id
    other = Office.open(keyring, "Consulate of Sylvania")
    theirs = other.register().id
    audience = read_alert({"area": {"countries": ["NP"]}}, preview=True).audience
    condition, values = condition_of(office.organisation.id, criteria(audience))
    with scoped(office.organisation.id, other.organisation.id) as session:  # as the dispatcher sees
        found = session.scalars(text(f"SELECT r.person_id FROM reach r WHERE {condition}"), values)
        assert set(found) == {mine} and theirs


def test_by_date(office: Office) -> None:
    now: list[dict[str, str]] = [
        {},
        {"from": day(-10)},
        {"from": day(0)},
        {"until": day(3)},
        {"until": day(-6)},
    ]
    not_now = [{"from": day(3)}, {"until": day(-9)}, {"from": day(-90), "until": day(-60)}]
    expected = {office.register(**in_nepal(**dates)).id for dates in now}
    for dates in not_now:
        office.register(**in_nepal(**dates))
    assert members(office) == expected


def test_an_end_date_drops_nobody_while_the_alert_is_active(office: Office) -> None:
    stranded = office.register(**in_nepal(until=day(-20)))
    assert members(office) == set()
    assert members(office, active_since=datetime.now(UTC) - timedelta(days=21)) == {stranded.id}
    gone = office.register(**in_nepal(until=day(-40)))
    assert gone.id not in members(office, active_since=datetime.now(UTC) - timedelta(days=21))


def test_an_unknown_subdivision_is_included_and_another_is_not(office: Office) -> None:
    inside, outside, unknown = (
        office.register(**in_nepal(subdivision="NP-P3")).id,
        office.register(**in_nepal(subdivision="NP-P1")).id,
        office.register(**in_nepal()).id,
    )
    assert members(office, area={"countries": ["NP"], "subdivisions": ["NP-P3"]}) == {inside, unknown}
    assert members(office, area={"countries": ["NP"]}) == {inside, outside, unknown}


def test_a_country_without_named_subdivisions_counts_whole(office: Office) -> None:
    indian = office.register(stays=[{"country": "IN", "subdivision": "IN-GA"}]).id
    office.register(**in_nepal(subdivision="NP-P1"))
    assert members(office, area={"countries": ["NP", "IN"], "subdivisions": ["NP-P3"]}) == {indian}


def test_subdivisions_lie_in_each_other(office: Office) -> None:
    county = office.register(stays=[{"country": "GB", "subdivision": "GB-KEN"}]).id
    nation = office.register(stays=[{"country": "GB", "subdivision": "GB-ENG"}]).id
    elsewhere = office.register(stays=[{"country": "GB", "subdivision": "GB-SCT"}]).id
    assert members(office, area={"countries": ["GB"], "subdivisions": ["GB-ENG"]}) == {county, nation}
    assert members(office, area={"countries": ["GB"], "subdivisions": ["GB-KEN"]}) == {county, nation}
    assert elsewhere not in members(office, area={"countries": ["GB"], "subdivisions": ["GB-KEN"]})
    assert around(["GB-KEN"]) == {"GB-ENG"}
    assert within_or_around(["NP-P3"]) == {"NP-P3"}


def test_filters(office: Office) -> None:
    brazilian = office.register(language="pt-BR", nationality="BR", kind="student").id
    french = office.register(language="fr", nationality="FR", kind="worker").id
    unknown = office.register(language="en").id
    assert members(office, filters={"languages": ["pt"]}) == {brazilian}
    assert members(office, filters={"languages": ["pt-BR", "fr"]}) == {brazilian, french}
    assert members(office, filters={"languages": ["pt-PT"]}) == set()
    assert members(office, filters={"nationalities": ["BR", "DE"]}) == {brazilian}
    assert members(office, filters={"kinds": ["worker"]}) == {french}
    assert members(office, filters={"kinds": ["worker"], "languages": ["pt"]}) == set()
    assert members(office, filters={"kinds": []}) == {brazilian, french, unknown}


def test_an_approval_settles_the_criteria(office: Office) -> None:
    asked = {
        "area": {"countries": ["NP", "GB"], "subdivisions": ["GB-KEN"]},
        "filters": {"languages": ["pt"], "nationalities": ["BR"], "kinds": ["student"]},
    }
    alert: Alert = office.approved(**asked)
    assert alert.snapshot is not None
    audience = read_alert(asked, preview=True).audience
    assert Criteria.of_snapshot(alert.snapshot) == criteria(audience)
    condition, values = condition_of(office.organisation.id, criteria(audience))
    whole = Members.of_snapshot(office.organisation.id, alert.snapshot)
    assert (whole.condition, whole.values) == (condition, values)


def test_the_database_picks_the_same_language_as_we_do(office: Office) -> None:
    wanted = ["en", "en-US", "fr", "fr-CA", "fr-BE", "pt", "pt-BR", "pt-PT", "zh", "zh-Hant", "zh-Hant-HK", "es", "ar",
              "zh-Hant-TW", "am"]  # fmt: skip
    texts = [
        (["en", "fr"], "fr"),
        (["pt-BR", "zh-Hans", "zh-Hant", "es-419"], "es"),
        (["ar"], "en"),
        (["fr-CA", "en-GB", "zh-Hant-TW"], "de"),
    ]
    query = text(
        f"SELECT {SPOKEN} FROM unnest(CAST(:wanted AS text[])) WITH ORDINALITY AS r(language, n) ORDER BY n"
    )
    settled = criteria(read_alert({"area": {"countries": ["NP"]}}, preview=True).audience).as_dict()
    for available, default in texts:
        snapshot = {"criteria": settled, "languages": {"sms": available}, "default_language": default}
        chosen = Members.of_snapshot(office.organisation.id, snapshot).languages_json("sms")
        with scoped(office.organisation.id) as session:
            found = list(session.scalars(query, {"wanted": wanted, "chosen": chosen}))
        assert found == [pick_language(tag, available, default) for tag in wanted]
