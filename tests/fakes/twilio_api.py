"""What the fake Twilio answers: the message resources of the 2010-04-01 API, as far as we use them."""

from __future__ import annotations

import asyncio
import base64
import os
import re
from collections import defaultdict
from datetime import UTC, datetime
from email.utils import format_datetime, formatdate
from typing import Any
from urllib.parse import quote

from tests.fakes.http import Exchange
from tests.fakes.rules import Rule, Rules
from tests.fakes.twilio_receipts import Job, Post, Postman

STATUSES = {20003: 401, 20404: 404, 20429: 429}
PHONE = re.compile(r"\+[1-9]\d{6,14}")


class Api:
    """One account: its messages, its rules, its webhooks."""

    def __init__(self, account_sid: str, auth_token: str) -> None:
        self.account_sid, self.auth_token = account_sid, auth_token
        basic = base64.b64encode(f"{account_sid}:{auth_token}".encode())
        self.authorization = b"\r\nauthorization: basic " + basic.lower() + b"\r\n"
        self.path = f"/2010-04-01/Accounts/{account_sid}"
        self.rules = Rules()
        self.postman = Postman(auth_token)
        self.clear()

    def clear(self) -> None:
        self.rules.clear()
        self.messages: list[dict[str, Any]] = []
        self.by_sid: dict[str, dict[str, Any]] = {}
        self.by_to: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.ahead = 0.0

    def now(self) -> float:
        """Unix time by Twilio's clock."""
        return datetime.now(UTC).timestamp() + self.ahead

    def handle(self, exchange: Exchange) -> None:
        if self.authorization not in exchange.head.lower() + b"\r\n":
            refuse(exchange, 20003, "Authenticate")
        elif exchange.path == f"{self.path}/Messages.json":
            (self._create if exchange.method == "POST" else self._list)(exchange)
        elif exchange.path == f"{self.path}.json":
            exchange.answer(200, {"sid": self.account_sid, "status": "active", "friendly_name": "Fake"})
        elif message := self.by_sid.get(exchange.path.removesuffix(".json").rpartition("/")[2]):
            exchange.answer(200, resource(message))
        else:
            refuse(exchange, 20404, f"The requested resource {exchange.path} was not found")

    def _create(self, exchange: Exchange) -> None:
        form = exchange.form()
        rule = self.rules.fault(form.get("To", ""))
        if rule and not rule.accepted and rule.fault not in ("", "slow"):
            later(rule.latency, misbehave, exchange, rule, None)
        elif not PHONE.fullmatch(form.get("To", "")):
            refuse(exchange, 21211, f"The 'To' number {form.get('To')} is not a valid phone number.")
        elif not 0 < len(form.get("Body", "")) <= 1600:
            refuse(exchange, 21617 if form.get("Body") else 21602, "Message body is missing or too long.")
        else:
            message = self._take(form)
            early = self._report(message)
            wait = (rule.latency if rule else 0.0) + (0.05 if early else 0.0)
            later(wait, misbehave, exchange, rule or Rule(), resource(message))

    def _take(self, form: dict[str, str]) -> dict[str, Any]:
        message = {
            "sid": "SM" + os.urandom(16).hex(),
            "account_sid": self.account_sid,
            "to": form["To"],
            "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "body": form["Body"],
            "status_callback": form.get("StatusCallback"),
            "validity": int(form["ValidityPeriod"]) if "ValidityPeriod" in form else None,
            "status": "accepted" if "MessagingServiceSid" in form else "queued",
            "at": self.now(),
            "sent_at": None,
            "direction": "outbound-api",
        }
        self.messages.append(message)
        self.by_sid[message["sid"]] = message
        self.by_to[message["to"]].append(message)
        return message

    def _report(self, message: dict[str, Any]) -> bool:
        """Set the receipts on their way; whether they set out before the answer."""
        rule = self.rules.receipt(message["to"])
        if not rule:
            return False
        dice = self.rules.dice
        statuses = [s for status in rule.receipts for s in [status] * (1 + (dice.random() < rule.doubled))]
        if dice.random() < rule.reordered:
            dice.shuffle(statuses)
        statuses = [status for status in statuses if dice.random() >= rule.lost]
        message["status"] = rule.receipts[-1]
        message["sent_at"] = message["at"] if {"sent", "delivered"} & set(rule.receipts) else None
        if message["status_callback"]:
            job = [self._receipt(message, status, rule.code) for status in statuses]
            job += self._forgeries(message) if dice.random() < rule.forged else []
            self.postman.post_later(job, 0.0 if rule.early else max(rule.delay, 0.005))
        return rule.early

    def _receipt(self, message: dict[str, Any], status: str, code: int) -> Post:
        address = message["status_callback"]
        form = {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "MessageSid": message["sid"],
            "MessageStatus": status,
            "SmsSid": message["sid"],
            "SmsStatus": status,
            "To": message["to"],
            "From": message["from"] or "+15005550006",
        }
        if code and status in ("failed", "undelivered"):
            form["ErrorCode"] = str(code)
        return address, form, self.postman.sign(address, form)

    def _forgeries(self, message: dict[str, Any]) -> Job:
        address, form, signature = self._receipt(message, "undelivered", 30006)
        assert signature
        changed = form | {"To": "+15005550000"}
        return [(address, form, None), (address, form, signature[::-1]), (address, changed, signature)]

    def _list(self, exchange: Exchange) -> None:
        wanted = exchange.params()
        rule = self.rules.fault(wanted.get("To", ""), lists=True)
        if rule and rule.fault not in ("", "slow"):
            later(rule.latency, misbehave, exchange, rule, None)
            return
        found = list(reversed(self.by_to[wanted["To"]] if "To" in wanted else self.messages))
        found = [m for m in found if sent_within(m, wanted) and wanted.get("From") in (None, m["from"])]
        size, page = min(int(wanted.get("PageSize", 50)), 1000), int(wanted.get("Page", 0))
        rest = len(found) > size * (page + 1)
        follow = "".join(f"&{k}={quote(v)}" for k, v in wanted.items() if not k.startswith("Page"))
        target = f"{self.path}/Messages.json?PageSize={size}&Page={page + 1}&PageToken=PA{page + 1}{follow}"
        exchange.answer(
            200,
            {
                "messages": [resource(message) for message in found[size * page : size * (page + 1)]],
                "page": page,
                "page_size": size,
                "uri": exchange.path,
                "next_page_uri": target if rest else None,
            },
            f"Date: {formatdate(self.now(), usegmt=True)}\r\n",
        )


