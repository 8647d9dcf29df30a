"""Mail that comes in: what bounces, what people answer, what machines say, and what nobody can prove."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from threading import Thread

import pytest
from sqlalchemy import func, select

from alerts.channels.base import Outcome
from alerts.delivery import reference as references
from alerts.delivery.models import DeliveryState, ReceivedReceipt
from alerts.mailbox.parsing import Bounce, parse
from alerts.mailbox.quoting import own_words
from alerts.mailbox.taking import Taken, take
from alerts.responses.models import Meaning, Reply
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.notices.models import Notice
from registry.people.models import ContactPoint, ContactState
from tests.alerts.responses.making import House, make_alert, make_house, make_person
from workers.fetching import fetch_mail
from workers.mailbox import Mailbox

ANA = "ana@example.org"
FOREIGN_KEY = bytes(32)


@pytest.fixture
def house(database: str, keyring: Keyring) -> House:
    with unscoped() as session:
        house = make_house(session, keyring)
        ana = make_person(session, house, contacts=[{"channel": "email", "address": ANA}])
        make_alert(session, house, ana)
    return house


def name(key: bytes, channel: str = "email") -> str:
    """What ana's mail of the alert is called."""
    return references.make(key, 1, channel, 1, 1)


def bounce(to: str, status: str, diagnostic: str = "", action: str = "failed", inner: str = "") -> bytes:
    """A delivery status notification (RFC 3464)."""
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.example
To: {to}
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Your mail came back.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {ANA}
Action: {action}
Status: {status}
{"Diagnostic-Code: smtp; " + diagnostic if diagnostic else "X-None: -"}

--b
Content-Type: text/rfc822-headers

