"""Two common ways to send a message to many, as a Celery application of their own, to measure ours against.

`tutorial`: a task per recipient that loads a row, calls `twilio.rest.Client` as it is shipped, and saves the row.
`notify`: the pattern of GOV.UK Notify: a task per message saves its row and queues another, which delivers it.
"""

from __future__ import annotations

import os

from celery import Celery
from sqlalchemy import String, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from config.embedded import kombu_url

QUEUE = "rivals"
TEXT = "Earthquake near Tripoli. Leave tall buildings. Wait outside. Next news at 18:00."

app = Celery("rivals", broker=kombu_url(os.environ.get("REDIS_URL", "redis://")))
app.conf.update(task_ignore_result=True, task_acks_late=True, task_default_queue=QUEUE)


class Base(DeclarativeBase):
    """Of the rivals' table, apart from Rollcall's."""


class Sms(Base):
    """One message."""

    __tablename__ = "rival_sms"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    phone: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20), default="created")
    sid: Mapped[str | None] = mapped_column(String(40))


class _ToSink(TwilioHttpClient):  # type: ignore[misc]  # the library is untyped
    """The library's own client; only the host is another."""

    def request(self, method: str, url: str, *rest: object, **named: object) -> object:
        sink = os.environ["TWILIO_API_URL"]
        return super().request(method, url.replace("https://api.twilio.com", sink), *rest, **named)


class _Tools:
    """Made once in each worker process, after the fork."""

    def __init__(self) -> None:
        self.engine = create_engine(os.environ["DATABASE_URL"], pool_size=2)
        self.twilio = Client("AC" + "0" * 32, "0" * 32, http_client=_ToSink())


_made: list[_Tools] = []


def _tools() -> _Tools:
    if not _made:
        _made.append(_Tools())
    return _made[0]


@app.task  # type: ignore[untyped-decorator]
def send(number: int) -> None:
    """Send one saved message and note it: all of the tutorial, the second half of Notify's pattern."""
    tools = _tools()
    with Session(tools.engine) as session:
        sms = session.get_one(Sms, number)
        taken = tools.twilio.messages.create(to=sms.phone, from_="+15005550006", body=TEXT)
        sms.sid, sms.status = taken.sid, "sent"
        session.commit()


@app.task  # type: ignore[untyped-decorator]
def save(number: int, phone: str) -> None:
    """Save one message, and queue its delivery."""
    with Session(_tools().engine) as session:
        session.add(Sms(id=number, phone=phone))
        session.commit()
    send.delay(number)


def phone(number: int) -> str:
    """Nobody's number."""
    return f"+999700{number:06d}"
