"""`rollcall worker`."""

from __future__ import annotations

import click
from celery.signals import worker_ready

from config.celery import make_celery
from config.channels import make_worker_runtime
from config.errors import Misconfigured
from config.memory import settle
from config.runtime import runtime
from workers.lanes import DELIVERIES, IMPORTS, URGENT


@click.command()
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=4,
    show_default=True,
    help="Batches sent at the same time.",
)
def command(threads: int) -> None:
    """Run a Celery worker that sends. Run as many as you like, on as many machines."""
    with runtime(broker=True, statement_timeout=60) as process:
        process.start_logs()
        address = process.settings.broker_address
        if address is None:
            raise Misconfigured("no broker: set REDIS_URL or BROKER_URL")
        app = make_celery(address, make_worker_runtime(process.settings, process.keyring))
        worker_ready.connect(lambda **_: settle(), weak=False)
        app.worker_main(
            [
                "--quiet",
                "worker",
                "--pool=threads",
                f"--concurrency={threads + 1}",  # one may be importing
                f"--queues={URGENT},{DELIVERIES},{IMPORTS}",
                "--without-gossip",
                "--without-mingle",
                f"--loglevel={process.settings.log_level}",
            ]
        )
