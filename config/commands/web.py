"""`rollcall web`."""

from __future__ import annotations

import os
import resource

import click
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), help="Default: PORT, else 8000.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes.")
@click.option(
    "--checked", is_flag=True, hidden=True, help="Whoever starts this has seen to settings and database."
)
def command(host: str, port: int | None, workers: int, checked: bool) -> None:
    """Serve the pages, the API and the webhooks."""
    if checked and port:
        _serve(host, port, workers)
        return
    from config.listening import claim_port
    from config.runtime import runtime  # not above: `rollcall up` wants its pages soon

    with runtime(pool_size=1) as process:
        port = port or process.settings.port
        claim_port(host, port, 0)
        process.engine.dispose()
        # An embedded database is this process's, not a worker's; and none of theirs is to change the tables.
        os.environ |= {"DATABASE_URL": process.database_url, "DATABASE_OWNER_URL": ""}
        _serve(host, port, workers)


def _serve(host: str, port: int, workers: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a connection is an open file
    Granian(
        "config.rsgi:server",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=workers,
        backlog=1024,
        backpressure=4096 // workers,  # open connections, also idle ones; a proxy keeps many
        # Milliseconds and bytes: whoever sends a request line for longer, or more of it, is no browser.
        http1_settings=HTTP1Settings(header_read_timeout=10_000, max_buffer_size=64 * 1024),
        log_level=LogLevels.error,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=3,  # seconds: a worker told to stop while it starts would be waited for without end
    ).serve()
