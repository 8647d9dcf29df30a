"""Keeping one's records right by SMS: where one is, the language, whether relatives may be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from alerts.conversation import needing
from alerts.conversation.commands import is_yes, named_language, number_in
from alerts.conversation.talk import Answers, Talk
from alerts.conversation.texts import CHOICE
from registry.audit.services import person as own_record
from registry.audit.services import record
from registry.gazetteer import find_area, find_country
from registry.people.intake import NewStay
from registry.people.services import locate, move
from registry.places import country_name, subdivisions

LONGEST_PLACE = 8
"""Words of an answer up to which it may be the name of a place that we don't know."""


def go_on(talk: Talk, country: str, steps: Sequence[str], told: Sequence[str] = ()) -> Answers:
    """Put the next of the questions that are left, after what is `told`; with none left, say what is noted."""
    told = list(told)
    if not steps:
        return [*told, *summary(talk)]
    step, rest = steps[0], list(steps[1:])
    if step == "needs":
        return [*told, *needing.begin(talk, needing.open_cases(talk))]
    if step == "language":
        return [*told, *talk.ask("language", CHOICE, country=country, then=rest)]
    if step == "area":
        question = talk.say("ask_area", place=country_name(country, talk.language))
        return [*told, *talk.ask("area", question, country=country, then=rest)]
    return [*told, *talk.ask("family", talk.say("ask_family"), country=country, then=rest)]


def summary(talk: Talk) -> Answers:
    """What is noted of the sender, and the words by which they change it."""
    talk.end()
    person = talk.people[0].person
    return [talk.say("done", place=where(talk), reference=person.reference)]


def where(talk: Talk) -> str:
    """Where the sender is, as noted last."""
    stays = talk.people[0].person.stays
    return talk.place(stays[-1].country, stays[-1].subdivision) if stays else "?"


def begin_moving(talk: Talk, rest: str) -> Answers:
    """MOVE, with or without the place."""
    if rest:
        found = find_country(rest)
        if found.sure:
            return _moved(talk, found.codes[0])
        stays = talk.people[0].person.stays
        near = find_area(rest, stays[-1].country) if stays else None
        if near and near.sure:
            _locate(talk, stays[-1].country, near.codes[0])
            return summary(talk)
    return talk.ask("moving", talk.say("country_again"))


def moving(talk: Talk) -> Answers | None:
    """Take in the country that one has moved to."""
    return take_country(talk, "moving", lambda code: _moved(talk, code))


def take_country(talk: Talk, step: str, then: Callable[[str], Answers], **data: Any) -> Answers | None:
    """Go on with the country that is named, or chosen by its number; else ask for it at `step`, with `data`.

    None where the message names none.
    """
    options, number = talk.data.get("options", []), number_in(talk.given)
    if options and number is not None:
        if 1 <= number <= len(options):
            return then(options[number - 1])
        return talk.ask(step, talk.say("country_again"), **data)
    found = find_country(talk.inbound.text)
    if found.sure:
        return then(found.codes[0])
    if not found.codes:
        return None
    names = [country_name(code, talk.language) for code in found.codes]
    return talk.choose(step, "did_you_mean", names, options=found.codes, **data)


def _moved(talk: Talk, country: str) -> Answers:
    for one in talk.people:
        move(talk.session, one.vault, one.person, (NewStay(country),))
        record(talk.session, own_record(one.person.organisation_id), "person.moved", one.person.public_id)
    return go_on(talk, country, ["area"])


def area(talk: Talk) -> Answers | None:
    """Take in a region or town: known, one of several, or kept in the sender's own words. 0 leaves it out."""
    country, rest = talk.data["country"], talk.data["then"]
    options, number = talk.data.get("options", []), number_in(talk.given)
    if number is not None:
        if options and 1 <= number <= len(options):
            _locate(talk, country, options[number - 1])
        elif options and number == 0:
            return go_on(talk, country, ["area", *rest])
        elif number != 0:
            return None
        return go_on(talk, country, rest)
    if not talk.given or talk.given[0].isdecimal() or len(talk.given) > LONGEST_PLACE:
        return None
    found = find_area(talk.inbound.text, country)
    if found.sure:
        _locate(talk, country, found.codes[0])
    elif found.codes:
        names = [subdivisions(country)[code] for code in found.codes]
        return talk.choose("area", "did_you_mean", names, options=found.codes, country=country, then=rest)
    else:
        _locate(talk, country, None, talk.inbound.text.strip()[:120])
    return go_on(talk, country, rest)


def _locate(talk: Talk, country: str, subdivision: str | None, place: str | None = None) -> None:
    for one in talk.people:
        locate(talk.session, one.vault, one.person, NewStay(country, subdivision, place))


def begin_language(talk: Talk, rest: str) -> Answers:
    """LANG, with or without the language."""
    tag = named_language(rest) if rest else None
    if tag:
        return _speak(talk, tag)
    return talk.ask("language", CHOICE, **talk.data)


def language(talk: Talk) -> Answers | None:
    """Take in the language, by its number or its name."""
    tag = named_language(talk.inbound.text)
    return _speak(talk, tag) if tag else None


def _speak(talk: Talk, tag: str) -> Answers:
    talk.language = tag
    for one in talk.people:
        one.person.language = tag
    talk.session.flush()
    told = [talk.say("language_set")]
    if not talk.people:
        return [*told, *talk.ask("country", talk.say("join_country"), certain=True, plea=talk.plea)]
    if "country" in talk.data:
        return go_on(talk, talk.data["country"], talk.data["then"], told)
    talk.end()
    return told


def family(talk: Talk) -> Answers | None:
    """Take in whether relatives who ask may be told."""
    allowed = is_yes(talk.given)
    if allowed is None:
        return None
    for one in talk.people:
        one.person.tell_family = allowed
    talk.session.flush()
    return go_on(talk, talk.data["country"], talk.data["then"])
