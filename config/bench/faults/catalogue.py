"""Every fault by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from config.bench.faults import acts, rules
from config.bench.faults.ground import Ground

Act = Callable[[Ground], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong while an alert is sent."""

    name: str
    words: str
    arrange: Act = rules.usual
    """Before any process starts."""
    act: Act = acts.nothing
    """Once the first messages have left."""
    people: int = 5000
    workers: Sequence[dict[str, str]] = ({}, {})
    """Settings of each, beside those of all."""
    dispatchers: int = 1
    seconds: float = 20.0
    """For which the sender's pace makes the alert last, at least."""
    small_disk: bool = False
    hurry: bool = False
    """Waits that the outcome doesn't depend on are cut short."""
    missing: Callable[[], str] = lambda: ""
    """What this machine lacks for it."""


def _arranged(*steps: Act) -> Act:
    def arrange(ground: Ground) -> None:
        for step in steps:
            step(ground)

    return arrange


def _no_mount() -> str:
    return "" if os.geteuid() == 0 else "only root can mount a small file system"


CREW: Final[Sequence[dict[str, str]]] = ({},) * 6
CLOCKS: Final = (rules.faked(rules.HOUR), rules.faked(-rules.HOUR))

FAULTS: Final = MappingProxyType(
    {
        fault.name: fault
        for fault in (
            Fault("workers", f"kill -9 of a worker every 0.5 s, {acts.KILLS} times", act=acts.kill_workers,
                  people=20_000, workers=CREW, seconds=55),
            Fault("dispatcher", "kill -9 of a dispatcher, 10 times", act=acts.kill_dispatchers, dispatchers=2),
            Fault("redis", "kill -9 of Redis, 20 times", act=acts.kill_redis, seconds=30),
            Fault("flushed", "Redis flushed, 10 times", act=acts.flush_redis),
            Fault("no-redis", "Redis away all the time", _arranged(rules.usual, acts.without_redis)),
            Fault("half-open", "connections to Redis dead without a word for 30 s",
                  _arranged(rules.usual, acts.through_proxy), acts.cut_proxy, seconds=40),
            Fault("postgres", "PostgreSQL restarted 10 times, 5 of them by kill -9", act=acts.restart_postgres,
                  seconds=40),
            Fault("frozen", "PostgreSQL frozen for 60 s", act=acts.freeze_postgres),
            Fault("disk-full", "disk full for 20 s", act=acts.fill_disk, small_disk=True, missing=_no_mount),
            Fault("errors", "500 after taking, 503 without", rules.errors),
            Fault("busy", "storms of 429", rules.busy),
            Fault("silent", "no answer for 30 s", rules.silent),
            Fault("resets", "connections reset", rules.resets),
            Fault("refused", "401 for a while", rules.refused, people=2000),
            Fault("receipts", "receipts five-fold, reordered, 5 % lost, early, forged", rules.receipts, people=2000),
            Fault("clocks", "workers' and provider's clocks an hour off", rules.clocks, workers=CLOCKS),
            Fault("two-leaders", "two dispatchers, the leader's connection cut 10 times", act=acts.cut_leaders,
                  dispatchers=2),
            Fault("rolling", "every process restarted in turn, twice", act=acts.restart_all, dispatchers=2, seconds=30),
            Fault("storm", "workers, dispatcher and Redis at once, and a provider that does a little of everything",
                  rules.everything, acts.storm, people=500, workers=({},), dispatchers=2, seconds=4, hurry=True),
        )
    }
)  # fmt: skip
