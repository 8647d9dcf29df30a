"""`rollcall web`."""

from __future__ import annotations

import click
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), help="Default: PORT, else 8000.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes.")
def command(host: str, port: int | None, workers: int) -> None:
    """Serve the pages, the API and the webhooks."""
    from config.runtime import load_settings

    Granian(
        "config.wsgi:app",
        address=host,
        port=port or load_settings().port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=16,
        backlog=1024,
        # Milliseconds and bytes: whoever sends a request line for longer, or more of it, is no browser.
        http1_settings=HTTP1Settings(header_read_timeout=10_000, max_buffer_size=64 * 1024),
        log_level=LogLevels.warning,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=3,  # seconds: a worker told to stop while it starts would be waited for without end
    ).serve()
