"""Processor time of processes and of the servers they lean on (proc(5)); Linux only."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import psycopg
from redis import Redis

from config.database import libpq_address

TICKS = os.sysconf("SC_CLK_TCK")


def tree_cpu(root: int) -> float:
    """Seconds of user and system time of a process and its descendants, those included that have ended."""
    children: dict[int, list[int]] = defaultdict(list)
    used: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it ended meanwhile; its parent has its time
                continue
            children[int(fields[1])].append(int(entry.name))
            used[int(entry.name)] = sum(map(int, fields[11:15])) / TICKS
    total, waiting = 0.0, [root]
    while waiting:
        process = waiting.pop()
        total += used.get(process, 0.0)
        waiting += children[process]
    return total


def resident(process: int) -> int:
    """The most memory a process has held, in bytes."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024


class Servers:
    """PostgreSQL and the broker of a stage, whose time counts as the contestant's. Both must be on this machine."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        with psycopg.connect(libpq_address(database_url), autocommit=True) as connection:
            backend = connection.info.backend_pid
            self._postgres = _parent(backend)
        with Redis.from_url(redis_url) as broker:
            self._broker = int(broker.info("server")["process_id"])
        for process in (self._postgres, self._broker):
            if not Path(f"/proc/{process}/stat").exists():
                raise ProcessLookupError("PostgreSQL and Redis must run on this machine to be measured")

    def cpu(self) -> float:
        """Seconds that both have used."""
        return tree_cpu(self._postgres) + tree_cpu(self._broker)


def _parent(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        raise ProcessLookupError("PostgreSQL must run on this machine to be measured") from None
