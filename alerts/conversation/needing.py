"""What somebody needs, how they may be reached about it, and to whom it may be passed on: asked after a call for help.

Each answer is two digits, so that a 1 or a 2 always means safe or help. Whoever answers nothing has a case all the
same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.conversation.needs import CODES, NEEDS, NO, REACH, YES
from alerts.conversation.talk import Answers, Talk
from alerts.conversation.texts import listed, need_label
from alerts.responses.cases import add_words, rank
from alerts.responses.models import Case, CaseState, ReachBy
from registry.sharing.services import consent, offered

PAIR = re.compile(r"(?<!\d)\d\d(?!\d)")


def open_cases(talk: Talk) -> list[Case]:
    """The sender's cases that may be spoken of, one for each organisation, the latest."""
    found = {}
    people = [one.person.id for one in talk.people]
    query = select(Case).where(Case.person_id.in_(people), Case.state != CaseState.CLOSED, ~Case.duress)
    for case in talk.session.scalars(query.order_by(Case.id)):
        found[case.organisation_id] = case
    return list(found.values())


def begin(talk: Talk, cases: Sequence[Case], start: int = 0) -> Answers:
    """Ask what is wrong, as many needs at a time as fit."""
    choices = [(code, need_label(talk.language, code)) for code in list(NEEDS)[start:]]
    question, shown = listed(talk.language, "needs", choices)
    return talk.ask("needs", question, cases=[case.id for case in cases], start=start, shown=shown)


def needs(talk: Talk) -> Answers | None:
    """Take in one or more needs; 0 shows the next ones."""
    cases = _cases(talk)
    if talk.given == ("0",):
        start = (int(talk.data["start"]) + int(talk.data["shown"])) % len(NEEDS)
        return begin(talk, cases, start)
    stated = [NEEDS[code] for code in _pairs(talk) if code in NEEDS]
    if not stated:
        return reach(talk)
    for case in cases:
        note_needs(talk.session, case, stated)
        _keep_words(talk, case, "")
    return talk.ask("reach", talk.say("reach"), cases=talk.data["cases"])


def note_needs(session: Session, case: Case, stated: Sequence[str]) -> None:
    """Add needs to a case, in the order of the list; they tell how urgent it is."""
    both = {*case.needs, *stated}
    case.needs = sorted(both, key=lambda word: CODES.get(word, word))
    case.need = case.need or case.needs[0]
    rank(session, case)


def reach(talk: Talk) -> Answers | None:
    """Take in how they may be reached."""
    chosen = next((REACH[code] for code in _pairs(talk) if code in REACH), None)
    if chosen is None:
        return None
    for case in _cases(talk):
        case.reach_by = chosen
    talk.session.flush()
    waiting = [] if any(one.person.quiet for one in talk.people) else _agreements(talk)
    return _ask_consent(talk, waiting, chosen)


def _agreements(talk: Talk) -> list[tuple[int, int]]:
    """(person, agreement) for each organisation to which a case could be passed on and isn't yet allowed to be."""
    return [
        (one.person.id, agreement.id)
        for one in talk.people
        for agreement, given in offered(talk.session, one.person)
        if not given
    ]


def _ask_consent(talk: Talk, waiting: Sequence[tuple[int, int]], chosen: ReachBy) -> Answers:
    for place, (person_id, agreement_id) in enumerate(waiting):
        one = next((one for one in talk.people if one.person.id == person_id), None)
        found = {agreement.id: agreement for agreement, _ in offered(talk.session, one.person)} if one else {}
        if agreement_id in found:
            name = found[agreement_id].recipient.sender_name
            left = [list(pair) for pair in waiting[place:]]
            question = talk.say("consent", name=name)
            return talk.ask("consent", question, cases=talk.data["cases"], left=left, reach=chosen.value)
    talk.end()
    return [talk.say("needs_quiet" if chosen is ReachBy.NONE else "needs_done")]


def consents(talk: Talk) -> Answers | None:
    """Take in whether one recipient may know, with the words that limit it: "71 only for the bus"."""
    given = next((code for code in _pairs(talk) if code in (YES, NO)), None)
    if given is None:
        return None
    (person_id, agreement_id), *rest = talk.data["left"]
    one = next((one for one in talk.people if one.person.id == person_id), None)
    found = {agreement.id: agreement for agreement, _ in offered(talk.session, one.person)} if one else {}
    if given == YES and one and agreement_id in found:
        agreement = found[agreement_id]
        consent(talk.session, one.person, agreement)
        for case in _cases(talk):
            if case.person_id == person_id:
                _keep_words(talk, case, agreement.recipient.name)
    return _ask_consent(talk, [tuple(pair) for pair in rest], ReachBy(talk.data["reach"]))


def _pairs(talk: Talk) -> list[str]:
    return PAIR.findall(" ".join(talk.given))


def _cases(talk: Talk) -> list[Case]:
    query = select(Case).where(Case.id.in_(talk.data["cases"]), Case.state != CaseState.CLOSED)
    return list(talk.session.scalars(query))


def _keep_words(talk: Talk, case: Case, about: str) -> None:
    """What was written beside the numbers, for the officer who helps."""
    rest = re.sub(r"^[\W\d_]+", "", talk.inbound.text).strip()
    one = next((one for one in talk.people if one.person.id == case.person_id), None)
    if rest and one:
        add_words(one.vault, case, f"{about}: {rest}" if about else rest)
