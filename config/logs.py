"""Logs: one line an event, nothing personal."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Says of an exception what kind it is and where it arose, and not what it says: it may quote a name or a link."""

    def format(self, record: logging.LogRecord) -> str:
        """Celery puts an exception's own words in its message as well; another handler may have written them down."""
        record.exc_text = None
        if record.exc_info and record.name.startswith("celery"):
            record.msg, record.args = "a task failed", ()
        return super().format(record)

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802
        """The lines of code, the classes, and the database's code for the fault (PostgreSQL, appendix A)."""
        return "\n".join(line for error in _chain(ei[1]) for line in _told(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """What led to an exception, the first cause first."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return reversed(found)


def _told(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    return [*(line.rstrip("\n") for line in frames.format()), f"{kind} {state}" if state else kind]


def configure_logs(level: str) -> None:
    """Send everything to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("twilio", "kombu", "amqp", "celery.app.trace", "celery.worker.strategy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
