"""What notices say, in the person's language. A quiet person's notice names nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from registry.i18n import mark, translations
from registry.people.models import ChannelName, ContactPoint, Person
from registry.people.vault import Vault

CODE = mark(
    "%(sender)s: your code is %(code)s. It works for 30 minutes. If you did not ask for it, do nothing."
)
QUIET_CODE = mark("Your code is %(code)s. It works for 30 minutes. If you did not ask for it, do nothing.")
LINK = mark("%(sender)s: your own page is %(url)s Keep this link to yourself: it opens your registration.")
QUIET_LINK = mark("Your own page is %(url)s Keep this link to yourself.")
STAY = mark(
    "%(sender)s: do you want to stay registered? Open %(url)s If we hear nothing, your data is erased on %(day)s."
)
STAY_OR_ANSWER = mark(
    "%(sender)s: do you want to stay registered? Answer 1 or open %(url)s If not, your data is erased on %(day)s."
)
QUIET_STAY = mark("Do you want to stay registered? Open %(url)s If we hear nothing, it ends on %(day)s.")
QUIET_STAY_OR_ANSWER = mark("Stay registered? Answer 1 or open %(url)s If not, it ends on %(day)s.")
STAY_SUBJECT = mark("Do you want to stay registered?")
CODE_SUBJECT = mark("Your code")
LINK_SUBJECT = mark("Your own page")


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject, for email, and text."""

    subject: str
    text: str


def _letter(vault: Vault, person: Person, subject: str, loud: str, quiet: str, **parts: str) -> Letter:
    catalog = translations(person.language)
    text = catalog.gettext(quiet if person.quiet else loud)
    return Letter(catalog.gettext(subject), text % {"sender": vault.organisation.sender_name, **parts})


def code_letter(vault: Vault, person: Person, code: str) -> Letter:
    """Brings a code that confirms a contact point."""
    return _letter(vault, person, CODE_SUBJECT, CODE, QUIET_CODE, code=code)


def link_letter(vault: Vault, person: Person, url: str) -> Letter:
    """Brings a personal link."""
    return _letter(vault, person, LINK_SUBJECT, LINK, QUIET_LINK, url=url)


def stay_letter(vault: Vault, contact: ContactPoint, url: str, day: date) -> Letter:
    """Asks whether the person wants to stay registered, of whom nothing was heard for long."""
    loud, quiet = (
        (STAY_OR_ANSWER, QUIET_STAY_OR_ANSWER) if contact.channel is ChannelName.SMS else (STAY, QUIET_STAY)
    )
    return _letter(vault, contact.person, STAY_SUBJECT, loud, quiet, url=url, day=day.isoformat())
