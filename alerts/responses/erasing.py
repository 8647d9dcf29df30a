"""Being erased by SMS: a word asks for it, and a code that we send back confirms it.

The code is needed because a sender's number can be forged: whoever forges it doesn't get our answer. It is derived
from the message that asked, so nothing more is stored.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256

from sqlalchemy import text
from sqlalchemy.orm import Session

from alerts.responses.meanings import code_in
from registry.audit.services import person as own_record
from registry.audit.services import record
from registry.crypto import Keyring
from registry.people.models import Person
from registry.people.services import erase

MOST_TRIES = 6
"""Messages about being erased in an hour that are acted on: few enough that four digits can't be guessed."""

_REQUESTS = text("""
    SELECT provider_id FROM replies
    WHERE person_id = :person AND meaning = 'erase' AND received_at > now() - interval '1 hour'
""")


class Step(StrEnum):
    """How far a person is with being erased."""

    ASKED = "asked"
    WRONG = "wrong"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The messages of the last hour by which one person asked to be erased, as it was before the present one."""

    key: bytes
    person: Person
    requests: tuple[str, ...]

    @classmethod
    def of(cls, session: Session, keyring: Keyring, person: Person) -> Waiting:
        """A person's; the session is scoped to their organisation."""
        found = session.scalars(_REQUESTS, {"person": person.id})
        return cls(keyring.signing_key, person, tuple(found))

    def answer(self, message: str, provider_id: str) -> tuple[Step, str | None]:
        """Where a message about being erased leads, and the code to send back; `provider_id` names the message."""
        given = code_in(message)
        if given is None:
            return Step.ASKED, self._code(provider_id)
        if len(self.requests) < MOST_TRIES and any(
            hmac.compare_digest(self._code(request), given) for request in self.requests
        ):
            return Step.DONE, None
        return Step.WRONG, None

    def _code(self, request: str) -> str:
        payload = b"erase by sms\0" + self.person.public_id.bytes + request.encode()
        seed = int.from_bytes(hmac.digest(self.key, payload, sha256)[:8])
        return f"{_codes()[seed % len(_codes())]}"


@cache
def _codes() -> list[int]:
    """Without those where a digit stands three times in a row: that is read as a slip of the finger."""
    return [number for number in range(1000, 10_000) if code_in(str(number))]


def erase_everywhere(session: Session, people: Sequence[Person], via: str) -> None:
    """Erase the records that the organisations hold of one phone."""
    for person in people:
        public_id, actor = person.public_id, own_record(person.organisation_id)
        erase(session, person)
        record(session, actor, "person.erased", public_id, {"via": via})
