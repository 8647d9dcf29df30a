"""Logs: one line an event, nothing personal."""

from __future__ import annotations

import logging
import sys


def configure_logs(level: str) -> None:
    """Send everything to standard error."""
    logging.basicConfig(
        level=level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        force=True,
    )
    for noisy in ("twilio", "kombu", "amqp", "celery.app.trace", "celery.worker.strategy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
