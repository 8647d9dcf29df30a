"""One marked person goes through everything there is; afterwards the mark lies nowhere in the clear."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import redis
from apiflask import APIFlask
from flask import Response, abort
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from twilio.request_validator import RequestValidator

from config.logs import Discreet
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.organisations.models import Organisation
from registry.organisations.services import create_organisation
from registry.people.models import Person
from tests.desk import new_desk
from tests.processes import Process, running, wait_for
from tests.programs import new_program
from tests.registry.people.pages.visitor import Visitor

NAME, PLACE, EMAIL, WORDS = (
    "Zyxcanary Name",
    "Zyxcanary Street 7",
    "zyxcanary@example.org",
    "zyxcanary asks for help",
)
NUMBER = "700424242"
PHONE = f"+999{NUMBER}"
MARKS = ("zyxcanary", NUMBER)
END = "the end of the story"
AUTH = "the auth token of the tests"
ALERT = {
    "type": "alert",
    "level": "restriction",
    "crisis": "earthquake",
    "severity": "severe",
    "area": {"countries": ["LB"]},
    "channels": ["sms", "email"],
    "texts": {"en": {"sms": "Leave tall buildings.", "subject": "Earthquake", "body": "Wait outside."}},
}


@contextmanager
def monitored(url: str) -> Iterator[list[str]]:
    """Every command that the broker gets while the block runs."""
    seen: list[str] = []
    client = redis.Redis.from_url(url, socket_timeout=None)
    with client.monitor() as monitor:

        def listen() -> None:
            for command in monitor.listen():
                seen.append(str(command["command"]))
                if END in seen[-1]:
                    return

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield seen
        redis.Redis.from_url(url).echo(END)
        thread.join(20)
    client.close()


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What the web application logs, in the words of its processes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Discreet("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    try:
        yield stream
    finally:
        logging.getLogger().removeHandler(handler)


def dump(url: str) -> str:
    """Every row of every table as text, bytes in hexadecimal, read by the owner."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    rows: list[str] = []
    with psycopg.connect(plain, autocommit=True) as owner:
        owner.execute(
            "SELECT set_config('rollcall.organisations', array_agg(id)::text, false) FROM organisations"
        )
        names = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            rows += (f"{name} {row[0]}" for row in owner.execute(f"SELECT t::text FROM {name} t"))  # type: ignore[arg-type]
    return "\n".join(rows)


def leaks(where: str, words: str, *more: str) -> list[str]:
    """Where a mark stands in the clear, or in hexadecimal."""
    low = words.lower()
    return [
        f"{where}: …{low[max(0, low.index(form) - 60) : low.index(form) + 60]!r}"
        for mark in (*MARKS, *more)
        for form in (mark.lower(), mark.lower().encode().hex())
        if form in low
    ]


def fail_on_purpose(app: APIFlask) -> None:
    """Routes that break in the ways in which code breaks: with words of its own, and with the database's."""

    @app.get("/me/<token>/breaks")
    def breaks(token: str) -> Response:
        raise ValueError(f"{NAME} {token}")

    @app.get("/me/<token>/refused")
    def refused(token: str) -> Response:
        with unscoped() as session:
            session.execute(text("SELECT CAST(:given AS integer)"), {"given": f"{NAME} {token}"})
        abort(404)


