"""The preview agrees with a count by hand, and says what sending takes."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from sqlalchemy import select, text

from alerts.audience.preview import Missing, Preview, Rates
from alerts.audience.services import preview
from alerts.lifecycle.intake import read_alert
from alerts.text.gsm import measure
from registry.crypto import Keyring
from registry.database import scoped
from registry.people.models import ContactPoint, ContactState, Person
from tests.alerts.offices import Office


def show(office: Office, rates: Rates = Rates(), **asked: Any) -> Preview:  # noqa: B008
    intake = read_alert({"area": {"countries": ["NP"]}} | asked, preview=True)
    with scoped(office.organisation.id) as session:
        return preview(session, office.organisation, intake, rates)


def change(office: Office, person: Person, *, paused: bool | None = None, **states: ContactState) -> None:
    """Pause someone, or set the state of their contact points by channel."""
    with scoped(office.organisation.id) as session:
        if paused is not None:
            session.get_one(Person, person.id).paused = paused
        for contact in session.scalars(select(ContactPoint).where(ContactPoint.person_id == person.id)):
            contact.state = states.get(contact.channel.value, contact.state)


def test_nobody(office: Office) -> None:
    found = show(office, Rates(sms=1, email=1, segment_price=0.1), texts={"en": {"sms": "Leave."}})
    assert (found.total, found.people, found.segments, found.cost, found.seconds) == (0, 0, 0, 0.0, 0.0)


def test_states(office: Office) -> None:
    office.register("sms", "email")
    office.register("sms", quiet=True)
    change(office, office.register("sms"), sms=ContactState.OPTED_OUT)
    change(office, office.register("sms"), sms=ContactState.UNREACHABLE)
    change(office, office.register("sms"), sms=ContactState.UNCONFIRMED)
    change(office, office.register("sms", "email"), paused=True, email=ContactState.OPTED_OUT)
    found = show(office)
    assert (found.total, found.people) == (3, 2)
    assert found.by_state == {
        "sms": {"reached": 2, "quiet": 1, "opted_out": 1, "unreachable": 1, "paused": 1, "unconfirmed": 1},
        "email": {"reached": 1, "quiet": 0, "opted_out": 1, "unreachable": 0, "paused": 0, "unconfirmed": 0},
    }
    assert show(office, channels=["email"]).by_state.keys() == {"email"}


def test_someone_with_several_ways_and_several_stays_counts_once(office: Office) -> None:
    office.register(
        "sms", "sms", "email", stays=[{"country": "NP"}, {"country": "NP", "subdivision": "NP-P3"}]
    )
    found = show(office)
    assert (found.total, found.people) == (3, 1)
    assert (show(office, channels=["sms"]).total, show(office, channels=["sms"]).people) == (2, 1)
    assert show(office, area={"countries": ["NP"], "subdivisions": ["NP-P1"]}).unplaced == 3
    assert show(office, area={"countries": ["NP"], "subdivisions": ["NP-P3"]}).unplaced == 0


def test_a_person_whose_first_phone_is_dead_still_counts(office: Office) -> None:
    person = office.register("sms", "sms", "email")
    with scoped(office.organisation.id) as session:
        dead = session.scalars(select(ContactPoint).where(ContactPoint.person_id == person.id)).first()
        assert dead
        dead.state = ContactState.UNREACHABLE
    assert (show(office).total, show(office).people) == (2, 1)
    assert show(office, channels=["sms"]).people == 1
    change(office, person, sms=ContactState.OPTED_OUT)
    assert (show(office).people, show(office, channels=["sms"]).people) == (1, 0)


def test_languages_without_a_text(office: Office) -> None:
    for language in ("en", "fr", "fr-CA", "am", "am", "pt-BR"):
        office.register("sms", "email", language=language)
    found = show(
        office,
        texts={"fr": {"sms": "Partez."}, "en": {"sms": "Leave.", "subject": "Leave", "body": "Leave."}},
        channels=["sms", "email"],
    )
    assert next(iter(found.by_language["sms"].items())) == ("am", 2)
    assert found.missing == [
        Missing("sms", "am", "en", 2),
        Missing("sms", "pt-BR", "en", 1),
        Missing("email", "am", "en", 2),
        Missing("email", "fr", "en", 1),
        Missing("email", "fr-CA", "en", 1),
        Missing("email", "pt-BR", "en", 1),
    ]
    assert [item.gets for item in show(office).missing] == [None] * 10
    assert show(office).segments is None


def test_segments_cost_and_time(office: Office) -> None:
    for language in ("en", "en", "fr", "am"):
        office.register("sms", "email", language=language)
    office.register("sms", language="fr", quiet=True)
    french = "Séisme à Katmandou : restez dehors, loin des murs. N’utilisez pas l’ascenseur." * 2
    texts = {"en": {"sms": "Stay outdoors.", "subject": "s", "body": "b"}, "fr": {"sms": french}}
    found = show(office, Rates(sms=2, email=1, segment_price=0.05, currency="EUR"), texts=texts)
    by_language = {item.language: item for item in found.sms}
    assert by_language["en"].text == "Freedonia: Stay outdoors.\nReply 1 safe, 2 help. STOP to end"
    assert (by_language["en"].measure.encoding, by_language["en"].measure.segments) == ("gsm-7", 1)
    assert by_language["en"].contact_points == 3
    assert by_language["fr"].measure == measure(by_language["fr"].text)
    assert by_language["fr"].measure.encoding == "ucs-2"
    assert [(culprit.char, culprit.replacement) for culprit in by_language["fr"].measure.culprits] == [
        ("’", "'")
    ]
    quiet = measure(by_language["fr"].text.removeprefix("Freedonia: ")).segments
    assert found.segments == 3 * 1 + by_language["fr"].measure.segments + quiet
    assert (found.cost, found.currency) == (round(found.segments * 0.05, 2), "EUR")
    assert found.seconds == max(found.segments / 2, 4 / 1)
    assert show(office, Rates(sms=2), texts=texts).seconds is None
    assert show(office, texts=texts).cost is None
    assert show(office, Rates(email=1), channels=["email"]).seconds == 4


def test_a_measured_pace_stands_in_for_a_rate(office: Office) -> None:
    office.register("email")
    with scoped(office.organisation.id) as session:
        session.execute(text("INSERT INTO providers (name, failures, rate) VALUES ('smtp', 0, 0.5)"))
    assert show(office, channels=["email"]).seconds == 2
    assert show(office, Rates(email=4), channels=["email"]).seconds == 0.25


def test_agrees_with_a_count_by_hand(office: Office, keyring: Keyring) -> None:
    dice = random.Random(7)
    crowd(office, dice, 80)
    crowd(Office.open(keyring, "Consulate of Sylvania"), dice, 10)
    questions: list[dict[str, Any]] = [
        {},
        {"channels": ["sms"]},
        {"channels": ["email"], "area": {"countries": ["NP", "IN"]}},
        {"area": {"countries": ["NP", "IN"], "subdivisions": ["NP-P3"]}},
        {"filters": {"languages": ["fr"], "nationalities": ["FR", "NP"]}},
        {"filters": {"kinds": ["worker"]}, "area": {"countries": ["IN"]}},
    ]
    for asked in questions:
        found = show(office, **asked)
        assert (found.total, found.people, found.unplaced, found.by_state) == by_hand(office, asked), asked


def crowd(office: Office, dice: random.Random, size: int) -> None:
    for _ in range(size):
        stays = [
            {
                "country": dice.choice(["NP", "NP", "IN", "FR"]),
                **dice.choice([{}, {"from": "2020-01-01"}, {"until": "2020-01-01"}, {"from": "2999-01-01"}]),
            }
            for _ in range(dice.choice([1, 1, 2, 3]))
        ]
        for stay in stays:
            if stay["country"] == "NP":
                stay["subdivision"] = dice.choice([None, "NP-P1", "NP-P3"])
        person = office.register(
            *dice.choices(["sms", "email"], k=dice.randint(1, 3)),
            language=dice.choice(["en", "fr", "fr-CA"]),
            nationality=dice.choice([None, "FR", "NP"]),
            kind=dice.choice([None, "worker"]),
            quiet=dice.random() < 0.2,
            stays=stays,
        )
        states = {
            channel: dice.choice(list(ContactState)) for channel in ("sms", "email") if dice.random() < 0.3
        }
        change(office, person, paused=dice.random() < 0.1, **states)


def by_hand(office: Office, asked: dict[str, Any]) -> tuple[int, int, int, dict[str, dict[str, int]]]:
    """Total, people, unplaced, states: person by person, without `reach`."""
    area = {"countries": ["NP"]} | asked.get("area", {})
    filters, channels = asked.get("filters", {}), asked.get("channels", ["sms", "email"])
    states = {channel: Counter[str]() for channel in channels}
    total, people, unplaced = 0, set(), 0
    with scoped(office.organisation.id) as session:
        for person in session.scalars(select(Person)):
            if filters.get("languages") and person.language.split("-")[0] not in filters["languages"]:
                continue
            if filters.get("nationalities") and person.nationality not in filters["nationalities"]:
                continue
            if filters.get("kinds") and person.kind not in filters["kinds"]:
                continue
            places = [
                stay.subdivision if stay.country == "NP" and area.get("subdivisions") else "whole"
                for stay in person.stays
                if stay.country in area["countries"]
                and (stay.starts is None or stay.starts.year < 2999)
                and stay.ends is None
            ]
            places = [place for place in places if place in (None, "whole", *area.get("subdivisions", []))]
            for contact in person.contacts if places else []:
                if contact.channel not in channels:
                    continue
                active = contact.state is ContactState.ACTIVE and not person.paused
                if active:
                    total, unplaced = total + 1, unplaced + (set(places) == {None})
                    people.add(person.id)
                    states[contact.channel]["quiet"] += person.quiet
                paused = contact.state is ContactState.ACTIVE and person.paused
                word = "reached" if active else "paused" if paused else contact.state.value
                states[contact.channel][word] += 1
    names = ("reached", "quiet", "opted_out", "unreachable", "paused", "unconfirmed")
    counted = {channel: {name: states[channel][name] for name in names} for channel in channels}
    return total, len(people), unplaced, counted
