"""The dispatcher: one leader that plans, publishes, minds what is late and does periodic work; any number stand by.

It hears NOTIFY on the channel `rollcall`, and looks by itself as well, for a notification may be lost. Its leadership
is a session's advisory lock: when the leader or its connection dies, the database passes it on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
from sqlalchemy.exc import OperationalError

from registry.audit.witness import Witness
from registry.custody import rewrapping
from registry.imports.jobs import run_due
from workers import agenda, canaries, duties
from workers.blame import Blame
from workers.broker import Broker
from workers.erasures import write_down
from workers.fetching import fetch_mail
from workers.housekeeping import tidy
from workers.minding import ask_emergency_contacts, ask_the_silent, mind_relatives, warn_officers
from workers.notices import deliver_notices
from workers.outgoing import deliver_outgoing
from workers.retention import retain
from workers.runtime import WorkerRuntime
from workers.sending import deliver
from workers.witnessing import witness_chains

log = logging.getLogger(__name__)

LEADER_LOCK = 0x4C656164  # "Lead"
CHANNEL = "rollcall"
BUSY_PAUSE = 0.2
"""Seconds between rounds while alerts are on their way, unless a notification comes."""
LEAST_PAUSE = 0.05
"""However many notifications come."""
IDLE_PAUSE = 1.0
STANDBY_PAUSE = 1.0
TIDY_EVERY = 3600.0
END_EVERY = 1.0
IGNORED_EVERY = 1.0
IMPORTS_EVERY = 2.0
FOLLOW_EVERY = 2.0
TELL_EVERY = 30.0
"""Counting a million people takes seconds of one of the database's processors."""
FETCH_EVERY = 20.0
WITNESS_EVERY = 10.0
WARN_EVERY = 20.0
FLY_EVERY = 15.0
ASK_EVERY = 5.0
COMPLAIN_EVERY = 10.0


