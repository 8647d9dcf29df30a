"""Publishing tasks without ever waiting long, or failing, for a broker."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

from celery import Celery

from workers import lanes
from workers.tasks import CANARY, DELIVER, IMPORTS

log = logging.getLogger(__name__)

REST = 5.0
"""Seconds for which a broker that failed is left alone."""


class Broker:
    """The way from the dispatcher to the workers. It may be down: then nothing is published, and that is all."""

    def __init__(self, app: Celery | None) -> None:
        self._app = app
        self._down_until = 0.0

    @property
    def is_up(self) -> bool:
        """Whether publishing is worth trying."""
        return self._app is not None and time.monotonic() >= self._down_until

    def deliver(self, batch_ids: Sequence[int], queue: str) -> bool:
        """Publish a task for each batch; False when the broker did not take them all."""
        return all(self._publish(DELIVER, [batch_id], queue) for batch_id in batch_ids)

    def imports(self) -> bool:
        """Publish a task that works on imports."""
        return self._publish(IMPORTS, [], lanes.IMPORTS)

    def canary(self, queue: str) -> bool:
        """Publish a task that only says that it came through; it is not worth keeping for long."""
        return self._publish(CANARY, [queue], queue, expires=60)

    def _publish(self, name: str, arguments: list[Any], queue: str, expires: int | None = None) -> bool:
        if self._app is None or not self.is_up:
            return False
        try:
            self._app.send_task(
                name, arguments, queue=queue, retry=False, ignore_result=True, expires=expires
            )
        except Exception as error:  # whatever is wrong with the broker, an alert must not wait for it
            self._down_until = time.monotonic() + REST
            log.warning("the broker does not take tasks (%s): delivering without it", type(error).__name__)
            return False
        return True
