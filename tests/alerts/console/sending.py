"""Sending an approved alert to the sandbox, as dispatcher and worker would."""

from __future__ import annotations

from sqlalchemy import select

from alerts.delivery.models import Batch
from alerts.lifecycle.models import Alert
from alerts.sandbox.channel import SandboxChannel
from registry.database import unscoped
from tests.alerts.offices import Office
from workers import duties
from workers.runtime import WorkerRuntime
from workers.sending import deliver


def plan(office: Office) -> WorkerRuntime:
    """Cut what is approved into batches; nothing leaves yet."""
    channels = {name: SandboxChannel(office.keyring, name) for name in ("sms", "email")}
    runtime = WorkerRuntime(office.keyring, channels, "http://rollcall.example", {})  # type: ignore[arg-type]
    while duties.plan():
        pass
    return runtime


def send(office: Office, alert: Alert) -> None:
    """All of it, until the alert is sent."""
    runtime = plan(office)
    with unscoped() as session:
        batches = session.scalars(select(Batch.id).where(Batch.alert_id == alert.id)).all()
    for batch in batches:
        deliver(runtime, batch)
    duties.finish({name: ["sandbox"] for name in runtime.channels})
    assert office.state(alert) == "sent"
