"""What notices say, in the person's language. A quiet person's notice names nobody."""

from __future__ import annotations

from dataclasses import dataclass

from registry.i18n import mark, translations
from registry.people.models import Person
from registry.people.vault import Vault

CODE = mark(
    "%(sender)s: your code is %(code)s. It works for 30 minutes. If you did not ask for it, do nothing."
)
QUIET_CODE = mark("Your code is %(code)s. It works for 30 minutes. If you did not ask for it, do nothing.")
LINK = mark("%(sender)s: your own page is %(url)s Keep this link to yourself: it opens your registration.")
QUIET_LINK = mark("Your own page is %(url)s Keep this link to yourself.")
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
