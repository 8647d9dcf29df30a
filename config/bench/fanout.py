"""`rollcall bench fanout`: Rollcall beside other ways to send to many, in turn, several times, in one run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import click

from config.bench.alerting import fill_registry
from config.bench.contest import Arena, Turn, limit, notify, rollcall, through_kannel, tutorial
from config.bench.kannel import is_installed
from config.bench.meter import Servers
from config.bench.provider import provider
from config.bench.stage import Stage

SLOW = {0: 500, 100: 100}
"""Messages of a task-per-recipient contestant, by latency in milliseconds: they are slow, and their rate is steady."""
OURS = "rollcall"
LABELS = {
    "limit": "raw posts, no books",
    OURS: "Rollcall, whole",
    "tutorial": "a task per recipient",
    "notify": "Notify's pattern",
    "kannel": "Kannel, store on disk",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Medians of one contestant's turns."""

    messages: int
    rate: float
    thrift: float

    @classmethod
    def of(cls, turns: Sequence[Turn]) -> Standing:
        """From all of its turns."""
        return cls(
            int(median(turn.messages for turn in turns)),
            median(turn.rate for turn in turns),
            median(turn.thrift for turn in turns),
        )


Standings = dict[str, Standing]


def compete(stage: Stage, people: int, rounds: int, latencies: Sequence[int]) -> dict[int, Standings]:
    """Let every contestant take its turn `rounds` times at each latency (milliseconds); medians by latency and name."""
    contestants: dict[str, Callable[[Arena, int], Turn]] = {
        "limit": limit,
        OURS: rollcall,
        "tutorial": tutorial,
        "notify": notify,
    }
    if is_installed():
        contestants["kannel"] = through_kannel
    fill_registry(stage, people)
    turns: dict[int, dict[str, list[Turn]]] = {latency: defaultdict(list) for latency in latencies}
    with provider() as sink:
        arena = Arena(stage, sink, Servers(stage.database_url, stage.process.settings.redis_url or ""))
        plan = [(latency, name) for _ in range(rounds) for latency in latencies for name in contestants]
        for number, (latency, name) in enumerate(plan, 1):
            click.echo(f"turn {number} of {len(plan)}: {LABELS[name]}, {latency} ms", err=True)
            sink.set_latency(latency)
            slow = name in ("tutorial", "notify")
            before, taken = sink.cpu(), sink.count()
            turn = contestants[name](arena, SLOW[0 if latency == 0 else 100] if slow else people)
            turns[latency][name].append(turn)
            if name == "limit":
                ceiling = (sink.count() - taken) / max(sink.cpu() - before, 1e-9)
    click.echo(f"The sink itself takes at most {ceiling:,.0f} messages a second on a core.", err=True)
    return {
        latency: {name: Standing.of(found) for name, found in by_name.items()}
        for latency, by_name in turns.items()
    }


def show(found: dict[int, Standings]) -> None:
    """A table for each latency."""
    for latency, standings in found.items():
        click.echo(f"\nprovider answers after {latency} ms")
        click.echo(f"{'':<24}{'messages':>9}{'a CPU-second':>14}{'a second':>11}{'Rollcall is':>13}")
        ours = standings[OURS]
        for name, standing in standings.items():
            click.echo(
                f"{LABELS[name]:<24}{standing.messages:>9,}{standing.thrift:>14,.0f}{standing.rate:>11,.0f}"
                f"{ours.thrift / standing.thrift:>12.2f}x"
            )


def summary(found: dict[int, Standings]) -> dict[str, Any]:
    """Of the first latency, in messages a CPU-second: each rate, and Rollcall divided by each other.

    A contestant that is not installed has none.
    """
    standings = next(iter(found.values()))
    ours = standings[OURS].thrift
    others = [name for name in LABELS if name != OURS]
    return {
        "rates": {name: round(standings[name].thrift, 1) if name in standings else None for name in LABELS},
        "ratios": {
            name: round(ours / standings[name].thrift, 3) if name in standings else None for name in others
        },
    }