def test_nothing_of_a_person_lies_in_the_clear(
    app: APIFlask,
    new_app: Callable[[], APIFlask],
    keyring: Keyring,
    database: str,
    broker: str,
    tmp_path: Path,
) -> None:
    platform = replace(app.extensions["rollcall"], twilio_tokens=(AUTH,))
    app = new_app()
    app.extensions["rollcall"] = platform
    fail_on_purpose(app)
    with unscoped() as session:
        organisation = create_organisation(session, keyring, "Consulate of Freedonia")
    environment = {
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        "MASTER_KEY": "00" * 32,
        "ROLLCALL_HOME": str(tmp_path),
        "LOG_LEVEL": "DEBUG",
    }
    logs = [tmp_path / f"{name}.log" for name in ("worker", "dispatcher")]
    processes = [Process(log.stem, environment, log) for log in logs]
    with logged() as words, monitored(broker) as commands, running(*processes):
        token, pages = story(app, keyring, organisation)
    found = leaks("web log", words.getvalue(), token) + leaks("broker", "\n".join(commands), token)
    for log in logs:
        found += leaks(log.name, log.read_text(), token)
    for name, page in pages.items():
        found += leaks(name, page)  # the address of a page is in its links to other languages
    found += leaks("database", dump(database), token)
    assert found == []
    assert "ValueError" in words.getvalue() and "/me/<token>/breaks" in words.getvalue()
    assert any("deliver" in command for command in commands), "tasks went through the broker"


def story(app: APIFlask, keyring: Keyring, organisation: Organisation) -> tuple[str, dict[str, str]]:
    """Everything that can happen to a person; the token of their link, and pages that must say nothing of them."""
    visitor = Visitor(app.test_client(), keyring)
    own = visitor.member(organisation, phone=PHONE, name=NAME, place=PLACE)
    token = own.rpartition("/")[2]
    assert NAME in visitor.open(f"{own}/details").text
    visitor.send(f"{own}/contacts", {"channel": "email", "email": EMAIL})
    visitor.open(f"{own}/download")
    visitor.send("/link", {"channel": "sms", "phone": PHONE, "phone_country": "LB"})
    desk = new_desk(app.test_client(), keyring)
    with scoped(organisation.id) as session:
        person = session.scalars(select(Person.public_id)).one()
    shown = desk.send("/console/people/", {"query": PHONE}, to="/console/people/find")
    assert str(person) in shown.request.path
    desk.send(f"/console/people/{person}", {}, to=f"/console/people/{person}/reveal")
    author, approver = (
        new_program(app.test_client(), keyring, email=f"{word}@example.org")
        for word in ("author", "approver")
    )
    assert author.get(f"/people/{person}").json["name"] == NAME
    wrong = author.post("/people", {"name": NAME, "contacts": [{"channel": "sms", "address": NAME}]})
    assert wrong.status_code == 422
    table = (
        f"phone,country,language,name\n{PHONE},LB,en,{NAME}\n{NAME},LB,en,\n+999{NUMBER}1,{PLACE},xx,{NAME}\n"
    )
    sent = author.post(
        "/imports", data={"file": (io.BytesIO(table.encode()), "people.csv"), "dry_run": "false"}
    )
    assert sent.status_code in (200, 202), sent.text
    expires = (datetime.now(UTC) + timedelta(hours=6)).isoformat()
    alert = author.post("/alerts", {**ALERT, "expires_at": expires}).json["id"]
    assert author.post(f"/alerts/{alert}/submit").status_code == 200
    assert approver.post(f"/alerts/{alert}/approve").status_code == 200
    wait_for(lambda: author.get(f"/alerts/{alert}").json["state"] == "sent", 60, "for the alert to be sent")
    reply(app, WORDS)
    return token, {
        "not found": visitor.open(f"/nowhere/{'x' * 5}").text,
        "no such link": visitor.open("/me/none").text,
        "broken": visitor.open(f"{own}/breaks").text,
        "refused": visitor.open(f"{own}/refused").text,
        "problem": author.get("/people/none").text,
        "metrics": visitor.open("/metrics").text,
        "wrong fields": wrong.text,
    }


def reply(app: APIFlask, words: str) -> None:
    """The person answers from their phone."""
    form = {"From": PHONE, "Body": words, "MessageSid": "SM1"}
    address = app.extensions["rollcall"].base_url + "/webhooks/twilio/inbound"
    signature = RequestValidator(AUTH).compute_signature(address, form)
    headers = {"X-Twilio-Signature": signature}
    assert app.test_client().post("/webhooks/twilio/inbound", data=form, headers=headers).status_code == 200
