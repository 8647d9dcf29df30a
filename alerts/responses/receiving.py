"""What happens when a message comes in from a phone."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from alerts.responses.erasing import Step, Waiting, erase_everywhere
from alerts.responses.meanings import code_in, understand
from alerts.responses.models import Meaning, Reply, Safety
from alerts.responses.services import TOLD, check_in, open_case
from registry.audit.services import person as own_record
from registry.audit.services import record
from registry.crypto import Keyring, Unreadable
from registry.custody.opening import keys_of_each
from registry.database.session import set_scope
from registry.organisations.models import Organisation
from registry.people import presence
from registry.people.models import ContactPoint, Person
from registry.people.services import opt_in, opt_out
from registry.people.vault import Vault, cipher_of

TEXT_LIMIT = 1600
"""Characters of a reply that are kept: as many as a provider joins into one message."""
TALKATIVE = 6
"""Messages from one person in ten minutes, after which they are still taken in but no longer answered."""

ACTS = {Meaning.STOP: "contact.opt_out", Meaning.START: "contact.opt_in"}
"""What the audit calls them."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message from a phone. `address` is in normal form; `provider_id` makes a message count once.

    `meaning` is given where the provider has understood the message already.
    """

    address: str
    text: str
    provider_id: str
    via: str = "sms"
    meaning: Meaning | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """How a message was understood; `language` is None when nobody registered has this number."""

    meaning: Meaning
    language: str | None
    step: Step | None = None
    """How far the sender is with being erased."""
    code: str | None = None
    """What they must send back for it."""
    stays: bool = False
    """They were asked whether to stay registered, and this is the answer."""
    repeated: bool = False
    """It had come before, so nothing was done."""
    talkative: bool = False
    """So many messages have come from this person lately that a machine may be answering us."""


def receive(session: Session, keyring: Keyring, inbound: Inbound) -> Received:
    """Take in a message, for every organisation that holds its sender's number.

    Widens the session's scope to all organisations for the rest of the transaction. STOP and START hold for all
    of them, and so does being erased; safety and help for the latest alert that each sent to this person, and a call
    for help without any alert opens a case with each. The same `provider_id` twice does nothing the second time.
    """
    meaning = inbound.meaning or understand(inbound.text)
    holders = _holders(session, keyring, inbound.address)
    if not holders:
        return Received(meaning, None)
    language = holders[0][1].person.language
    waiting = Waiting.of(session, keyring, holders[0][1].person)
    if meaning is Meaning.OTHER and waiting.requests and inbound.text.strip() and code_in(inbound.text):
        meaning = Meaning.ERASE
    alerts = _latest_alerts(session, [contact.person_id for _, contact in holders])
    fresh = [
        (vault, contact)
        for vault, contact in holders
        if _keep(session, vault, contact, inbound, meaning, alerts.get(contact.person_id))
    ]
    for _, contact in fresh:
        _act(session, contact, meaning, alerts, inbound.via)
    asked = any(contact.person.asked_to_stay_at for _, contact in fresh)
    presence.seen(session, *(contact.person_id for _, contact in fresh))
    if meaning in ACTS:
        for vault, contact in fresh:
            actor = own_record(vault.organisation.id)
            record(session, actor, ACTS[meaning], contact.person.public_id, {"via": inbound.via})
    talkative = _is_talkative(session, holders[0][1].person_id)
    step = code = None
    if meaning is Meaning.ERASE and fresh:
        step, code = waiting.answer(inbound.text, inbound.provider_id)
        if step is Step.DONE:
            erase_everywhere(session, [contact.person for _, contact in fresh], inbound.via)
    stays = asked and meaning in (Meaning.SAFE, Meaning.OTHER) and not alerts
    return Received(meaning, language, step, code, stays=stays, repeated=not fresh, talkative=talkative)


def _holders(session: Session, keyring: Keyring, address: str) -> list[tuple[Vault, ContactPoint]]:
    """Each organisation that holds this address, with its contact point; each has its own blind index."""
    organisations = session.scalars(select(Organisation).order_by(Organisation.id)).all()
    keys = keys_of_each(session, keyring, [one.id for one in organisations])
    vaults = {one.id: Vault(one, keys[one.id]) for one in organisations}
    set_scope(session, *vaults)
    wanted = {
        "organisations": list(vaults),
        "indexes": [vault.keys.blind_index(address) for vault in vaults.values()],
    }
    contacts = session.scalars(
        select(ContactPoint)
        .options(joinedload(ContactPoint.person).joinedload(Person.key))
        .where(ContactPoint.id.in_(session.scalars(_FIND, wanted).all()))
        .order_by(ContactPoint.organisation_id)
    )
    return [(vaults[contact.organisation_id], contact) for contact in contacts]


_FIND = text("""
    SELECT c.id
    FROM unnest(CAST(:organisations AS bigint[]), CAST(:indexes AS bytea[]))
         AS v (organisation_id, address_index)
    JOIN contact_points c USING (organisation_id, address_index)
