"""Answers that take as long whatever is known."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

STEADY = 0.25  # seconds; several times what the work takes


@contextmanager
def steady() -> Iterator[None]:
    """Make the block last at least STEADY, so that its duration does not tell what was found."""
    start = time.monotonic()
    try:
        yield
    finally:
        hold(start)


def hold(start: float) -> None:
    """Wait until STEADY has gone by since `start`, by the monotonic clock."""
    time.sleep(max(0.0, STEADY - (time.monotonic() - start)))
