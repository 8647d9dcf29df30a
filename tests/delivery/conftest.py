"""A whole Rollcall for delivery tests: an organisation, two officers, fake providers, processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from alerts.delivery.tally import tally
from alerts.lifecycle import services
from alerts.lifecycle.intake import read_alert
from alerts.lifecycle.models import Alert
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.demo import fill
from registry.organisations.models import Officer, Organisation, Role
from registry.organisations.services import add_officer, create_organisation
from registry.people.vault import Vault
from tests.conftest import MASTER_KEY
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.processes import Process


@dataclass(frozen=True)
class House:
    """The organisation that alerts."""

    organisation: Organisation
    author: Officer
    approver: Officer

    def fill(self, keyring: Keyring, people: int, **how: Any) -> None:
        with scoped(self.organisation.id) as session:
            for _ in fill(session, Vault.open(session, keyring, self.organisation.id), people, seed=7, **how):
                pass

    def approve(self, **changes: Any) -> Alert:
        """An alert to everyone in Lebanon, approved."""
        now = datetime.now(UTC)
        data: dict[str, Any] = {
            "type": "alert",
            "level": "restriction",
            "crisis": "earthquake",
            "severity": "severe",
            "area": {"countries": ["LB"]},
            "texts": {
                language: {
                    "sms": f"{language}: Earthquake near Tripoli. Leave tall buildings.",
                    "subject": f"{language} Earthquake",
                    "body": f"{language}: Earthquake near Tripoli. Leave tall buildings and wait outside.",
                }
                for language in ("en", "fr", "ar")
            },
            "channels": ["sms", "email"],
            "expires_at": (now + timedelta(hours=6)).isoformat(),
        }
        with scoped(self.organisation.id) as session:
            alert = services.create_draft(session, self.author, read_alert(data | changes))
            services.submit(session, self.author, alert)
        with scoped(self.organisation.id) as session:
            alert = services.get(session, alert.public_id)
            services.approve(session, self.approver, alert)
        return alert

    def move(self, alert: Alert, name: str) -> None:
        """Pause, resume or cancel."""
        with scoped(self.organisation.id) as session:
            getattr(services, name)(session, self.author, services.get(session, alert.public_id))

    def tally(self, alert: Alert) -> dict[str, dict[str, int]]:
        with scoped(self.organisation.id) as session:
            return tally(session, session.get_one(Alert, alert.id))

    def alert(self, alert: Alert) -> Alert:
        with scoped(self.organisation.id) as session:
            return session.get_one(Alert, alert.id)

    def reachable(self, channel: str = "sms") -> int:
        """How many contact points an alert to Lebanon must reach, counted from the people and not from the reach."""
        (row,) = self.sql(
            """
            SELECT count(*) AS n FROM contact_points c JOIN people p ON p.id = c.person_id
            WHERE c.channel = :channel AND c.state = 'active' AND NOT p.paused AND EXISTS (
                SELECT FROM stays s WHERE s.person_id = p.id AND s.country = 'LB'
                AND coalesce(s.starts, '-infinity') <= now() + interval '14 hours'
                AND coalesce(s.ends, 'infinity') >= CAST(now() AS date) - 7)
            """,
            channel=channel,
        )
        return int(row.n)

    def sql(self, statement: str, **values: Any) -> list[Any]:
        with scoped(self.organisation.id) as session:
            return list(session.execute(text(statement), values))


@pytest.fixture
def house(database: str, keyring: Keyring) -> House:
    with unscoped() as session:
        organisation = create_organisation(session, keyring, "Consulate of Freedonia")
        author = add_officer(session, organisation, "author@example.org", [Role.AUTHOR]).officer
        approver = add_officer(session, organisation, "approver@example.org", [Role.APPROVER]).officer
    return House(organisation, author, approver)


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def smtp() -> Iterator[FakeSmtp]:
    with FakeSmtp() as fake:
        yield fake


@pytest.fixture
def environment(database: str, broker: str, tmp_path: Path) -> dict[str, str]:
    """Settings of a Rollcall on this test's services, with the sandbox for both channels."""
    return {
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        "MASTER_KEY": MASTER_KEY,
        "SECRET_KEY": "for tests only",
        "ROLLCALL_HOME": str(tmp_path),
    }


@pytest.fixture
def provided(environment: dict[str, str], twilio: FakeTwilio, smtp: FakeSmtp) -> dict[str, str]:
    """The same with the fake Twilio and the fake SMTP server."""
    return environment | {
        "TWILIO_ACCOUNT_SID": twilio.account_sid,
        "TWILIO_AUTH_TOKEN": twilio.auth_token,
        "TWILIO_FROM": "+15005550006",
        "TWILIO_API_URL": twilio.url,
        "SMTP_URL": smtp.url,
        "MAIL_FROM": "alerts@rollcall.example",
    }


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., Process]:
    """Make a process by its command's name; start it with `with`."""

    def make(name: str, environment: dict[str, str], *arguments: str) -> Process:
        return Process(name, environment, tmp_path / f"{name}.log", *arguments)

    return make
