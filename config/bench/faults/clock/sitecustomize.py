"""Makes the clock of a Python process wrong by WRONG_CLOCK seconds: on its PYTHONPATH, it is imported before all else.

Not libfaketime: that breaks either sleeping or waiting. Monotonic time goes on as it should, as on a machine whose
clock is wrong.
"""

from __future__ import annotations

import datetime
import os
import time
from typing import Self

OFF = float(os.environ.get("WRONG_CLOCK", "0"))
_right = time.time


class Wrong(datetime.datetime):
    """As `datetime`, but for what it takes to be now."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Self:
        """The wrong time."""
        return super().now(tz) + datetime.timedelta(seconds=OFF)


def _wrong() -> float:
    return _right() + OFF


time.time = _wrong
datetime.datetime = Wrong  # type: ignore[misc]
