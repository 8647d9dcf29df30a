"""Celery tasks: each converts its arguments and calls one function. Any of them may be lost, doubled or late."""

from __future__ import annotations

from threading import Lock
from typing import Any

from celery import current_app, shared_task
from celery.signals import worker_shutting_down

from alerts.canaries.services import seen
from registry.database import unscoped
from registry.imports.jobs import run_due
from workers.runtime import WorkerRuntime
from workers.sending import deliver

DELIVER = "rollcall.deliver"
IMPORTS = "rollcall.imports"
CANARY = "rollcall.canary"
_importing = Lock()


def _runtime() -> WorkerRuntime:
    found: WorkerRuntime = current_app.rollcall_runtime
    return found


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def let_go(**_: Any) -> None:
    """A batch at a slow sender's pace takes minutes, longer than anybody waits for a process to end."""
    _runtime().stopping.set()


@shared_task(name=DELIVER)  # type: ignore[untyped-decorator]
def deliver_batch(batch_id: int) -> None:
    """Deliver what is due in a batch."""
    deliver(_runtime(), batch_id)


@shared_task(name=CANARY)  # type: ignore[untyped-decorator]
def come_through(queue: str) -> None:
    """Say that somebody works at this queue."""
    with unscoped() as session:
        seen(session, queue)


@shared_task(name=IMPORTS)  # type: ignore[untyped-decorator]
def run_imports() -> None:
    """Check or save imported rows for as long as there are any; by one thread of this process, the others send."""
    if not _importing.acquire(blocking=False):
        return
    try:
        while run_due(_runtime().keyring):
            pass
    finally:
        _importing.release()
