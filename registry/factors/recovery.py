"""Recovery codes: ten at a time, each good once (look-up secrets, NIST SP 800-63B-4 §3.1.2)."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from registry.errors import Invalid
from registry.factors.models import RecoveryCode
from registry.organisations.models import Officer
from registry.organisations.services import ONE_TIME_HASHER, matches, one_time_password

COUNT = 10


def issue(session: Session, officer: Officer) -> list[str]:
    """New codes of 79 bits in place of all earlier ones; shown once, kept only as salted hashes."""
    remove(session, officer)
    codes = [one_time_password() for _ in range(COUNT)]
    session.add_all(
        RecoveryCode(officer_id=officer.id, code_hash=ONE_TIME_HASHER.hash(_plain(code))) for code in codes
    )
    session.flush()
    return codes


def left(session: Session, officer: Officer) -> int:
    """How many codes are unused."""
    count = select(func.count()).where(RecoveryCode.officer_id == officer.id)
    return session.execute(count).scalar_one()


def remove(session: Session, officer: Officer) -> None:
    """Forget all codes."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.officer_id == officer.id))


def use(session: Session, officer: Officer, code: str) -> None:
    """Take a code, in any case, with or without its dashes. Raises Invalid for the field "code"."""
    plain = _plain(code)
    kept = session.execute(
        select(RecoveryCode.id, RecoveryCode.code_hash).where(RecoveryCode.officer_id == officer.id)
    )
    for number, code_hash in kept.all():
        if matches(code_hash, plain):
            gone = delete(RecoveryCode).where(RecoveryCode.id == number).returning(RecoveryCode.id)
            if session.execute(gone).first():  # another request may have been quicker
                return
    raise Invalid.one("code", "wrong", "This is none of your unused recovery codes.")


def _plain(code: str) -> str:
    return "".join(letter for letter in code.lower() if letter.isalnum())
