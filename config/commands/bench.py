"""`rollcall bench`."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from config.bench.audience import measure_preview
from config.bench.fanout import measure_fanout, show
from config.bench.stage import stage
from config.runtime import runtime


@click.group()
def command() -> None:
    """Measure, on a database made for it and dropped afterwards. Timings drift between machines: trust ratios."""


@command.command()
@click.option("--people", multiple=True, type=click.IntRange(min=1), default=(10_000,), show_default=True)
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
def fanout(people: tuple[int, ...], as_json: bool) -> None:
    """Send an alert to everyone in one country through a sink that speaks Twilio's API."""
    rows = []
    with runtime(broker=True, statement_timeout=0) as process:
        for number in people:
            with stage(process) as place:
                rows.append(measure_fanout(place, number))
    show(rows)
    if as_json:
        click.echo(json.dumps([asdict(row) | {"rate": row.rate} for row in rows]))


@command.command()
@click.option("--people", type=click.IntRange(min=1), default=1_000_000, show_default=True)
def audience(people: int) -> None:
    """Preview an audience of all the people of one country."""
    with runtime(statement_timeout=0) as process, stage(process) as place:
        median, slowest, reached = measure_preview(place, people)
    click.echo(f"{people:,} people, {reached:,} contact points reached")
    click.echo(f"preview: {median * 1000:.0f} ms, at the slowest {slowest * 1000:.0f} ms")
