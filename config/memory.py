"""What the collector of cycles looks at."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 20_000
"""Objects made and not yet gone, after which new ones are looked through; a batch makes thousands, none in a cycle."""


@contextmanager
def loading() -> Iterator[None]:
    """While modules load, much is made and nothing thrown away: looking for garbage costs a sixth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def settle() -> None:
    """Call it when a process has started: what it holds then it holds to its end, and is not looked through again.

    Else a collection walks over more than a hundred thousand objects of libraries, and meanwhile nothing is sent and
    nobody answered.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
