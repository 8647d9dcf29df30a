"""Kannel, the SMS gateway written in C, where Debian's package is installed: its store on disk, our sink its SMSC."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from config.listening import free_ports

FOLDERS = os.pathsep.join(("/usr/sbin", "/usr/local/sbin", os.defpath))

_CONFIGURATION = """
group = core
admin-port = {admin}
admin-password = bench
smsbox-port = {box}
smsbox-max-pending = 1000
sms-resend-freq = 1
store-type = file
store-location = {folder}/store
box-allow-ip = 127.0.0.1
log-file = {folder}/bearerbox.log
log-level = 3

group = smsc
smsc = http
system-type = generic
smsc-id = sink
port = {incoming}
connect-allow-ip = 127.0.0.1
max-pending-submits = 160
send-url = "http://127.0.0.1:{sink}/kannel?from=%p&to=%P&text=%b"
status-success-regex = "ok"
status-permfail-regex = "no"
status-tempfail-regex = "later"

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
log-file = {folder}/smsbox.log
log-level = 3

group = sendsms-user
username = bench
password = bench
"""


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running Kannel."""

    send_url: str
    """Asking for it submits one message."""
    pids: tuple[int, ...]


def is_installed() -> bool:
    """Whether Debian's `kannel` is here."""
    return shutil.which("bearerbox", path=FOLDERS) is not None


@contextmanager
def kannel(sink_port: int) -> Iterator[Gateway]:
    """Bearerbox and smsbox, for as long as the block runs."""
    names = ("admin", "box", "incoming", "sendsms")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rollcall-kannel-")))
        configuration = folder / "kannel.conf"
        configuration.write_text(_CONFIGURATION.format(folder=folder, sink=sink_port, **ports))
        pids = []
        for program, port in (("bearerbox", ports["box"]), ("smsbox", ports["sendsms"])):
            path = shutil.which(program, path=FOLDERS)
            assert path
            child = subprocess.Popen(
                [path, str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            stack.callback(_end, child)
            pids.append(child.pid)
            _wait_for(port)
        fields = {
            "username": "bench",
            "password": "bench",
            "from": "+15005550006",
            "to": "+999700123456",
            "text": "Earthquake near Tripoli. Leave tall buildings. Wait outside. Next news at 18:00.",
        }
        url = f"http://127.0.0.1:{ports['sendsms']}/cgi-bin/sendsms?{urlencode(fields)}"
        yield Gateway(url, tuple(pids))


def _wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError("Kannel does not start")


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