""")

_LATEST = text("""
    SELECT DISTINCT ON (c.person_id) c.person_id, a.id
    FROM contact_points c
    JOIN alerts a ON a.organisation_id = c.organisation_id AND a.approved_at > now() - interval '30 days'
    JOIN deliveries d ON d.alert_id = a.id AND d.channel = c.channel AND d.contact_point_id = c.id
    WHERE c.person_id = ANY (:people) AND d.state = ANY (:told)
    ORDER BY c.person_id, a.approved_at DESC, a.id DESC
""")

_LATELY = text(
    "SELECT count(*) FROM replies WHERE person_id = :person AND received_at > now() - interval '10 minutes'"
)


def _latest_alerts(session: Session, people: list[int]) -> dict[int, int]:
    """By person, the latest alert that went to any of their contact points."""
    rows = session.execute(_LATEST, {"people": people, "told": [int(state) for state in TOLD]})
    return {row.person_id: row.id for row in rows}


def _keep(
    session: Session,
    vault: Vault,
    contact: ContactPoint,
    inbound: Inbound,
    meaning: Meaning,
    alert_id: int | None,
) -> bool:
    """Store the reply; False when it is there already."""
    person, sealed = contact.person, None
    with suppress(Unreadable):  # what it means counts, though its words can't be kept
        sealed = cipher_of(vault.keys, person).seal_text(inbound.text[:TEXT_LIMIT], _text_row(person))
    statement = (
        insert(Reply)
        .values(
            organisation_id=vault.organisation.id,
            contact_point_id=contact.id,
            person_id=person.id,
            alert_id=alert_id,
            provider_id=inbound.provider_id,
            sealed_text=sealed,
            meaning=meaning,
            via=inbound.via,
            needs_reading=meaning in (Meaning.HELP, Meaning.OTHER),
        )
        .on_conflict_do_nothing()
        .returning(Reply.id)
    )
    return session.scalar(statement) is not None


def _act(session: Session, contact: ContactPoint, meaning: Meaning, alerts: dict[int, int], via: str) -> None:
    alert_id = alerts.get(contact.person_id)
    if meaning is Meaning.STOP:
        opt_out(contact)
    elif meaning is Meaning.START:
        opt_in(contact)
    elif meaning in (Meaning.SAFE, Meaning.HELP) and alert_id is not None:
        check_in(session, contact.person, alert_id, Safety(meaning.value), via)
    elif meaning is Meaning.HELP and not alerts:
        open_case(session, contact.person, None)


def _is_talkative(session: Session, person_id: int) -> bool:
    return (session.scalar(_LATELY, {"person": person_id}) or 0) > TALKATIVE


def reply_text(vault: Vault, person: Person, reply: Reply) -> str | None:
    """What a person wrote."""
    return cipher_of(vault.keys, person).open_text(reply.sealed_text, _text_row(person))


def _text_row(person: Person) -> bytes:
    return b"replies.text:" + person.public_id.bytes
