"""Ports of this machine: whether one can be had, whether the pages answer there, which ones are free."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException

from config.errors import Misconfigured


def claim_port(host: str, port: int, patience: float) -> None:
    """See that one can listen on a port; a taken one gets `patience` seconds. Raises Misconfigured."""
    deadline = time.monotonic() + patience
    while True:
        try:
            family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
                probe.listen(1)
        except socket.gaierror:
            raise Misconfigured(f"{host} is not an address of this machine.") from None
        except PermissionError:
            raise Misconfigured(
                f"Port {port} may not be used by an ordinary user: try --port 8000."
            ) from None
        except OSError as error:
            if time.monotonic() > deadline:
                raise Misconfigured(
                    f"Can't listen on {host} port {port}: {error.strerror}. Does Rollcall run already? "
                    f"Otherwise choose another port: rollcall up --port {min(port + 1, 65535)}"
                ) from None
            time.sleep(0.1)
        else:
            return


def is_ready(host: str, port: int) -> bool:
    """Whether the web process that listens there says it can serve."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = HTTPConnection(name, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (HTTPException, OSError):
        return False
    finally:
        connection.close()


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on just now; held open together, so that all differ."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