def resource(message: dict[str, Any]) -> dict[str, Any]:
    """A message as the API shows it; a date of sending only once it was sent."""
    made = format_datetime(datetime.fromtimestamp(message["at"], UTC))
    return {
        "account_sid": message["account_sid"],
        "api_version": "2010-04-01",
        "body": message["body"],
        "date_created": made,
        "date_updated": made,
        "date_sent": made if message["sent_at"] else None,
        "direction": message["direction"],
        "error_code": None,
        "error_message": None,
        "from": message["from"],
        "messaging_service_sid": message["messaging_service_sid"],
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": message["sid"],
        "status": message["status"],
        "subresource_uris": {"media": f"/2010-04-01/Accounts/{message['account_sid']}/Messages/Media.json"},
        "to": message["to"],
        "uri": f"/2010-04-01/Accounts/{message['account_sid']}/Messages/{message['sid']}.json",
    }


def sent_within(message: dict[str, Any], wanted: dict[str, str]) -> bool:
    """The DateSent filters, by day; what was not sent yet has no such date and matches none of them."""
    dates = {name: value[:10] for name, value in wanted.items() if name.startswith("DateSent")}
    day = datetime.fromtimestamp(message["sent_at"], UTC).date().isoformat() if message["sent_at"] else None
    return all(
        day is not None
        and (day >= value if name == "DateSent>" else day <= value if name == "DateSent<" else day == value)
        for name, value in dates.items()
    )


def refuse(exchange: Exchange, code: int, text: str, status: int | None = None, headers: str = "") -> None:
    """Twilio's error body."""
    status = status or STATUSES.get(code, 400)
    more = f"https://www.twilio.com/docs/errors/{code}"
    exchange.answer(status, {"code": code, "message": text, "more_info": more, "status": status}, headers)


def misbehave(exchange: Exchange, rule: Rule, taken: dict[str, Any] | None) -> None:
    """Answer as the rule says; `taken` is the message where it was taken first."""
    retry = f"Retry-After: {rule.retry_after:g}\r\n" if rule.retry_after is not None else ""
    if rule.fault in ("", "slow"):
        exchange.answer(201, taken)
    elif rule.fault == "busy":
        refuse(exchange, 20429, "Too Many Requests", headers=retry)
    elif rule.fault == "code":
        refuse(exchange, rule.code, rule.text or f"Error {rule.code} for the number asked", headers=retry)
    elif rule.fault == "status":
        exchange.answer(rule.status, rule.text or "<html>Something broke</html>", retry, "text/html")
    elif rule.fault == "close":
        exchange.close()
    elif rule.fault == "reset":
        exchange.reset()
    elif rule.fault != "silent":
        raise ValueError(f"no such fault: {rule.fault}")


def later(wait: float, call: Any, *arguments: Any) -> None:
    if wait > 0:
        asyncio.get_running_loop().call_later(wait, call, *arguments)
    else:
        call(*arguments)
