"""Joining by SMS: the country first, for with it somebody is registered and can be reached; the rest comes after."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.conversation import keeping
from alerts.conversation.commands import number_in
from alerts.conversation.talk import Answers, Talk
from alerts.conversation.texts import listed
from alerts.responses.holders import Holder
from alerts.responses.services import ask_for_help
from registry.audit.services import person as own_record
from registry.audit.services import record
from registry.database.session import set_scope
from registry.gazetteer import find_country
from registry.organisations.models import Organisation
from registry.organisations.scope import organisation_ids
from registry.organisations.services import serving
from registry.people.intake import Intake, NewContact, NewStay
from registry.people.models import ChannelName, Source
from registry.people.services import register
from registry.people.vault import Vault
from registry.places import country_name


def begin(talk: Talk, *, plea: bool = False) -> Answers:
    """Ask a stranger for the country; whoever calls for help is told first whom to call."""
    if find_country(talk.inbound.text).sure:
        return country(talk, plea=plea) or []
    return talk.ask(
        "country", talk.say("help_first" if plea else "join_country"), certain=talk.certain, plea=plea
    )


def country(talk: Talk, *, plea: bool = False) -> Answers | None:
    """Take in a country's name, or the choice of one of several that it may mean."""
    plea = plea or talk.plea
    return keeping.take_country(
        talk, "country", lambda code: _in_country(talk, code, plea), certain=talk.certain, plea=plea
    )


def _in_country(talk: Talk, code: str, plea: bool) -> Answers:
    offers = serving(talk.session, code)
    if not offers:
        talk.end()
        return [talk.say("nobody", place=country_name(code, talk.language))]
    if len(offers) == 1:
        return _register(talk, offers[0].id, code, plea)
    return _offer(talk, offers, code, plea)


def _offer(talk: Talk, offers: Sequence[Organisation], code: str, plea: bool, start: int = 0) -> Answers:
    names = [(str(number), offer.sender_name) for number, offer in enumerate(offers[start:], 1)]
    question, shown = listed(talk.language, "organisation", names)
    return talk.ask(
        "organisation",
        question,
        offers=[offer.id for offer in offers],
        start=start,
        shown=shown,
        country=code,
        certain=talk.certain,
        plea=plea,
    )


def organisation(talk: Talk) -> Answers | None:
    """Take in which organisation may send alerts; 0 shows the next ones."""
    number, data = number_in(talk.given), talk.data
    if number is None:
        return None
    known = {offer.id: offer for offer in serving(talk.session, data["country"])}
    offers = [known[one] for one in data["offers"] if one in known]
    start = int(data["start"])
    if number == 0 and offers:
        start = (start + int(data["shown"])) % len(offers)
        return _offer(talk, offers, data["country"], talk.plea, start)
    if not 0 < number <= len(offers) - start:
        return None
    return _register(talk, offers[start + number - 1].id, data["country"], talk.plea)


def _register(talk: Talk, organisation_id: int, code: str, plea: bool) -> Answers:
    session = talk.session
    set_scope(session, *organisation_ids(session))
    vault = Vault.open(session, talk.keyring, organisation_id)
    contact = NewContact(ChannelName.SMS, talk.inbound.address)
    intake = Intake(talk.language, (contact,), (NewStay(code),))
    person = register(session, vault, intake, Source.SMS)
    talk.people = [Holder(vault, person.contacts[0])]
    if plea:
        ask_for_help(session, person, None)
    record(session, own_record(organisation_id), "person.registered", person.public_id, {"via": "sms"})
    steps = (
        ["area", "needs"] if plea else ["area", "family"] if talk.certain else ["language", "area", "family"]
    )
    return keeping.go_on(talk, code, steps, told=[talk.say("help")] if plea else [])
