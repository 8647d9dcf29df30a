"""`rollcall bench`."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from config.bench.audience import measure_preview
from config.bench.enumeration import FORMS
from config.bench.enumeration import measure as measure_enumeration
from config.bench.enumeration import show as show_enumeration
from config.bench.fanout import compete, summary
from config.bench.fanout import show as show_standings
from config.bench.faults.catalogue import FAULTS
from config.bench.faults.running import play, table
from config.bench.inbound import measure as measure_inbound
from config.bench.receipts import measure as measure_receipts
from config.bench.register import measure as measure_registrations
from config.bench.scale import measure
from config.bench.scale import show as show_scale
from config.bench.stage import stage
from config.runtime import runtime


@click.group()
def command() -> None:
    """Measure, on a database made for it and dropped afterwards. Timings drift between machines: trust ratios."""


@command.command(short_help="Against other ways of sending.")
@click.option("--people", type=click.IntRange(min=100), default=20_000, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
@click.option(
    "--latency", "latencies", multiple=True, type=click.IntRange(0, 10_000), default=(0, 100), show_default=True,
    help="Milliseconds until the provider answers; may be given several times.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
def fanout(people: int, rounds: int, latencies: tuple[int, ...], as_json: bool) -> None:
    """Send to many beside other ways of doing it, in turn, and print medians and ratios."""
    with runtime(broker=True, statement_timeout=0) as process, stage(process) as place:
        found = compete(place, people, rounds, latencies)
    show_standings(found)
    if as_json:
        click.echo(json.dumps(summary(found)))


@command.command(short_help="To few and to many, by one worker and several.")
@click.option("--people", multiple=True, type=click.IntRange(min=1), default=(10_000,), show_default=True)
@click.option("--workers", multiple=True, type=click.IntRange(1, 16), default=(1,), show_default=True)
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
def scale(people: tuple[int, ...], workers: tuple[int, ...], as_json: bool) -> None:
    """Send the same alert to few and to many, by one worker and by several."""
    rows = []
    with runtime(broker=True, statement_timeout=0) as process:
        for number in people:
            for crew in workers:
                with stage(process) as place:
                    rows.append(measure(place, number, crew))
    show_scale(rows)
    if as_json:
        click.echo(json.dumps([asdict(row) | {"rate": row.rate} for row in rows]))


@command.command(short_help="Preview an audience of many.")
@click.option("--people", type=click.IntRange(min=1), default=1_000_000, show_default=True)
def audience(people: int) -> None:
    """Preview an audience of all the people of one country."""
    with runtime(statement_timeout=0) as process, stage(process) as place:
        median, slowest, reached = measure_preview(place, people)
    click.echo(f"{people:,} people, {reached:,} contact points reached")
    click.echo(f"preview: {median * 1000:.0f} ms, at the slowest {slowest * 1000:.0f} ms")


@command.command(short_help="Whatever dies: audit what was sent.")
@click.option("--only", multiple=True, type=click.Choice(list(FAULTS)), help="May be given several times.")
@click.option("--people", type=click.IntRange(min=50), help="Another number of them than each fault's own.")
def faults(only: tuple[str, ...], people: int | None) -> None:
    """Send an alert while something dies, fault by fault, on servers started for it, and compare the ledger with what
    the provider really took. Fails when anybody is lost, told twice, or unknown to the ledger."""
    rows = []
    wanted = [fault for name, fault in FAULTS.items() if not only or name in only]
    for row in play(wanted, people, click.echo):
        rows.append(row)
        click.echo(table([row]).splitlines()[-1])
    click.echo("\n" + table(rows))
    if not all(row.sound for row in rows):
        raise SystemExit(1)


@command.command()
@click.option(
    "--tries", type=click.IntRange(min=1), default=2000, show_default=True, help="Of each kind, at each form."
)
@click.option(
    "--form",
    "forms",
    multiple=True,
    type=click.Choice(FORMS),
    help="Only this one; may be given several times.",
)
def enumeration(tries: int, forms: tuple[str, ...]) -> None:
    """Compare how long forms take about somebody known and about nobody; fails at 5 ms between the medians."""
    with runtime(statement_timeout=0) as process, stage(process) as place:
        even = show_enumeration(measure_enumeration(place, tries, forms or FORMS))
    if not even:
        raise SystemExit(1)


@command.command(short_help="Register people over the API.")
@click.option(
    "--rate", type=click.FloatRange(min=0), default=500, show_default=True, help="A second; 0: all it can."
)
@click.option("--seconds", type=click.FloatRange(min=1), default=20, show_default=True)
@click.option("--workers", type=click.IntRange(1, 16), default=2, show_default=True, help="Web processes.")
def register(rate: float, seconds: float, workers: int) -> None:
    """Register people one by one over the API at a steady rate, each with an Idempotency-Key."""
    with runtime(broker=True, statement_timeout=0) as process, stage(process) as place:
        served = measure_registrations(place, rate, seconds, workers)
    click.echo("\n".join(served.lines()))
    if served.posted.others(201):
        raise SystemExit(1)


@command.command(short_help="Take in receipts beside an alert.")
@click.option("--people", type=click.IntRange(min=10), default=10_000, show_default=True)
@click.option(
    "--rate", type=click.FloatRange(min=0), default=1000, show_default=True, help="A second; 0: all it can."
)
@click.option("--workers", type=click.IntRange(1, 16), default=2, show_default=True, help="Web processes.")
def receipts(people: int, rate: float, workers: int) -> None:
    """Post signed receipts, two for each message of an alert, while another alert is sent."""
    with runtime(broker=True, statement_timeout=0) as process, stage(process) as place:
        taken = measure_receipts(place, people, rate, workers)
    click.echo("\n".join(taken.lines()))
    if taken.lost or taken.served.posted.others(204):
        raise SystemExit(1)


@command.command(short_help="Take in answers by SMS.")
@click.option("--people", type=click.IntRange(min=10), default=1000, show_default=True)
@click.option(
    "--rate", type=click.FloatRange(min=0), default=200, show_default=True, help="A second; 0: all it can."
)
@click.option("--workers", type=click.IntRange(1, 16), default=2, show_default=True, help="Web processes.")
def inbound(people: int, rate: float, workers: int) -> None:
    """Let everybody whom an alert reached answer it by SMS at once, one in ten by a call for help."""
    with runtime(broker=True, statement_timeout=0) as process, stage(process) as place:
        heard = measure_inbound(place, people, rate, workers)
    click.echo("\n".join(heard.lines()))
    if heard.lost or heard.served.posted.others(200):
        raise SystemExit(1)
