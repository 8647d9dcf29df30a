"""A Twilio of our own. In tests: `with FakeTwilio() as twilio`; by hand: `python -m tests.fakes.twilio`."""

from __future__ import annotations

import argparse
import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.fakes.http import Exchange
from tests.fakes.process import FakeServer, announce, parent_gone
from tests.fakes.twilio_api import Api

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "fake-token-of-a-fake-account"


@dataclass(frozen=True, slots=True)
class Taken:
    """A message the fake accepted."""

    sid: str
    to: str
    from_: str  # the number, or the messaging service
    body: str
    status_callback: str | None
    validity: int | None
    at: float  # Unix time


class FakeTwilio(FakeServer):
    """Faults: slow, busy (429), code, status, close, reset, silent. A rule with `receipts` reports."""

    module = "tests.fakes.twilio"

    def __init__(self, account_sid: str = ACCOUNT_SID, auth_token: str = AUTH_TOKEN, port: int = 0) -> None:
        super().__init__("--port", str(port), "--account-sid", account_sid, "--auth-token", auth_token)
        self.account_sid, self.auth_token = account_sid, auth_token

    def messages(self) -> list[Taken]:
        """Every message accepted, in order."""
        return [
            Taken(
                m["sid"], m["to"], m["from"] or m["messaging_service_sid"] or "", m["body"],
                m["status_callback"], m["validity"], m["at"],
            )
            for m in self.pages()
        ]  # fmt: skip

    def set_clock(self, ahead: float) -> None:
        """Let its clock be so many seconds ahead of this machine's."""
        self.call("/clock", {"ahead": ahead})

    def webhooks_go_to(self, base: str | None) -> None:
        """Post webhooks to this scheme, host and port; they stay signed for the public address."""
        self.call("/webhooks", {"base": base})

    def wait_for_receipts(self, seconds: float = 120) -> dict[int, int]:
        """Wait until every receipt is posted; how many answers there were of each HTTP status, 0 for none."""
        end = time.monotonic() + seconds
        while (state := self.call("/receipts"))["open"] and time.monotonic() < end:
            time.sleep(0.05)
        assert not state["open"], "receipts are still on their way"
        return {int(status): number for status, number in state["answered"].items()}

    def send_inbound(self, from_: str, to: str, body: str, url: str, signed: bool = True) -> tuple[int, str]:
        """A phone sends a message: post it to our webhook; the status and body answered."""
        form = {"from": from_, "to": to, "body": body, "url": url, "signed": signed}
        answer = self.call("/inbound", form)
        return answer["status"], answer["body"]


class Server:
    """Routes the admin path apart from the API."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def handle(self, exchange: Exchange) -> None:
        if exchange.path.startswith("/_/"):
            self.acting = asyncio.ensure_future(self._admin(exchange))
        else:
            self.api.handle(exchange)

    async def _admin(self, exchange: Exchange) -> None:
        try:
            exchange.answer(200, await self._act(exchange.path[3:], exchange))
        except Exception as error:
            exchange.answer(500, repr(error))

    async def _act(self, name: str, exchange: Exchange) -> dict[str, Any]:
        api, postman = self.api, self.api.postman
        wanted: dict[str, Any] = exchange.json() if exchange.body else {}
        if name == "behave":
            api.rules.add(wanted)
        elif name == "reset":
            api.clear()
            postman.answered.clear()
        elif name == "clock":
            api.ahead = float(wanted["ahead"])
        elif name == "webhooks":
            postman.base = wanted["base"]
        elif name == "inbound":
            status, body = await self._inbound(wanted)
            return {"status": status, "body": body}
        elif name == "messages":
            first, limit = (int(exchange.params()[key]) for key in ("offset", "limit"))
            return {"messages": api.messages[first : first + limit]}
        return {"count": len(api.messages), "open": postman.open_jobs, "answered": dict(postman.answered)}

    async def _inbound(self, wanted: dict[str, Any]) -> tuple[int, str]:
        sid = f"SM{time.time_ns():032x}"
        form = {
            "AccountSid": self.api.account_sid, "ApiVersion": "2010-04-01", "Body": wanted["body"],
            "From": wanted["from"], "To": wanted["to"], "MessageSid": sid, "SmsSid": sid,
            "SmsMessageSid": sid, "SmsStatus": "received", "NumMedia": "0", "NumSegments": "1",
        }  # fmt: skip
        signature = self.api.postman.sign(wanted["url"], form) if wanted["signed"] else None
        return await self.api.postman.post(wanted["url"], form, signature)


async def serve(port: int, account_sid: str, auth_token: str, with_parent: bool) -> None:
    server = Server(Api(account_sid, auth_token))
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: Exchange(server.handle), "127.0.0.1", port, backlog=1024)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    announce(url, f"{url}/_")
    await (parent_gone() if with_parent else listening.serve_forever())


def main() -> None:
    parser = argparse.ArgumentParser(description="A fake Twilio. The first line it prints says where.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--account-sid", default=ACCOUNT_SID)
    parser.add_argument("--auth-token", default=AUTH_TOKEN)
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    options = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(options.port, options.account_sid, options.auth_token, options.with_parent))


if __name__ == "__main__":
    main()
