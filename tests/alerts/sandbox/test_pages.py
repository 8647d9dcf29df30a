from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from alerts.channels.base import Content, Message
from alerts.delivery import reference as references
from alerts.responses.models import CheckIn
from alerts.sandbox.channel import SandboxChannel
from registry.crypto import Keyring
from registry.database import scoped
from registry.organisations.models import Officer, Role
from registry.people import services as people
from registry.people.models import ContactPoint, ContactState
from tests.alerts.offices import Office
from tests.alerts.responses.making import deliver
from tests.desk import PASSWORD, own_password
from tests.factors import give_app, next_code

PHONE = "+999203333333"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Desk:
    """An officer at the sandbox, without JavaScript."""

    def __init__(self, client: FlaskClient, office: Office) -> None:
        self.client = client
        with scoped(office.organisation.id) as session:
            officer = session.get_one(Officer, office.author.id)
            officer.roles = [Role.REGISTRAR.value]
            own_password(officer)
            give_app(session, office.keyring, officer)
        self.send("/console/sign-in", {"email": office.author.email, "password": PASSWORD})
        self.send("/console/second-step", {"code": next_code()})

    def open(self, path: str = "/console/sandbox/") -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.status
        return unescape(answer.text)

    def send(self, page: str, fields: dict[str, str], to: str | None = None) -> tuple[int, str]:
        token = TOKEN.search(self.client.get(page).text)
        assert token
        answer = self.client.post(to or page, data={"csrf_token": token[1], **fields}, follow_redirects=True)
        return answer.status_code, unescape(answer.text)

    def threads(self) -> list[str]:
        """The conversations' addresses, as the list shows them."""
        return re.findall(r'href="(/console/sandbox/[0-9a-f]{32})', self.open())


@pytest.fixture
def desk(client: FlaskClient, office: Office) -> Desk:
    return Desk(client, office)


def post(keyring: Keyring, office: Office, addresses: Iterable[str], content: Content) -> None:
    channel = "sms" if content.subject is None else "email"
    messages = [
        Message(
            number, address, content, references.make(keyring.signing_key, office.organisation.id, channel, 1, number),
            unsubscribe_url="https://rollcall.example/stop/token",
        )
        for number, address in enumerate(addresses)
    ]  # fmt: skip
    assert len(list(SandboxChannel(keyring, channel).send(messages))) == len(messages)


def test_nothing_there_says_what_to_do(desk: Desk) -> None:
    assert "No messages yet" in desk.open()


def test_strangers_see_nothing(client: FlaskClient, office: Office) -> None:
    for path in ("/console/sandbox/", "/console/sandbox/" + "0" * 32):
        assert client.get(path).status_code == 302


def test_a_phone_shows_messages_in_order_and_right_to_left(
    desk: Desk, office: Office, keyring: Keyring
) -> None:
    post(keyring, office, [PHONE], Content("en", "First <b>news</b>"))
    post(keyring, office, [PHONE], Content("ar", "ابقوا في الخارج"))
    [thread] = desk.threads()
    page = desk.client.get(thread).text
    assert page.index("First &lt;b&gt;news&lt;/b&gt;") < page.rindex("ابقوا في الخارج")
    assert 'lang="ar" dir="rtl"' in page
    assert PHONE in page
    assert "1 segment" in page


def test_an_inbox_shows_subject_sender_and_how_to_stop(desk: Desk, office: Office, keyring: Keyring) -> None:
    content = Content("en", "Stay outside.", "Earthquake", sender="Consulate of Freedonia")
    post(keyring, office, ["ada@example.org"], content)
    [thread] = desk.threads()
    page = desk.open(thread)
    for part in (
        "Earthquake",
        "Consulate of Freedonia",
        "Stay outside.",
        'href="https://rollcall.example/stop/token"',
    ):
        assert part in page
    assert 'name="quick"' not in page, "one can't answer an email by a digit"