class Dispatcher:
    """Runs until `stop` is set. `dsn` is a libpq address for the connection that listens and leads."""

    def __init__(self, runtime: WorkerRuntime, broker: Broker, dsn: str) -> None:
        self._runtime, self._broker, self._dsn = runtime, broker, dsn
        self._providers = {
            name: [route.provider for route in runtime.routes_of(name)] for name in runtime.channels
        }
        self._routes = [route for name in runtime.channels for route in runtime.routes_of(name)]
        self.stop = runtime.stopping
        self._pool = ThreadPoolExecutor(max_workers=6, thread_name_prefix="dispatcher")
        self._running: dict[str, Future[object]] = {}
        self._begun_at: dict[str, float] = {}
        self._complained_at: dict[str, float] = {}
        self._blame = Blame()
        self._witness = Witness(runtime.keyring.witness_seed, *runtime.keyring.earlier_witness_seeds)

    def run(self) -> None:
        """Lead when we can, stand by otherwise, and come back after any loss of the database."""
        while not self.stop.is_set():
            try:
                with psycopg.connect(self._dsn, autocommit=True, connect_timeout=5) as connection:
                    self._serve(connection)
            except psycopg.OperationalError as error:
                log.warning("the database is away: %s", str(error).strip().partition("\n")[0])
                self.stop.wait(1.0)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _serve(self, connection: psycopg.Connection) -> None:
        connection.execute(f"LISTEN {CHANNEL}")
        leading = False
        while not self.stop.is_set():
            if not leading:
                leading = self._take_lead(connection)
                if not leading:
                    self.stop.wait(STANDBY_PAUSE)
                    continue
                log.info("leading")
            busy = self.work()
            self.stop.wait(LEAST_PAUSE)
            # This notices a lost connection too, and with it a lost leadership.
            for _ in connection.notifies(timeout=BUSY_PAUSE if busy else IDLE_PAUSE, stop_after=1):
                pass
            for _ in connection.notifies(timeout=0):  # one round answers them all
                pass

    @staticmethod
    def _take_lead(connection: psycopg.Connection) -> bool:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [LEADER_LOCK]).fetchone()
        return bool(row and row[0])

    def work(self) -> bool:
        """One round of all duties; True when there was something to do, so that the next round should come soon."""
        waits = self._look()
        runtime, keyring, folder = self._runtime, self._runtime.keyring, self._runtime.audit_folder
        done = self._try("plan", duties.plan) if "plan" in waits else 0
        if done or "batches" in waits:
            done += self._try("publish", lambda: duties.publish(self._broker, self._providers))
            self._every(IGNORED_EVERY if self._broker.is_up else 0.0, "ignored", self._deliver_ignored)
        if "receipts" in waits:
            done += self._try("receipts", lambda: duties.receipts(self._blame))
        if _is_time(self._begun_at, "end", END_EVERY) or "finish" in waits:
            done += self._try("finish", lambda: duties.finish(self._providers))
        if "notices" in waits:
            self._background("notices", lambda: deliver_notices(runtime))
        if "outgoing" in waits:
            self._background("outgoing", lambda: deliver_outgoing(runtime))
        if "rewraps" in waits:
            self._background("rewraps", self._rewrap)
        if "imports" in waits and _is_time(self._begun_at, "imports to start", IMPORTS_EVERY):
            self._start_imports()
        self._every(FOLLOW_EVERY, "next contact points", duties.follow)
        if mailbox := runtime.mailbox:
            self._every(FETCH_EVERY, "mail", lambda: fetch_mail(mailbox, keyring))
        self._every(TIDY_EVERY, "tidy", lambda: tidy(keyring))
        self._every(TIDY_EVERY, "retention", lambda: retain(runtime))
        self._every(TELL_EVERY, "tell", duties.tell)
        self._every(WITNESS_EVERY, "checkpoints", lambda: witness_chains(self._witness, folder))
        self._every(WITNESS_EVERY, "erasures", lambda: write_down(keyring, folder))
        self._every(ASK_EVERY, "provider canaries", lambda: canaries.ask_providers(self._routes))
        self._every(FLY_EVERY, "canaries", lambda: canaries.fly(self._broker))
        self._every(FLY_EVERY, "late canaries", lambda: canaries.tell(keyring))
        self._every(WARN_EVERY, "warnings", lambda: warn_officers(runtime))
        self._every(WARN_EVERY, "silent", ask_the_silent)
        self._every(0.0 if "relatives" in waits else WARN_EVERY, "relatives", lambda: mind_relatives(runtime))
        self._every(WARN_EVERY, "emergency contacts", lambda: ask_emergency_contacts(runtime))
        return done > 0 or "sending" in waits

    def _look(self) -> set[str]:
        """What there is to be done; all of it, should looking itself be what fails."""
        try:
            return agenda.look()
        except OperationalError as error:
            self._complain("look", f"the database is away ({type(error.orig).__name__})")
            return set()
        except Exception as error:
            self._complain("look", type(error).__name__, error)
            return set(agenda.ITEMS)

    def _try(self, name: str, duty: Callable[[], int]) -> int:
        try:
            return duty()
        except OperationalError as error:
            self._complain(name, f"the database is away ({type(error.orig).__name__})")
        except Exception as error:
            self._complain(name, type(error).__name__, error)  # its words may quote somebody's
        return 0

    def _complain(self, name: str, reason: str, error: Exception | None = None) -> None:
        """Once in a while, not at every round."""
        if _is_time(self._complained_at, name, COMPLAIN_EVERY):
            log.error("%s failed: %s", name, reason, exc_info=error)

    def _background(self, name: str, duty: Callable[[], int]) -> None:
        """Run beside the loop, one of a name at a time, so that nothing slow delays an alert."""
        running = self._running.get(name)
        if running is None or running.done():
            self._running[name] = self._pool.submit(self._try, name, duty)

    def _every(self, seconds: float, name: str, duty: Callable[[], int]) -> None:
        """Run in the background, so often at most."""
        if _is_time(self._begun_at, name, seconds):
            self._background(name, duty)

    def _deliver_ignored(self) -> int:
        count = 0
        while not self.stop.is_set():
            batch_id = duties.ignored_batch(self._broker, self._providers)
            if batch_id is None:
                return count
            count += deliver(self._runtime, batch_id)
        return count

    def _start_imports(self) -> None:
        """By a worker; here when the broker is away."""
        if not self._broker.imports():
            self._background("imports", self._run_imports)

    def _rewrap(self) -> int:
        """Sealing keys anew can wait: an alert has the right of way."""
        count = 0
        while (
            not self.stop.is_set() and not duties.being_sent() and rewrapping.run_due(self._runtime.keyring)
        ):
            count += 1
        return count

    def _run_imports(self) -> int:
        count = 0
        while not self.stop.is_set() and run_due(self._runtime.keyring):
            count += 1
        return count


def _is_time(last: dict[str, float], name: str, seconds: float) -> bool:
    """Whether this was last noted so long ago, or never; then it is noted now."""
    now = time.monotonic()
    if now - last.get(name, -seconds) <= seconds:
        return False
    last[name] = now
    return True