Subject: Earthquake
{inner}
--b--
""".encode()


def answer(text: str, sender: str = ANA, number: str = "1", reply_to: str = "", **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = f"Ana <{sender}>", "alerts@rollcall.example"
    mail["Message-ID"], mail["Subject"] = f"<{number}@home.example>", "Re: Earthquake"
    if reply_to:
        mail["In-Reply-To"] = f"<{reply_to}@rollcall.example>"
    for header, value in headers.items():
        mail[header.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


@pytest.mark.parametrize(
    ("status", "diagnostic", "outcome"),
    [
        ("5.1.1", "550 5.1.1 no such user", Outcome.NEVER),
        ("5.0.0", "", Outcome.NEVER),
        ("5.7.1", "550 5.7.1 refused by policy", Outcome.US),
        ("4.4.7", "", Outcome.LATER),
        ("4.2.2", "452 4.2.2 mailbox full", Outcome.LATER),
        ("5.0.0", "450 4.7.1 greylisted", Outcome.LATER),
    ],
)
def test_a_bounce_is_read_as_a_refusal_is(status: str, diagnostic: str, outcome: Outcome) -> None:
    found = parse(bounce(f"bounces+{name(FOREIGN_KEY)}@rollcall.example", status, diagnostic), FOREIGN_KEY)
    assert isinstance(found, Bounce)
    assert (found.receipt.state, found.receipt.outcome) == ("failed", outcome)


def test_what_is_no_bounce_of_ours_changes_nothing(house: House, keyring: Keyring) -> None:
    ours, forged = name(keyring.signing_key), name(FOREIGN_KEY)
    for mail in (
        bounce(f"bounces+{forged}@rollcall.example", "5.1.1"),
        bounce("alerts@rollcall.example", "5.1.1"),
        bounce(f"bounces+{ours}@rollcall.example", "4.4.1", action="delayed"),
        bounce(f"bounces+{ours}@rollcall.example", "2.0.0", action="delivered"),
        bounce(f"bounces+{name(keyring.signing_key, 'officer')}@rollcall.example", "5.1.1"),
        answer("I am on holiday. Help is at the desk.", reply_to=ours, Auto_Submitted="auto-replied"),
        answer("Help", reply_to=ours, Precedence="bulk"),
        answer("STOP", reply_to=ours, Rollcall_Delivery=ours),
        answer("> only what we wrote", reply_to=ours),
        b"",
        b"\xff\xfe\x00 no mail at all",
        b"From: \xff\nContent-Type: multipart/report; boundary=\n\n--\n",
    ):
        assert take(keyring, mail) is Taken.IGNORED
    with scoped(house.id) as session:
        assert session.scalar(select(func.count()).select_from(ReceivedReceipt)) == 0
        assert session.scalar(select(func.count()).select_from(Reply)) == 0


def test_a_bounce_becomes_a_receipt_wherever_it_names_its_mail(house: House, keyring: Keyring) -> None:
    ours = name(keyring.signing_key)
    in_prose = f"Return-Path: <>\nTo: bounces+{ours}@x.example\n\nSorry: 550 5.1.1 unknown.".encode()
    assert take(keyring, bounce(f"bounces+{ours}@rollcall.example", "5.1.1")) is Taken.BOUNCE
    assert (
        take(keyring, bounce("alerts@x.example", "5.1.1", inner=f"Rollcall-Delivery: {ours}")) is Taken.BOUNCE
    )
    assert take(keyring, bounce("x@x.example", "5.1.1"), [f"bounces+{ours}@x.example"]) is Taken.BOUNCE
    assert take(keyring, in_prose) is Taken.BOUNCE
    with scoped(house.id) as session:
        rows = session.scalars(select(ReceivedReceipt)).all()
        assert {
            (row.channel, row.alert_id, row.contact_point_id, row.state, row.outcome) for row in rows
        } == {("email", 1, 1, DeliveryState.FAILED, "never")}
        assert len(rows) == 4


def test_answers_go_the_way_of_any_reply(house: House, keyring: Keyring) -> None:
    """Whoever answers a mail of ours proves it by its name, whatever their address; others can only call for help."""
    ours = name(keyring.signing_key)
    quoted = "1\n\nOn Mon, 1 Feb 2027 at 10:00 Consulate <alerts@x.example>\nwrote:\n> 2 if you need help\n"
    assert take(keyring, answer(quoted, "ana.at.work@example.com", "1", ours)) is Taken.REPLY
    assert take(keyring, answer(quoted, "ana.at.work@example.com", "1", ours)) is Taken.REPLY, "and once only"
    assert take(keyring, answer("STOP", ANA, "2")) is Taken.REPLY
    assert take(keyring, answer("STOP", ANA, "3", name(FOREIGN_KEY))) is Taken.REPLY
    assert take(keyring, answer("Please help us", ANA, "4")) is Taken.REPLY
    assert take(keyring, answer("Please help us", "nobody@example.org", "5")) is Taken.IGNORED
    with scoped(house.id) as session:
        meanings = session.scalars(select(Reply.meaning).order_by(Reply.id)).all()
        assert meanings == [Meaning.SAFE, Meaning.OTHER, Meaning.OTHER, Meaning.HELP]
        assert session.scalars(select(ContactPoint.state)).all() == [ContactState.ACTIVE]
        assert session.scalar(select(func.count()).select_from(Notice)) == 1, (
            "thanks, to the proved one, once"
        )
    assert take(keyring, answer("Stop", "", "6", ours)) is Taken.IGNORED, "from no address"
    assert take(keyring, answer("Stop", ANA, "6", ours)) is Taken.REPLY
    with scoped(house.id) as session:
        assert session.scalars(select(ContactPoint.state)).all() == [ContactState.OPTED_OUT]


@pytest.mark.parametrize(
    "text",
    [
        "2 please\n\nLe lun. 1 févr. 2027, Consulat <a@x.example> a écrit :\n> 1 si vous\n> êtes en sécurité",
        "2 please\r\n\r\n-----Original Message-----\r\nFrom: Consulate\r\nSent: Monday\r\nTo: Ana\r\n\r\n1 safe",
        "2 please\n\n________________________________\nDe : Consulat\nEnvoyé : lundi\nÀ : Ana\n\n1",
        "2 please\n\nFrom: Consulate <a@x.example>\nDate: Monday\nTo: Ana\nSubject: Earthquake\n\n1",
        "> 1 if you are safe\n2 please\n-- \nAna\n1 Main Street",
    ],
)
def test_only_own_words_count(text: str) -> None:
    assert own_words(text) == "2 please"


class _Imap(socketserver.StreamRequestHandler):
    """As much of RFC 3501 as fetching needs."""

    mails: dict[int, bytes]
    seen: set[int]

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        while line := self.rfile.readline().decode():
            tag, _, rest = line.strip().partition(" ")
            for part in self._answer(rest):
                self.wfile.write(part)
            self.wfile.write(f"{tag} OK done\r\n".encode())

    def _answer(self, rest: str) -> Iterator[bytes]:
        words = rest.split()
        if words[0] == "CAPABILITY":
            yield b"* CAPABILITY IMAP4rev1\r\n"
        elif words[:2] == ["UID", "SEARCH"]:
            yield b"* SEARCH " + b" ".join(b"%d" % n for n in self.mails if n not in self.seen) + b"\r\n"
        elif words[:2] == ["UID", "FETCH"]:
            mail = self.mails[int(words[2])]
            yield b"* 1 FETCH (UID %s BODY[] {%d}\r\n%s)\r\n" % (words[2].encode(), len(mail), mail)
        elif words[:2] == ["UID", "STORE"]:
            self.seen.add(int(words[2]))


@contextmanager
def imap(*mails: bytes) -> Iterator[tuple[str, set[int]]]:
    handler = type("Handler", (_Imap,), {"mails": dict(enumerate(mails, 1)), "seen": set()})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"imap://ana:secret@127.0.0.1:{server.server_address[1]}/Alerts", handler.seen
        server.shutdown()


def test_mail_is_fetched_from_a_mailbox(house: House, keyring: Keyring) -> None:
    ours = name(keyring.signing_key)
    with imap(answer("1", reply_to=ours), b"nothing", bounce(f"b+{ours}@x.example", "5.1.1")) as (url, seen):
        assert fetch_mail(Mailbox.of_url(url), keyring) == 3
        assert fetch_mail(Mailbox.of_url(url), keyring) == 0
        assert seen == {1, 2, 3}
    assert fetch_mail(Mailbox.of_url(url), keyring) == 0, "nobody listens any more"
    for wrong in ("imap://mail.example/", "imap://a:b@mail.example/", "http://a:b@localhost/"):
        with pytest.raises(ValueError):
            Mailbox.of_url(wrong)
