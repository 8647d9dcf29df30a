"""Playing faults one by one, each on a database of its own, and what came of it."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from config.bench.faults.auditing import Audit, audit
from config.bench.faults.catalogue import Fault
from config.bench.faults.ground import Ground, crew, playing
from config.bench.stage import stage
from config.database import make_engine
from config.embedded.place import made_home
from config.embedded.postgres import Postgres, as_service
from config.embedded.valkey import Valkey
from config.errors import Misconfigured
from config.runtime import Runtime, keyring_of
from config.settings import Settings

SMALL = "1500m"
"""Size of the file system that is filled; memory is taken only as it fills."""


@dataclass(frozen=True, slots=True)
class Played:
    """A fault, and what came of it; `reason` where it was not played, or the alert never came to an end."""

    fault: Fault
    seconds: float = 0.0
    audit: Audit | None = None
    reason: str = ""

    @property
    def sound(self) -> bool:
        """Nothing lost, nothing doubled, nothing stuck; or not played here."""
        return self.audit.sound and not self.reason if self.audit else True


@dataclass(frozen=True, slots=True)
class Servers:
    """PostgreSQL and Valkey of one home, and what a process needs to use them."""

    home: Path
    process: Runtime
    postgres: Postgres
    valkey: Valkey


def play(faults: Sequence[Fault], people: int | None, tell: Callable[[str], None]) -> Iterator[Played]:
    """Play each. `people` is another number of them than each fault's own."""
    try:
        from tests.fakes.twilio import FakeTwilio
    except ImportError:
        raise Misconfigured(
            "faults are played with the fake Twilio of tests/: run it from a checkout"
        ) from None
    for fault in faults:
        tell(f"{fault.name}: {fault.words}")
        if reason := fault.missing():
            yield Played(fault, reason=reason)
            continue
        with servers(small=fault.small_disk) as place, FakeTwilio() as twilio, stage(place.process) as scene:
            number = people or fault.people
            ground = Ground(scene, place.home, twilio, place.postgres, place.valkey, number, tell)
            yield play_one(ground, fault)


def play_one(ground: Ground, fault: Fault) -> Played:
    """Play a fault on a ground made for it, and audit."""
    ground.prepare()
    rate = max(1, round(len(ground.expected) / fault.seconds))
    ground.settings |= {"SMS_RATE": str(rate)}
    fault.arrange(ground)
    crew(ground, fault.workers, fault.dispatchers, web=True)
    with playing(ground):
        started = time.monotonic()
        ground.send()
        ground.wait_for(0.02)
        fault.act(ground)
        ended = ground.wait_for_rest(fault.hurry)
        seconds = time.monotonic() - started
    assert ground.alert
    callbacks = [message.status_callback for message in ground.twilio.messages()]
    found = audit(ground.stage, ground.alert, ground.expected, callbacks)
    return Played(fault, seconds, found, "" if ended else "the alert came to no end")


@contextmanager
def servers(small: bool = False) -> Iterator[Servers]:
    """Servers of their own in a temporary folder, on a small file system where that is to be filled."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rollcall-faults-")))
        if small:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", home], check=True)
            stack.callback(lambda: subprocess.run(["umount", "--lazy", home], check=False))
        home = made_home(home)
        postgres, valkey = Postgres(home, durable=True), Valkey(home)
        stack.callback(postgres.stop)
        postgres.start()
        stack.callback(valkey.stop)
        valkey.start()
        url = as_service(postgres.url)
        settings = Settings(
            rollcall_home=home,
            database_url=url,
            redis_url=valkey.url,
            master_key=SecretStr("5e" * 32),
        )
        engine = make_engine(url, pool_size=1)
        stack.callback(engine.dispose)
        process = Runtime(settings, engine, keyring_of(settings), url, postgres.url)
        yield Servers(home, process, postgres, valkey)


def table(rows: Sequence[Played]) -> str:
    """As text, a line for each fault."""
    lines = [
        f"{'fault':<12} {'reachable':>9} {'taken':>7} {'lost':>5} {'doubled':>7} {'unknown':>7} {'uncertain':>9}"
        f" {'seconds':>8}"
    ]
    for row in rows:
        if found := row.audit:
            lines.append(
                f"{row.fault.name:<12} {found.reachable:>9,} {found.taken:>7,} {found.lost:>5,} {found.doubled:>7,}"
                f" {found.unknown:>7,} {found.uncertain:>9,} {row.seconds:>8.0f}"
                f"  {'' if row.sound else row.reason or 'NOT SOUND'}".rstrip()
            )
        else:
            lines.append(f"{row.fault.name:<12} not played: {row.reason}")
    return "\n".join(lines)
