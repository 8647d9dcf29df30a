"""The gateway adapter against a Kannel and a Jasmin on real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from alerts.channels.base import Content, Message, Outcome, Question
from alerts.channels.gateway import DIALECTS, GatewayChannel
from tests.alerts.channels.making import TEXT, number, texts
from tests.fakes.gateway import PASSWORD, USER, FakeGateway

RECEIPTS = "https://rollcall.example/webhooks/gateway/kind/receipts/"
ARABIC = "زلزال قرب العاصمة. ابقوا في الخارج 🙏"


@pytest.fixture(scope="module")
def process() -> Iterator[FakeGateway]:
    with FakeGateway() as fake:
        yield fake


@pytest.fixture
def gateway(process: FakeGateway) -> FakeGateway:
    process.reset()
    return process


@pytest.fixture(params=["kannel", "jasmin"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def channel(gateway: FakeGateway, kind: str) -> Iterator[GatewayChannel]:
    url = getattr(gateway, kind)()
    made = GatewayChannel(url, DIALECTS[kind], USER, PASSWORD, "Consulate & Co", RECEIPTS, timeout=3)
    with closing(made):
        yield made


def test_every_message_arrives_once_whole_in_the_right_alphabet(
    gateway: FakeGateway, channel: GatewayChannel, kind: str
) -> None:
    plain, wide = list(texts(40)), Message(40, number(40), Content("ar", ARABIC), "ref-40.sig", valid_for=90)
    results = list(channel.send(iter([*plain, wide])))
    assert {result.outcome for result in results} == {Outcome.ACCEPTED} and len(results) == 41
    taken = {message.to.lstrip("+"): message for message in gateway.messages()}
    assert len(taken) == gateway.count() == 41
    first, last = taken[number(0)[1:]], taken[number(40)[1:]]
    assert (first.text, first.coding, first.from_, first.minutes) == (TEXT, "0", "Consulate & Co", 600)
    assert (last.text, last.coding, last.minutes) == (ARABIC, "2" if kind == "kannel" else "8", 1)
    assert first.receipts and first.receipts.startswith(f"{RECEIPTS}ref-0.sig")
    assert [answer.taken for answer in channel.ask([_question()])] == [None]


@pytest.mark.parametrize(
    ("status", "text", "outcome"),
    [
        (503, "Temporal failure, try again later.", Outcome.LATER),
        (429, "slow down", Outcome.LATER),
        (404, "4: Not routable. Do not try again.", Outcome.COUNTRY),
        (400, "Empty receiver number not allowed, rejected", Outcome.NEVER),
        (403, 'Error "User throughput exceeded"', Outcome.LATER),
        (412, 'Error "No route found"', Outcome.COUNTRY),
        (400, 'Error "Argument [to] has an invalid value: [x]"', Outcome.NEVER),
        (500, 'Error "Cannot send submit_sm, check SMPPClientManager log file for details"', Outcome.LATER),
        (400, "Sender missing and no global set, rejected", Outcome.US),
        (401, "<html>a proxy's page</html>", Outcome.US),
        (502, "<html>a proxy's page</html>", Outcome.UNKNOWN),
        (200, "<html>welcome to our hotel</html>", Outcome.UNKNOWN),
    ],
)
def test_what_answers_mean(
    gateway: FakeGateway, channel: GatewayChannel, kind: str, status: int, text: str, outcome: Outcome
) -> None:
    own = "jasmin" if "Error" in text else "kannel"
    if "html" not in text and status != 429 and own != kind:
        return  # the other one never says so
    gateway.behave("status", status=status, text=text, next=1)
    (result,) = channel.send(texts(1))
    assert result.outcome is outcome and number(0) not in result.detail


def test_an_answer_that_never_came_is_unknown_and_not_repeated(
    gateway: FakeGateway, channel: GatewayChannel
) -> None:
    assert len(list(channel.send(texts(20)))) == 20
    gateway.behave("close", accepted=True, next=20)
    results = list(channel.send(texts(20)))
    assert {result.outcome for result in results} == {Outcome.UNKNOWN}
    assert gateway.count() == 40, "a message was handed over again by itself"


def test_wrong_credentials_stop_the_sending(gateway: FakeGateway, kind: str) -> None:
    url = getattr(gateway, kind)()
    with closing(GatewayChannel(url, DIALECTS[kind], USER, "wrong")) as channel:
        results = list(channel.send(texts(500)))
    assert {result.outcome for result in results} == {Outcome.US} and len(results) <= 20


@pytest.mark.parametrize(
    ("kind", "form", "state", "outcome", "once"),
    [
        ("kannel", {"status": "8", "answer": "ACK/"}, "sent", None, False),
        ("kannel", {"status": "1", "id": "x"}, "delivered", None, False),
        ("kannel", {"status": "2", "answer": "id:1 stat:EXPIRED err:0"}, "failed", Outcome.LATER, False),
        ("kannel", {"status": "2", "answer": "id:1 stat:UNDELIV err:8"}, "failed", Outcome.LATER, True),
        ("kannel", {"status": "16", "answer": "NACK/0x0000000b/Invalid"}, "failed", Outcome.NEVER, False),
        ("kannel", {"status": "16", "answer": "NACK/11/unknown"}, "failed", Outcome.LATER, True),
        ("jasmin", {"message_status": "ESME_ROK", "level": "1", "id": "x"}, "sent", None, False),
        ("jasmin", {"message_status": "DELIVRD", "level": "2"}, "delivered", None, False),
        ("jasmin", {"message_status": "ESME_RINVDSTADR", "level": "1"}, "failed", Outcome.NEVER, False),
        ("jasmin", {"message_status": "EXPIRED", "level": "2"}, "failed", Outcome.LATER, False),
    ],
)
def test_what_receipts_mean(
    kind: str, form: dict[str, str], state: str, outcome: Outcome | None, once: bool
) -> None:
    receipt = DIALECTS[kind].receipt(form)
    assert receipt and (receipt.state, receipt.outcome, "once" in receipt.extra) == (state, outcome, once)


def test_what_is_no_receipt() -> None:
    assert DIALECTS["kannel"].receipt({"status": "32"}) is DIALECTS["jasmin"].receipt({}) is None


@pytest.mark.parametrize("url", ["", "ftp://gateway", "gateway.example/send"])
def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(ValueError, match="GATEWAY_URL"):
        GatewayChannel(url, DIALECTS["kannel"], USER, PASSWORD)


def _question() -> Question:
    return Question(1, number(1), TEXT, "ref", datetime.now(UTC))
