"""Processor time of processes and of the servers they lean on (proc(5)); Linux only."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psycopg
from redis import Redis

from config.database import libpq_address

TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """A process and its descendants."""
    return _tree(_stats(), root)


def tree_cpu(root: int) -> float:
    """Seconds of user and system time of a process and its descendants, those included that have ended."""
    stats = _stats()
    return sum(sum(map(int, stats[one][11:15])) for one in _tree(stats, root) if one in stats) / TICKS


def _stats() -> dict[int, list[str]]:
    """Of every process what stands behind its name: the state, the parent, …"""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it ended meanwhile; its parent has its time
                found[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
    return found


def _tree(stats: Mapping[int, Sequence[str]], root: int) -> list[int]:
    children: dict[int, list[int]] = defaultdict(list)
    for process, fields in stats.items():
        children[int(fields[1])].append(process)
    found = [root]
    for process in found:
        found += children[process]
    return found


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
