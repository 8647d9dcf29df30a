"""`rollcall up`."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click
from psycopg.errors import DiskFull
from sqlalchemy.exc import DBAPIError

from config.database import bind, make_engine
from config.embedded import Embedded, Services
from config.errors import Misconfigured
from config.first_start import Credentials, first_officers
from config.listening import claim_port, is_ready
from config.migrate import migrate
from config.runtime import addresses, load_settings, make_keyring
from config.settings import Settings
from config.stop_request import StopRequest
from config.supervisor import Supervisor
from workers.erasures import replay

PROCESSES = ("web", "worker", "dispatcher")
PORT_PATIENCE = 5.0  # seconds: what is left of an earlier run that was killed lets go of the port


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the pages.  [default: PORT, else 8000]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--verbose", "-v", is_flag=True, help="Show the logs of all processes here as well.")
def command(port: int | None, host: str, verbose: bool) -> None:
    """Run everything on this machine: database, broker, web, worker, dispatcher. Ctrl-C stops it."""
    settings = load_settings()
    settings = settings.model_copy(update={"port": port or settings.port})
    request = StopRequest()
    home = settings.rollcall_home.absolute()
    embedded = Embedded(home, database=settings.database_url is None, broker=settings.broker_address is None)
    try:
        claim_port(host, settings.port, PORT_PATIENCE if home.exists() else 0)
        _run(settings, embedded, request, host, verbose)
    finally:
        embedded.stop()
    click.echo("Rollcall has stopped.")


def _run(settings: Settings, embedded: Embedded, request: StopRequest, host: str, verbose: bool) -> None:
    services = embedded.start()
    settings = _addressed(settings, services)
    credentials = _prepare(settings)
    logs = settings.rollcall_home.absolute() / "log"
    supervisor = Supervisor(logs, click.echo, echo=verbose)
    _introduce(settings, credentials, logs)
    try:
        for name in () if request else PROCESSES:
            supervisor.add(name, _command(name, host, settings.port), _environment(settings))
        _watch(supervisor, embedded, request, settings, host)
    finally:
        supervisor.stop()


def _addressed(settings: Settings, services: Services) -> Settings:
    """The settings with the addresses of what was started."""
    url, owner = addresses(settings, services)
    return settings.model_copy(
        update={
            "database_url": url,
            "database_owner_url": owner,
            "redis_url": settings.redis_url or services.redis_url,
        }
    )


def _prepare(settings: Settings) -> list[Credentials]:
    """Bring the database to the newest shape, and fill it on the first start."""
    url = str(settings.database_url)
    try:
        migrate(str(settings.database_owner_url), url)
        engine = make_engine(url, pool_size=1)
        bind(engine)
        try:
            keyring = make_keyring(settings)
            if erased := replay(keyring, settings.audit_folder):
                click.echo(
                    f"An older database was restored: {erased} of its people had been erased, and are erased again."
                )
            return first_officers(keyring, settings.one_time_life)
        finally:
            engine.dispose()
    except DBAPIError as error:
        if isinstance(error.orig, DiskFull):
            raise Misconfigured("The disk that holds the database is full. Make room there.") from None
        raise Misconfigured(
            f"the database can't be used: {str(error.orig).strip().splitlines()[0]}"
        ) from None


def _introduce(settings: Settings, credentials: list[Credentials], logs: Path) -> None:
    """Say what a new user must know, and what can be known only now."""
    if credentials:
        line = "─" * 72
        click.echo(
            f"{line}\n  First start. Sign in at {settings.base_url}/console with these one-time passwords:\n"
        )
        for officer in credentials:
            click.echo(f"    {officer.email:<28} {officer.password}")
        click.echo("\n  They are shown only now. More officers: rollcall officer add --help\n" + line)
    if "sandbox" in settings.sms_providers:
        click.echo("No Twilio settings: SMS stay in the sandbox, at /console/sandbox.")
    if settings.smtp_url is None:
        click.echo("No SMTP_URL: emails stay in the sandbox, at /console/sandbox.")
    click.echo(f"Logs are in {logs}. Ctrl-C stops Rollcall.")


def _command(name: str, host: str, port: int) -> list[str]:
    options = ["--host", host, "--port", str(port), "--checked"] if name == "web" else []
    return [sys.executable, "-m", "config.cli", name, *options]


def _environment(settings: Settings) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": str(settings.database_url),
        "DATABASE_OWNER_URL": "",  # theirs is not to change the tables
        "REDIS_URL": settings.redis_url or "",
        "ROLLCALL_HOME": str(settings.rollcall_home.absolute()),
        "PORT": str(settings.port),
        "PYTHONUNBUFFERED": "1",
    }


def _watch(
    supervisor: Supervisor, embedded: Embedded, request: StopRequest, settings: Settings, host: str
) -> None:
    """Keep everything running until asked to stop, and say when it is ready."""
    ready = False
    while not request:
        supervisor.check()
        if not embedded.alive():
            click.echo("A server ended; starting it again.")
            embedded.start()
        if not ready and is_ready(host, settings.port):
            ready = True
            click.echo(f"Rollcall is ready at {settings.base_url}")
        time.sleep(0.2 if ready else 0.05)
