"""A Kannel and a Jasmin in one. In tests: `with FakeGateway() as gateway`; by hand: `python -m tests.fakes.gateway`."""

from __future__ import annotations

import argparse
import asyncio
import uuid
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, build_opener

from tests.fakes.http import Exchange
from tests.fakes.process import FakeServer, announce, parent_gone
from tests.fakes.rules import Rule, Rules

USER, PASSWORD = "rollcall", "secret of the fake"
STATUSES = {
    "delivered": ("1", "DELIVRD"),
    "undelivered": ("2", "UNDELIV"),
    "refused": ("16", "ESME_RINVDSTADR"),
}

_direct = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Taken:
    """A message the fake accepted."""

    to: str
    text: str
    coding: str
    from_: str
    minutes: int
    receipts: str | None


class FakeGateway(FakeServer):
    """Faults: status (with `text`), close, silent. A rule with `receipts` tells of delivered, undelivered, refused."""

    module = "tests.fakes.gateway"

    def messages(self) -> list[Taken]:
        """Every message accepted, in order."""
        return [Taken(**message) for message in self.pages()]

    def kannel(self) -> str:
        return f"{self.url}/cgi-bin/sendsms"

    def jasmin(self) -> str:
        return f"{self.url}/send"

    def answered(self) -> list[str]:
        """What was answered to the receipts so far, each "status body"."""
        found: list[str] = self.call("/answered")["answered"]
        return found


class Server:
    """Both interfaces, and the admin path."""

    def __init__(self) -> None:
        self.rules = Rules()
        self.taken: list[dict[str, Any]] = []
        self.answered: list[str] = []

    def handle(self, exchange: Exchange) -> None:
        if exchange.path.startswith("/_/"):
            exchange.answer(200, self._act(exchange.path[3:], exchange))
        elif exchange.path == "/cgi-bin/sendsms" and exchange.method == "GET":
            self._kannel(exchange, exchange.params())
        elif exchange.path == "/balance":
            account = (exchange.params().get("username"), exchange.params().get("password"))
            exchange.answer(200 if account == (USER, PASSWORD) else 403, "{}", kind="text/plain")
        elif exchange.path == "/send" and exchange.method == "POST":
            self._jasmin(exchange, exchange.form())
        else:
            exchange.answer(404, "Unknown request.", kind="text/plain")

    def _act(self, name: str, exchange: Exchange) -> dict[str, Any]:
        if name == "behave":
            self.rules.add(exchange.json())
        elif name == "reset":
            self.rules.clear()
            self.taken.clear()
            self.answered.clear()
        elif name == "messages":
            first, limit = (int(exchange.params()[key]) for key in ("offset", "limit"))
            return {"messages": self.taken[first : first + limit]}
        return {"count": len(self.taken), "answered": self.answered}

    def _kannel(self, exchange: Exchange, form: dict[str, str]) -> None:
        if (form.get("username"), form.get("password")) != (USER, PASSWORD):
            exchange.answer(403, "Authorization failed for sendsms", kind="text/plain")
            return
        if not form.get("to"):
            exchange.answer(400, "Missing receiver number, rejected", kind="text/plain")
            return
        message = {
            "to": form["to"], "text": form["text"], "coding": form["coding"], "from_": form.get("from", ""),
            "minutes": int(form["validity"]), "receipts": form.get("dlr-url"),
        }  # fmt: skip
        self._take(exchange, message, 202, "0: Accepted for delivery")

    def _jasmin(self, exchange: Exchange, form: dict[str, str]) -> None:
        if (form.get("username"), form.get("password")) != (USER, PASSWORD):
            exchange.answer(403, 'Error "Authentication failure for username"', kind="text/plain")
            return
        wide = form["coding"] == "8"
        text = bytes.fromhex(form["hex-content"]).decode("utf-16-be") if wide else form["content"]
        message = {
            "to": form["to"], "text": text, "coding": form["coding"], "from_": form.get("from", ""),
            "minutes": int(form["validity-period"]), "receipts": form.get("dlr-url"),
        }  # fmt: skip
        self._take(exchange, message, 200, f'Success "{uuid.uuid4()}"')

    def _take(self, exchange: Exchange, message: dict[str, Any], status: int, body: str) -> None:
        rule = self.rules.fault(message["to"]) or Rule()
        if rule.accepted or not rule.fault:
            self.taken.append(message)
            self._report(message, told_by_get=status == 202)
        if not rule.fault:
            exchange.answer(status, body, kind="text/plain")
        elif rule.fault == "status":
            exchange.answer(rule.status, rule.text, kind="text/plain")
        elif rule.fault == "close":
            exchange.close()

    def _report(self, message: dict[str, Any], told_by_get: bool) -> None:
        rule = self.rules.receipt(message["to"])
        if rule and message["receipts"]:
            for word in rule.receipts:
                post = partial(self._post, message["receipts"], word, told_by_get)
                asyncio.get_running_loop().run_in_executor(None, post)

    def _post(self, address: str, word: str, told_by_get: bool) -> None:
        kannel, jasmin = STATUSES[word]
        if told_by_get:
            answer = quote("NACK/0x0000000b/Invalid Destination" if word == "refused" else f"stat:{jasmin}")
            url = address.replace("%d", kannel).replace("%A", answer).replace("%F", "smsc-1")
            data = None
        else:
            url, data = address, urlencode({"id": "j-1", "message_status": jasmin, "level": "2"}).encode()
        with _direct.open(url, data, timeout=15) as reply:
            self.answered.append(f"{reply.status} {reply.read().decode()}".strip())


async def serve(with_parent: bool) -> None:
    server = Server()
    listening = await asyncio.get_running_loop().create_server(
        lambda: Exchange(server.handle), "127.0.0.1", 0, backlog=1024
    )
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    announce(url, f"{url}/_")
    await (parent_gone() if with_parent else listening.serve_forever())


def main() -> None:
    parser = argparse.ArgumentParser(description="A fake gateway. The first line it prints says where.")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args().with_parent))


if __name__ == "__main__":
    main()
