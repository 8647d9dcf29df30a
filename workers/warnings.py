"""What officers are told of by mail, for they may be looking at no screen."""

from __future__ import annotations

from alerts.inbox.escalation import escalate
from registry.organisations.scope import everywhere
from workers.runtime import WorkerRuntime


def warn_officers(runtime: WorkerRuntime) -> int:
    """Tell the duty list of pleas that wait; return how many mails."""
    with everywhere() as session:
        return escalate(session, runtime.keyring, runtime.periods.plea_unread, runtime.base_url)
