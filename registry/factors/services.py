"""An officer's second factors as a whole: what they have, whether an answer holds, what may go."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from registry.crypto.keyring import OrganisationKeys
from registry.errors import Conflict
from registry.factors import app, passkeys, recovery
from registry.factors.models import AuthenticatorApp, Passkey
from registry.factors.passkeys import Site
from registry.organisations.models import Officer, OfficerSession


@dataclass(frozen=True, slots=True)
class Held:
    """What an officer has besides the password."""

    app: AuthenticatorApp | None
    passkeys: list[Passkey]
    recovery_codes: int

    def __bool__(self) -> bool:
        """Whether there is any factor; recovery codes alone are none."""
        return self.app is not None or bool(self.passkeys)

    @property
    def only_one(self) -> bool:
        """Whether the next one removed would be the last."""
        return (self.app is not None) + len(self.passkeys) == 1


def held(session: Session, officer: Officer) -> Held:
    """The officer's factors."""
    kept = session.scalar(select(AuthenticatorApp).where(AuthenticatorApp.officer_id == officer.id))
    return Held(kept, passkeys.of(session, officer), recovery.left(session, officer))


@dataclass(frozen=True, slots=True)
class Answer:
    """What an officer gives as a second factor: a passkey's answer (JSON), else a code."""

    passkey: str = ""
    code: str = ""

    def __bool__(self) -> bool:
        return bool(self.passkey or self.code)


def check(
    session: Session,
    keys: OrganisationKeys,
    site: Site | None,
    live: OfficerSession,
    answer: Answer,
    *,
    recovery_too: bool = False,
) -> str:
    """Believe an answer, given just now and never before; which factor it was: passkey, app or recovery code.

    Raises Invalid for the field "code" or "passkey".
    """
    if answer.passkey and site:
        passkeys.check(session, site, live.officer, live, answer.passkey)
        return "passkey"
    code = "".join(answer.code.split())
    if recovery_too and not (code.isdecimal() and len(code) == 6):
        recovery.use(session, live.officer, code)
        return "recovery code"
    app.check(session, keys, live.officer, code)
    return "app"


def remove_app(session: Session, officer: Officer) -> None:
    """Forget the officer's app. Raises Conflict when it is the last factor."""
    _spare_the_last(session, officer)
    app.remove(session, officer)


def remove_passkey(session: Session, officer: Officer, public_id: uuid.UUID) -> str:
    """Forget a passkey; its name. Raises Conflict when it is the last factor, or gone."""
    passkey = passkeys.find(session, officer, public_id)
    _spare_the_last(session, officer)
    session.execute(delete(Passkey).where(Passkey.id == passkey.id))
    return passkey.name


def remove_all(session: Session, officer: Officer) -> None:
    """Forget everything, so that the officer sets up a factor at the next sign-in."""
    for kind in (app, passkeys, recovery):
        kind.remove(session, officer)


def _spare_the_last(session: Session, officer: Officer) -> None:
    session.get_one(
        Officer, officer.id, with_for_update=True
    )  # two removals at once would each leave the other
    if held(session, officer).only_one:
        raise Conflict("last", "This is your last second factor. Add another one before you remove it.")
