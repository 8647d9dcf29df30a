"""What must not be forgotten: officers are told by mail, and the silent are asked again."""

from __future__ import annotations

from alerts.family.asking import ask_some, being_asked
from alerts.family.passing import pass_on, work_off
from alerts.followups.due import ask_due, warn_of_promises
from alerts.inbox.escalation import escalate
from registry.database import unscoped
from registry.organisations.scope import everywhere
from workers.runtime import WorkerRuntime


def warn_officers(runtime: WorkerRuntime) -> int:
    """Tell the duty list of pleas that wait, and of promises about to be broken; return how many mails."""
    with everywhere() as session:
        return escalate(
            session, runtime.keyring, runtime.periods.plea_unread, runtime.base_url
        ) + warn_of_promises(session, runtime.keyring, runtime.base_url)


def ask_the_silent() -> int:
    """Ask those again who have not answered, where it is time; return how many alerts."""
    with everywhere() as session:
        return ask_due(session)


def ask_emergency_contacts(runtime: WorkerRuntime) -> int:
    """Ask whom the silent have named, where it is time for that; return how many."""
    with everywhere() as session:
        alerts = being_asked(session)
    total = 0
    for alert_id in alerts:
        after = -1
        while after and not runtime.stopping.is_set():
            with everywhere() as session:
                asked, after = ask_some(session, runtime.keyring, alert_id, after)
            total += asked
    return total


def mind_relatives(runtime: WorkerRuntime) -> int:
    """Pass on what relatives ask, and see to what was passed on; return how many questions."""
    with unscoped() as session:
        asked = pass_on(session, runtime.keyring)
    with everywhere() as session:
        return asked + work_off(session, runtime.keyring)
