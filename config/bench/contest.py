"""The contestants of `rollcall bench fanout`: each sends a number of messages to the sink and says what it cost."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from celery import Celery
from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from config.bench import rivals
from config.bench.alerting import handed_over, house, send_alert
from config.bench.kannel import kannel
from config.bench.meter import Servers, tree_cpu
from config.bench.provider import Provider
from config.bench.stage import Stage
from config.embedded import kombu_url


@dataclass(frozen=True, slots=True)
class Turn:
    """One contestant's turn."""

    messages: int
    seconds: float
    cpu: float
    """Processor seconds of its own processes, PostgreSQL and the broker, without the sink and the publisher."""

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds

    @property
    def thrift(self) -> float:
        """Messages a second of processor time."""
        return self.messages / self.cpu


@dataclass(frozen=True, slots=True)
class Arena:
    """What all contestants share."""

    stage: Stage
    sink: Provider
    servers: Servers

    def cpu(self, *processes: int) -> float:
        """Seconds used so far by these processes and the servers."""
        return self.servers.cpu() + sum(map(tree_cpu, processes))


def limit(arena: Arena, messages: int) -> Turn:
    """Raw concurrent posts with no books kept."""
    with _loader("post", arena.sink.url, messages) as (child, go):
        before, started = tree_cpu(child.pid), time.perf_counter()
        taken = go()
        return Turn(taken, time.perf_counter() - started, tree_cpu(child.pid) - before)


def rollcall(arena: Arena, _: int) -> Turn:
    """Rollcall, whole: one worker and one dispatcher. As many messages as its registry has phones."""
    with house(arena.stage, arena.sink.url) as running:
        pids = [process.pid for process in running]
        before = arena.cpu(*pids)
        alert = send_alert(arena.stage)
        taken, seconds = handed_over(arena.stage, alert)
        return Turn(taken, seconds, arena.cpu(*pids) - before)


def tutorial(arena: Arena, messages: int) -> Turn:
    """One Celery task per recipient, `twilio.rest.Client` as shipped, an ORM update."""
    return _rival(arena, messages, saved=True, publish=lambda number: rivals.send.delay(number))


def notify(arena: Arena, messages: int) -> Turn:
    """The pattern of GOV.UK Notify: a task per row to save, a task per row to deliver."""
    return _rival(
        arena, messages, saved=False, publish=lambda number: rivals.save.delay(number, rivals.phone(number))
    )


def through_kannel(arena: Arena, messages: int) -> Turn:
    """Kannel with its store on disk, sending through its HTTP SMSC into the same sink."""
    with kannel(arena.sink.port) as gateway, _loader("get", gateway.send_url, messages) as (_, go):
        count = arena.sink.count()
        before, started = sum(map(tree_cpu, gateway.pids)), time.perf_counter()
        taken = go()  # fewer than were offered when its queue was full
        arena.sink.wait_for(count + taken)
        seconds = time.perf_counter() - started
        return Turn(taken, seconds, sum(map(tree_cpu, gateway.pids)) - before)


@contextmanager
def _loader(method: str, url: str, count: int) -> Iterator[tuple[subprocess.Popen[str], Callable[[], int]]]:
    command = [sys.executable, "-m", "config.bench.loader", method, url, str(count)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin and child.stdout
    stdin, stdout = child.stdin, child.stdout

    def go() -> int:
        stdin.write("go\n")
        stdin.flush()
        return int(stdout.readline())

    with child:
        stdout.readline()
        yield child, go
        stdin.close()


def _rival(arena: Arena, messages: int, *, saved: bool, publish: Callable[[int], Any]) -> Turn:
    """Warm the worker with one message, then publish the rest and wait until the sink has them all."""
    stage, sink = arena.stage, arena.sink
    engine = create_engine(stage.owner_url)
    rivals.Base.metadata.create_all(engine)
    app: Celery = rivals.app
    app.conf.broker_url = kombu_url(stage.process.settings.redis_url or "")
    try:
        if saved:
            rows = [
                {"id": number, "phone": rivals.phone(number), "status": "created"}
                for number in range(messages + 1)
            ]
            with Session(engine) as session, session.begin():
                session.execute(insert(rivals.Sms), rows)
        with ExitStack() as stack:
            worker = stack.enter_context(_celery_worker(stage, sink))
            target = sink.count()
            publish(0)
            sink.wait_for(target + 1)
            before, started = arena.cpu(worker.pid), time.perf_counter()
            for number in range(1, messages + 1):
                publish(number)
            sink.wait_for(target + 1 + messages)
            seconds = time.perf_counter() - started
            return Turn(messages, seconds, arena.cpu(worker.pid) - before)
    finally:
        rivals.Base.metadata.drop_all(engine)
        engine.dispose()


@contextmanager
def _celery_worker(stage: Stage, sink: Provider) -> Iterator[subprocess.Popen[bytes]]:
    """One worker process as Celery's guide starts it."""
    arguments = ["-A", "config.bench.rivals", "--quiet", "worker", "--concurrency=1", "--loglevel=ERROR"]
    settings = {
        "TWILIO_API_URL": sink.url,
        "REDIS_URL": stage.process.settings.redis_url or "",
        "PYTHONWARNINGS": "ignore",  # Celery minds running as root
    }
    with stage.run_module("celery", settings, *arguments) as worker:
        yield worker
