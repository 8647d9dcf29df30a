"""INFO: the advice in force in a country, for whoever asks. Nothing is kept of it."""

from __future__ import annotations

from alerts.conversation.talk import Answers, Talk
from alerts.public.services import in_force
from registry.gazetteer import find_country
from registry.places import country_name

MOST = 3
"""Alerts told in one answer, the gravest first."""


def inform(talk: Talk, rest: str) -> Answers:
    """What is in force in the country that is named; where none is, in the one where the sender stays."""
    codes = find_country(rest).codes if rest else ()
    if not codes and not rest and talk.people:
        codes = tuple(stay.country for stay in talk.people[0].person.stays[-1:])
    if not codes:
        return [talk.say("info_ask")]
    quiet = any(one.person.quiet for one in talk.people)
    notices = in_force(talk.session, codes[0], talk.language)[:MOST]
    if not notices:
        return [talk.say("info_none", place=country_name(codes[0], talk.language))]
    return [notice.short if quiet else f"{notice.organisation}: {notice.short}" for notice in notices]
