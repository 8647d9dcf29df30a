"""`Idempotency-Key`: a POST that is sent again gets the first answer again (draft-ietf-httpapi-idempotency-key-header).

The answer is written in the transaction of the effect, so that a crash leaves both or neither. While the first is
running, an advisory lock tells a second from it. What is kept holds nothing that outlives an erased person: an answer
about someone is sealed under their own key.
"""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass
from hashlib import sha256

from flask import request
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.api.answers import Wire
from registry.api.problems import Refused
from registry.errors import Invalid, NotFound
from registry.people import services as people
from registry.people.models import Person
from registry.people.vault import Vault, cipher_of

FORM = re.compile(r"[\x21-\x7e]{1,255}")
SWEEP = 50
"""At one new answer of so many, twice as many old ones are wiped, so that they don't gather."""

_BEGIN = text("""
    SELECT pg_try_advisory_xact_lock(:number) AS first, a.request_digest, a.status, a.sealed_body
    FROM (VALUES (1)) one LEFT JOIN idempotent_answers a ON a.api_key_id = :api_key AND a.idempotency_key = :key
         AND a.created_at >= now() - interval '24 hours'
""")
# The row is as it was before the lock was there, hence the look at what is replaced: an old answer, or a question.
_KEEP = text("""
    INSERT INTO idempotent_answers AS a (api_key_id, idempotency_key, organisation_id, request_digest, status,
                                         sealed_body)
    VALUES (:api_key, :key, :organisation, :digest, :status, :body)
    ON CONFLICT (api_key_id, idempotency_key) DO UPDATE SET request_digest = excluded.request_digest,
        status = excluded.status, sealed_body = excluded.sealed_body, created_at = now()
    WHERE a.sealed_body IS NULL OR a.created_at < now() - interval '24 hours'
    RETURNING 1
""")
_SWEEP = text(f"""
    DELETE FROM idempotent_answers WHERE (api_key_id, idempotency_key) IN (
        SELECT api_key_id, idempotency_key FROM idempotent_answers WHERE created_at < now() - interval '24 hours'
        LIMIT {2 * SWEEP} FOR UPDATE SKIP LOCKED)
""")


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
        found = self.session.execute(_BEGIN, self._names | {"number": number}).one()
        if not found.first:
            raise in_progress()
        if found.request_digest is None:
            return None
        if bytes(found.request_digest) != self.digest:
            raise Invalid.one("Idempotency-Key", "reused", "was used for another request; choose a new one")
        if found.sealed_body is None or found.status is None:
            return None  # a question: it is answered anew
        return self._open(found.status, found.sealed_body)

    @property
    def _names(self) -> dict[str, object]:
        return {"api_key": self.api_key_id, "key": self.key}

    def keep(self, wire: Wire | None, status: int, subject: Person | None = None) -> None:
        """Keep the answer; of a question (None) only that it was asked. Raises Refused when a first one, of which
        `begin` did not know yet, was kept meanwhile."""
        kept = self.session.execute(
            _KEEP,
            self._names
            | {
                "organisation": self.vault.organisation.id,
                "digest": self.digest,
                "status": status,
                "body": self._seal(wire, subject) if wire else None,
            },
        ).one_or_none()
        if kept is None:
            raise in_progress()
        if secrets.randbelow(SWEEP) == 0:
            self.session.execute(_SWEEP)

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


def in_progress() -> Refused:
    """What a second request is told."""
    detail = "A request with this Idempotency-Key is being answered just now."
    return Refused(409, "in_progress", detail, {"Retry-After": "1"})


def key_of_request() -> str | None:
    """The request's Idempotency-Key. Raises Invalid on a form that no one could mean."""
    given = request.headers.get("Idempotency-Key")
    if given is None or FORM.fullmatch(given):
        return given
    raise Invalid.one("Idempotency-Key", "form", "must have 1 to 255 visible ASCII characters")
