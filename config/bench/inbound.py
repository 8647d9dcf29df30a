"""How many answers by SMS are taken in when everybody answers at once, how long each waits, and whether any is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from alerts.delivery.models import Delivery, DeliveryState
from alerts.lifecycle.models import Alert
from alerts.responses.models import CheckIn
from config.bench.alerting import TWILIO, fill_registry, house, send_alert
from config.bench.meter import Servers
from config.bench.poster import Prepared
from config.bench.provider import provider
from config.bench.serving import Served, serve, signed, tell_ceiling, web
from config.bench.stage import Stage
from registry.database import scoped
from registry.people.models import ContactPoint, Person
from registry.people.vault import Vault

IN_FLIGHT = 64
HELP = 10
"""One in so many asks for help; the others are safe."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of the messages."""

    served: Served
    lost: int
    """People whose answer is not there although it was taken."""

    def lines(self) -> Iterator[str]:
        """For people to read."""
        yield from self.served.lines()
        yield f"one in {HELP} asked for help; answers lost: {self.lost}"


def measure(stage: Stage, people: int, rate: float, workers: int) -> Heard:
    """Send an alert, and let everybody answer it once, from their own phones."""
    fill_registry(stage, people)
    servers = Servers(stage.database_url, stage.process.settings.redis_url or "")
    with provider() as sink, web(stage, workers, TWILIO) as served, house(stage, sink.url):
        alert = send_alert(stage)
        requests = list(_answers(stage, alert, f"{served.url}/webhooks/twilio/inbound"))
        tell_ceiling(sink, requests[0])
        result = serve(served, servers, requests, rate, IN_FLIGHT)
    with scoped(stage.organisation.id) as session:
        kept = session.scalar(select(func.count()).where(CheckIn.alert_id == alert.id)) or 0
    return Heard(result, len(requests) - kept)


def _answers(stage: Stage, alert: Alert, url: str) -> Iterator[Prepared]:
    """As Twilio signs and posts them, one for each person."""
    reached = select(Delivery.contact_point_id).where(
        Delivery.alert_id == alert.id, Delivery.state == DeliveryState.ACCEPTED
    )
    with scoped(stage.organisation.id) as session:
        vault = Vault.open(session, stage.process.keyring, stage.organisation.id)
        contacts = session.scalars(
            select(ContactPoint)
            .options(joinedload(ContactPoint.person).joinedload(Person.key))
            .where(ContactPoint.id.in_(reached))
        )
        addresses = {contact.person_id: vault.address(contact) for contact in contacts}
    for person, address in addresses.items():
        form = {
            "From": address,
            "To": TWILIO["TWILIO_FROM"],
            "Body": "1" if person % HELP else "2",
            "MessageSid": f"SM{person:032x}",
            "NumMedia": "0",
            "AccountSid": TWILIO["TWILIO_ACCOUNT_SID"],
        }
        yield signed(url, form)
