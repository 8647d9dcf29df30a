"""`rollcall dispatcher`."""

from __future__ import annotations

import signal

import click

from config.celery import make_celery
from config.channels import make_worker_runtime
from config.database import libpq_address
from config.memory import settle
from config.runtime import runtime
from workers.broker import Broker
from workers.dispatcher import Dispatcher


@click.command()
def command() -> None:
    """Plan alerts, publish tasks, mind what is late, do periodic work. One leads; the others stand by."""
    with runtime(broker=True, statement_timeout=60) as process:
        process.start_logs()
        address = process.settings.broker_address
        app = make_celery(address) if address else None
        dispatcher = Dispatcher(
            make_worker_runtime(process.settings, process.keyring),
            Broker(app),
            libpq_address(process.database_url),
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: dispatcher.stop.set())
        settle()
        dispatcher.run()
