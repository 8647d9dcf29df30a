"""Whether the time of an answer tells who is registered, or who is an officer (OWASP ASVS 5.0 §6.3.8)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import click
from sqlalchemy import delete

from config.app import create_app
from config.bench.stage import Stage
from registry.database import scoped, unscoped
from registry.organisations.models import Attempt
from registry.organisations.services import set_password
from registry.people.intake import read_person
from registry.people.models import Source
from registry.people.services import register
from registry.people.vault import Vault

KNOWN, PASSWORD = "known@example.org", "correct horse battery staple"
MOST = 0.005  # seconds between the medians


@dataclass(frozen=True, slots=True)
class Told:
    """Medians in seconds of one form, for what is known and for what isn't."""

    form: str
    known: float
    unknown: float

    @property
    def difference(self) -> float:
        """How far apart the medians are."""
        return abs(self.known - self.unknown)


FORMS = ("registration", "lost link", "sign-in")


def measure(place: Stage, tries: int, wanted: Collection[str] = FORMS) -> list[Told]:
    """Ask each of the wanted forms about known and unknown ones in turn, `tries` times each."""
    with scoped(place.organisation.id) as session:
        vault = Vault.open(session, place.process.keyring, place.organisation.id)
        person = {
            "language": "en",
            "contacts": [{"channel": "email", "address": KNOWN}],
            "stays": [{"country": "LB"}],
        }
        register(session, vault, read_person(person), Source.OFFICER)
        set_password(session, session.merge(place.author), PASSWORD)
    settings = place.process.settings
    app = create_app(replace(place.process, settings=settings.model_copy(update={"public_url": ""})))
    app.config["WTF_CSRF_ENABLED"] = False
    post = app.test_client().post

    def join(address: str) -> None:
        post("/register/LB", data={"channel": "email", "email": address, "language": "en"})

    def lose(address: str) -> None:
        post("/link", data={"channel": "email", "email": address})

    def sign_in(address: str) -> None:
        post("/console/sign-in", data={"email": address, "password": "not this one, surely"})

    forms = (
        ("registration", join, KNOWN),
        ("lost link", lose, KNOWN),
        ("sign-in", sign_in, place.author.email),
    )
    return [_compare(name, ask, known, tries) for name, ask, known in forms if name in wanted]


def _compare(form: str, ask: Callable[[str], None], known: str, tries: int) -> Told:
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(tries):
        for is_known in (True, False) if number % 2 else (False, True):
            with unscoped() as session:
                session.execute(delete(Attempt))  # the limits on tries are not what is measured
            start = time.perf_counter()
            ask(known if is_known else f"unknown{number}@example.org")
            times[is_known].append(time.perf_counter() - start)
    return Told(form, statistics.median(times[True]), statistics.median(times[False]))


def show(found: list[Told]) -> bool:
    """Print the medians; whether none is further apart than MOST."""
    for told in found:
        click.echo(
            f"{told.form:<14} known {told.known * 1000:7.2f} ms   unknown {told.unknown * 1000:7.2f} ms   "
            f"difference {told.difference * 1000:.2f} ms"
        )
    return all(told.difference < MOST for told in found)
