"""`Idempotency-Key`: a POST that is sent again gets the first answer again (draft-ietf-httpapi-idempotency-key-header).

The answer is written in the transaction of the effect, so that a crash leaves both or neither. While the first is
running, an advisory lock tells a second from it. What is kept holds nothing that outlives an erased person: an answer
about someone is sealed under their own key.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from flask import request
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from registry.api.answers import Wire
from registry.api.problems import Refused
from registry.errors import Invalid, NotFound
from registry.organisations.models import IdempotentAnswer
from registry.people import services as people
from registry.people.models import Person
from registry.people.vault import Vault, cipher_of

KEPT_FOR = timedelta(hours=24)
FORM = re.compile(r"[\x21-\x7e]{1,255}")
SWEEP = 100
"""Old answers wiped at each new one: more than come in, so that they don't gather."""


@dataclass(frozen=True, slots=True)
class Repeatable:
    """One POST that carries an Idempotency-Key."""

    session: Session
    vault: Vault
    api_key_id: int
    key: str
    digest: bytes

    @property
    def _row(self) -> bytes:
        return b"idempotent_answers:%d:" % self.api_key_id + self.key.encode()

    def begin(self) -> Wire | None:
        """The first answer, if this is a repeat. Raises Refused while the first is running and once its answer was
        erased, Invalid when the key was another request's."""
        number = int.from_bytes(sha256(self._row).digest()[:8], signed=True)
        if not self.session.scalar(select(func.pg_try_advisory_xact_lock(number))):
            detail = "A request with this Idempotency-Key is being answered just now."
            raise Refused(409, "in_progress", detail, {"Retry-After": "1"})
        self._sweep()
        found = self.session.get(IdempotentAnswer, (self.api_key_id, self.key))
        if found is None:
            return None
        if found.request_digest != self.digest:
            raise Invalid.one("Idempotency-Key", "reused", "was used for another request; choose a new one")
        if found.sealed_body is None or found.status is None:
            return None  # a question: it is answered anew
        return self._open(found.status, found.sealed_body)

    def _sweep(self) -> None:
        """Wipe this key's answer if it is too old, and some others that are."""
        old = IdempotentAnswer.created_at < func.now() - KEPT_FOR
        mine = (IdempotentAnswer.api_key_id == self.api_key_id) & (
            IdempotentAnswer.idempotency_key == self.key
        )
        self.session.execute(delete(IdempotentAnswer).where(old, mine))
        columns = (IdempotentAnswer.api_key_id, IdempotentAnswer.idempotency_key)
        some = select(*columns).where(old).limit(SWEEP).with_for_update(skip_locked=True)
        rows = self.session.execute(some).all()
        for api_key_id, key in rows:
            self.session.execute(delete(IdempotentAnswer).where(columns[0] == api_key_id, columns[1] == key))

    def keep(self, wire: Wire | None, status: int, subject: Person | None = None) -> None:
        """Keep the answer; of a question (None) only that it was asked."""
        self.session.merge(
            IdempotentAnswer(
                api_key_id=self.api_key_id,
                idempotency_key=self.key,
                organisation_id=self.vault.organisation.id,
                request_digest=self.digest,
                status=status,
                sealed_body=self._seal(wire, subject) if wire else None,
            )
        )

    def _seal(self, wire: Wire, subject: Person | None) -> bytes:
        if subject is None:
            return bytes(16) + self.vault.keys.own.seal(wire.pack(), self._row)
        return subject.public_id.bytes + cipher_of(self.vault.keys, subject).seal(wire.pack(), self._row)

    def _open(self, status: int, sealed: bytes) -> Wire:
        subject, body = sealed[:16], sealed[16:]
        if subject == bytes(16):
            return Wire.unpack(status, self.vault.keys.own.open(body, self._row))
        try:
            person = people.get(self.session, uuid.UUID(bytes=subject))
        except NotFound:
            raise Refused(410, "erased", "This was done, and its subject has been erased since.") from None
        return Wire.unpack(status, cipher_of(self.vault.keys, person).open(body, self._row))


def key_of_request() -> str | None:
    """The request's Idempotency-Key. Raises Invalid on a form that no one could mean."""
    given = request.headers.get("Idempotency-Key")
    if given is None or FORM.fullmatch(given):
        return given
    raise Invalid.one("Idempotency-Key", "form", "must have 1 to 255 visible ASCII characters")