def test_an_answer_takes_the_way_of_a_real_reply(desk: Desk, office: Office, keyring: Keyring) -> None:
    person = office.register(contacts=[{"channel": "sms", "address": PHONE}], language="fr")
    alert = office.approved()
    with scoped(office.organisation.id) as session:
        deliver(session, alert, person)
    post(keyring, office, [PHONE], Content("fr", "Séisme."))
    [thread] = desk.threads()
    status, page = desk.send(thread, {"quick": "1"})
    assert status == 200
    assert "vous voici en sécurité" in page
    with scoped(office.organisation.id) as session:
        assert session.scalars(select(CheckIn)).one().alert_id == alert.id
    _, page = desk.send(thread, {"text": "STOP"})
    assert "Stopped" in page
    with scoped(office.organisation.id) as session:
        assert session.scalars(select(ContactPoint.state)).one() is ContactState.OPTED_OUT


def test_the_same_form_sent_twice_counts_once(desk: Desk, office: Office, keyring: Keyring) -> None:
    office.register(contacts=[{"channel": "sms", "address": PHONE}])
    post(keyring, office, [PHONE], Content("en", "Stay outside."))
    [thread] = desk.threads()
    form = {"text": "we wait at the school", "message": "01890a5d-ac96-774b-bcce-b302099a8057"}
    desk.send(thread, form)
    _, page = desk.send(thread, form)
    assert page.count('<p class="bubble__text" dir="auto">we wait at the school</p>') == 1


@pytest.mark.parametrize(
    ("text", "words"), [("  ", "Write an answer"), ("x" * 1601, "at most 1600"), ("", "Write an answer")]
)
def test_an_answer_that_no_phone_could_send(
    desk: Desk, office: Office, keyring: Keyring, text: str, words: str
) -> None:
    post(keyring, office, [PHONE], Content("en", "Stay outside."))
    [thread] = desk.threads()
    status, page = desk.send(thread, {"text": text})
    assert status == 422
    assert words in page


def test_conversations_come_newest_first_in_pages(desk: Desk, office: Office, keyring: Keyring) -> None:
    numbers = [f"+9994444{number:04d}" for number in range(30)]
    post(keyring, office, numbers, Content("en", "One"))
    post(keyring, office, [numbers[3]], Content("en", "Two"))
    first = desk.open()
    shown = re.findall(r"\+9994444\d{4}", first)
    assert shown[:3] == [numbers[3], numbers[29], numbers[28]]
    assert len(shown) == 25
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    rest = re.findall(r"\+9994444\d{4}", desk.open(older[1]))
    assert sorted({*shown, *rest}) == numbers
    assert len(rest) == 5


def test_a_conversation_is_found_by_an_address_that_no_url_shows(
    desk: Desk, office: Office, keyring: Keyring
) -> None:
    post(keyring, office, [PHONE, "+999205555555"], Content("en", "One"))
    _, page = desk.send("/console/sandbox/", {"address": "00999 203 333 333"}, "/console/sandbox/find")
    assert f'<h2><bdi dir="ltr">{PHONE}</bdi></h2>' in page
    for nobody in ("+999208888888", "x@example.org", "", "\x00"):
        _, page = desk.send("/console/sandbox/", {"address": nobody}, "/console/sandbox/find")
        assert "Nothing was sent" in page


def test_an_erased_persons_messages_go_with_them(desk: Desk, office: Office, keyring: Keyring) -> None:
    person = office.register(contacts=[{"channel": "sms", "address": PHONE}])
    post(keyring, office, [PHONE, "+999203333334"], Content("en", "Stay outside."))
    with scoped(office.organisation.id) as session:
        people.erase(session, people.get(session, person.public_id))
    page = desk.open()
    assert PHONE not in page
    assert "+999203333334" in page


def test_another_organisations_messages_are_not_there(desk: Desk, office: Office, keyring: Keyring) -> None:
    other = Office.open(keyring, "Embassy of Elbonia")
    post(keyring, other, [PHONE], Content("en", "One"))
    assert desk.threads() == []
    with scoped(other.organisation.id) as session:
        from alerts.sandbox.services import find

        name = find(session, keyring, other.organisation.id, PHONE).hex()
    assert desk.client.get(f"/console/sandbox/{name}").status_code == 404


@pytest.mark.parametrize(
    "path", ["zz", "00", "%00", "0" * 64, "?before=x", "?before=-1", "?before=" + "9" * 30]
)
def test_odd_addresses_are_no_errors(desk: Desk, path: str) -> None:
    assert desk.client.get(f"/console/sandbox/{path}").status_code in (200, 404)
