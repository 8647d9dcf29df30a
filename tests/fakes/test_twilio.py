"""The fake Twilio itself: its webhooks are signed as Twilio's are, and misbehave as told."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from alerts.channels.base import Content, Message
from alerts.channels.twilio import TwilioChannel, read_receipt, valid_signature
from tests.fakes.twilio import AUTH_TOKEN, FakeTwilio

PUBLIC = "https://rollcall.example"
Heard = list[tuple[str, dict[str, str], str | None]]  # path, form, signature


@contextmanager
def webhook(failures: int = 0) -> Iterator[tuple[str, Heard]]:
    """A web server that notes what is posted to it, and answers 500 to the first few."""
    heard: Heard = []
    left = [failures]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            left[0] -= 1
            if left[0] < 0:
                heard.append((self.path, dict(parse_qsl(body)), self.headers["X-Twilio-Signature"]))
            self.send_response(500 if left[0] >= 0 else 200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def process() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def twilio(process: FakeTwilio) -> FakeTwilio:
    process.reset()
    return process


def send(twilio: FakeTwilio, count: int) -> None:
    channel = TwilioChannel(twilio.account_sid, twilio.auth_token, "+15005550006", twilio.url, f"{PUBLIC}/r/")
    list(channel.send(Message(k, f"+1555{k:07d}", Content("en", "Hello"), f"ref-{k}") for k in range(count)))
    channel.close()


def believed(heard: Heard) -> list[tuple[str, str]]:
    return [
        (path, form["MessageStatus"])
        for path, form, signature in heard
        if valid_signature([AUTH_TOKEN], PUBLIC + path, form, signature)
    ]


def test_receipts_are_signed_for_the_public_address_and_come_in_order(twilio: FakeTwilio) -> None:
    twilio.behave(receipts=["sent", "delivered"])
    with webhook() as (base, heard):
        twilio.webhooks_go_to(base)
        send(twilio, 50)
        assert twilio.wait_for_receipts() == {200: 100}
    for key in range(50):
        assert [s for path, s in believed(heard) if path == f"/r/ref-{key}"] == ["sent", "delivered"]


def test_receipts_doubled_lost_reordered_forged_and_failed(twilio: FakeTwilio) -> None:
    twilio.behave(receipts=["undelivered"], code=30006, suffix="9")
    twilio.behave(
        receipts=["sent", "delivered"], doubled=0.3, lost=0.2, reordered=0.5, forged=0.1, early=True
    )
    with webhook() as (base, heard):
        twilio.webhooks_go_to(base)
        send(twilio, 200)
        twilio.wait_for_receipts()
    counts = Counter(status for _, status in believed(heard))
    assert counts["undelivered"] == 20
    assert 100 < counts["sent"] < 250
    assert len(heard) > len(believed(heard)) + 20
    failed = next(form for path, form, _ in heard if path == "/r/ref-9")
    assert (read_receipt(failed).state, read_receipt(failed).code) == ("failed", "30006")


def test_receipts_are_posted_again_after_an_error(twilio: FakeTwilio) -> None:
    twilio.behave(receipts=["delivered"])
    with webhook(failures=3) as (base, heard):
        twilio.webhooks_go_to(base)
        send(twilio, 1)
        assert twilio.wait_for_receipts() == {200: 1}
    assert believed(heard) == [("/r/ref-0", "delivered")]


def test_inbound_messages_are_signed(twilio: FakeTwilio) -> None:
    with webhook() as (base, heard):
        twilio.webhooks_go_to(base)
        answer = twilio.send_inbound("+15550000001", "+15005550006", "Arrêt 1", f"{PUBLIC}/inbound")
        twilio.send_inbound("+15550000001", "+15005550006", "STOP", f"{PUBLIC}/inbound", signed=False)
    assert answer == (200, "ok")
    (path, form, signature), (_, _, unsigned) = heard
    assert (form["Body"], form["From"]) == ("Arrêt 1", "+15550000001")
    assert valid_signature([AUTH_TOKEN], PUBLIC + path, form, signature)
    assert unsigned is None
