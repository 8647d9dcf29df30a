"""What is done to processes and servers while an alert is sent."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress

import psycopg
from redis import Redis

from config.bench.faults.ground import Ground
from config.bench.faults.proxy import Proxy
from config.bench.meter import tree
from config.database import libpq_address
from config.embedded.errors import EmbeddedError
from workers.dispatcher import LEADER_LOCK

KILLS = 100
NOWHERE = "redis://127.0.0.1:1/0"
FROZEN = 60.0
"""Seconds."""
DICE = random.Random(1)  # noqa: S311 - the same victims each time


def kill_workers(ground: Ground) -> None:
    """Every half second one of them, by SIGKILL, and a new one in its place."""
    for number in range(KILLS):
        victim = DICE.choice(ground.workers)
        victim.kill()
        victim.start()
        if number % 20 == 19:
            ground.tell(f"  {number + 1} workers killed, {ground.twilio.count():,} messages taken")
        time.sleep(0.5)


def kill_dispatchers(ground: Ground) -> None:
    """Ten times, now one and now the other."""
    for number in range(10):
        victim = ground.dispatchers[number % len(ground.dispatchers)]
        victim.kill()
        time.sleep(1.0)
        victim.start()
        time.sleep(1.0)


def kill_redis(ground: Ground) -> None:
    """Twenty times."""
    valkey = ground.valkey
    assert valkey
    for _ in range(20):
        if valkey.pid:
            os.kill(valkey.pid, signal.SIGKILL)
        time.sleep(0.5)
        valkey.start()
        time.sleep(1.0)


def flush_redis(ground: Ground) -> None:
    """Ten times: every task that is queued is gone."""
    with Redis.from_url(ground.settings["REDIS_URL"]) as client:
        for _ in range(10):
            client.flushall()
            time.sleep(1.0)


def without_redis(ground: Ground) -> None:
    """Nobody listens where it should be."""
    ground.settings["REDIS_URL"] = NOWHERE


def through_proxy(ground: Ground) -> None:
    """Redis is reached through a proxy."""
    ground.proxy = Proxy(ground.settings["REDIS_URL"])
    ground.stack.callback(ground.proxy.close)
    ground.settings["REDIS_URL"] = ground.proxy.url


def cut_proxy(ground: Ground) -> None:
    """Every connection dies without a word; new ones work after 30 seconds."""
    assert ground.proxy
    ground.proxy.cut()
    time.sleep(30)
    ground.proxy.mend()


def restart_postgres(ground: Ground) -> None:
    """Ten times: in order, or by killing all its processes."""
    postgres = ground.postgres
    assert postgres
    for number in range(10):
        if number % 2:
            _signal_postgres(ground, signal.SIGKILL)
            time.sleep(0.5)
        else:
            postgres.stop()
        postgres.start()
        time.sleep(3.0)


def freeze_postgres(ground: Ground) -> None:
    """A minute in which its processes stand still and every connection stays open."""
    _signal_postgres(ground, signal.SIGSTOP)
    time.sleep(FROZEN)
    _signal_postgres(ground, signal.SIGCONT)


def fill_disk(ground: Ground) -> None:
    """For 20 seconds not a byte can be written where PostgreSQL and Valkey keep their files."""
    postgres = ground.postgres
    assert postgres
    balloon = ground.home / "balloon"
    until = time.monotonic() + 20
    with balloon.open("wb", buffering=0) as file:
        while time.monotonic() < until:
            with suppress(OSError):
                while file.write(b"\0" * 1_000_000):
                    pass
            _revive(ground)
            time.sleep(0.5)
    balloon.unlink()
    for _ in range(60):
        _revive(ground)
        time.sleep(0.5)


def cut_leaders(ground: Ground) -> None:
    """Ten times the leader's connection is cut: it loses its lock while it works, and the other takes over."""
    with psycopg.connect(libpq_address(ground.stage.database_url), autocommit=True) as connection:
        for _ in range(10):
            connection.execute(
                "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
                " WHERE l.locktype = 'advisory' AND l.objid = %s AND l.granted AND a.datname = current_database()",
                [LEADER_LOCK],
            )
            time.sleep(1.0)


def restart_all(ground: Ground) -> None:
    """Each process in turn is asked to end, and another takes its place; twice, as for two new releases."""
    for hand in ground.hands * 2:
        hand.end()
        hand.start()
        time.sleep(1.0)


def storm(ground: Ground) -> None:
    """All workers die, the leading dispatcher dies, Redis forgets."""
    ground.wait_for(0.3)
    for hand in (*ground.workers, ground.dispatchers[0]):
        hand.kill()
    with Redis.from_url(ground.settings["REDIS_URL"]) as client:
        client.flushdb()
    ground.end_leases()
    for hand in (*ground.workers, ground.dispatchers[0]):
        hand.start()


def nothing(_: Ground) -> None:
    """What goes wrong goes wrong elsewhere."""


def _signal_postgres(ground: Ground, number: signal.Signals) -> None:
    assert ground.postgres and ground.postgres.pid
    for process in tree(ground.postgres.pid):
        with suppress(ProcessLookupError):
            os.kill(process, number)


def _revive(ground: Ground) -> None:
    """As `rollcall up` does: a server that ended is started again."""
    for server in (ground.postgres, ground.valkey):
        if server and not server.alive():
            with suppress(EmbeddedError, OSError):
                server.start()
