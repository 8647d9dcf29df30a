"""The mail itself, as a mail program reads it."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.base import UNSUBSCRIBE, Content, Message
from alerts.channels.smtp.letter import Letter, Sender

SENDER = Sender("Embassy", "alerts@rollcall.example")
URL = "https://rollcall.example/unsubscribe/7?t=a=b&u=.c"


def written(content: Content, url: str | None = URL, sender: Sender = SENDER) -> bytes:
    message = Message(7, "person7@example.org", content, "ref-7.sig", unsubscribe_url=url)
    return Letter(content, sender).write(message)


def read(raw: bytes) -> EmailMessage:
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    assert not parsed.defects
    return parsed


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def named(raw: bytes) -> str:
    """The From header as programs show it (the library's newer parser keeps spaces between encoded words)."""
    return str(make_header(decode_header(message_from_bytes(raw, policy=policy.compat32)["From"])))


def test_the_headers_a_crisis_mail_needs() -> None:
    mail = read(written(Content("en", "Stay outdoors.", "Earthquake")))
    assert mail["From"] == "Embassy <alerts@rollcall.example>"
    assert mail["To"] == "person7@example.org"
    assert mail["Subject"] == "Earthquake"
    assert mail["Message-ID"] == "<ref-7.sig@rollcall.example>"
    assert mail["Rollcall-Delivery"] == "ref-7.sig"
    assert mail["List-Unsubscribe"] == f"<{URL}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en"
    assert mail["Date"].datetime.tzinfo is not None
    assert mail.get_content_type() == "text/plain"


def test_both_parts_hold_the_persons_own_address_to_stop() -> None:
    content = Content(
        "en",
        f"Stay outdoors.\n\nStop: {UNSUBSCRIBE} .\nAgain {UNSUBSCRIBE}",
        "Earthquake",
        f'<p>Stay outdoors. <a href="{UNSUBSCRIBE}">Stop</a></p>',
    )
    mail = read(written(content))
    assert mail.get_content_type() == "multipart/alternative"
    assert body(mail, "plain") == f"Stay outdoors.\n\nStop: {URL} .\nAgain {URL}\n"
    assert (
        body(mail, "html").strip() == f'<p>Stay outdoors. <a href="{URL.replace("&", "&amp;")}">Stop</a></p>'
    )


def test_without_an_address_to_stop_nothing_stands_in_its_place() -> None:
    mail = read(written(Content("en", f"Stop: {UNSUBSCRIBE}", "Subject"), url=None))
    assert body(mail, "plain") == "Stop: \n"
    assert mail["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    ("language", "subject", "text", "name"),
    [
        ("ar", "زلزال قوي قرب العاصمة " * 5, "ابقوا في الخارج، بعيدًا عن المباني. " * 40, "سفارة " * 10),
        ("zh", "地震" * 40, "请留在室外。" * 100, "大使馆"),
        (
            "fr",
            "Séisme près de la capitale – consignes",
            "Restez à l’extérieur.\n" * 30,
            "Ambassade à Curaçao",
        ),
        (
            "en",
            "Storm 🌪 warning",
            ".\n..\n.dotted\nFrom here\n" + "x" * 3000 + " \n",
            'The "Embassy", Post <1>',
        ),
    ],
)
def test_any_script_in_subject_text_and_name(language: str, subject: str, text: str, name: str) -> None:
    html = f"<p>{text}</p>"
    raw = written(Content(language, text, subject, html, sender=name))
    mail = read(raw)
    assert mail["Subject"] == subject.strip()
    assert parseaddr(named(raw)) == (name.strip(), SENDER.address)
    assert body(mail, "plain") == text.rstrip("\n") + "\n"
    assert body(mail, "html").strip() == html
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78


any_text = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n."), max_size=400)


@given(any_text, st.lists(any_text, max_size=3))
def test_every_text_arrives_as_it_was_written(first: str, more: list[str]) -> None:
    text = UNSUBSCRIBE.join([first, *more])
    raw = written(Content("en", text, "Subject"))
    assert body(read(raw), "plain") == text.replace(UNSUBSCRIBE, URL).rstrip("\n") + "\n"
    assert all(len(line) <= 76 for line in raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)


@given(st.text(max_size=200), st.text(max_size=100), st.text(max_size=20))
def test_no_subject_name_or_language_adds_a_header(subject: str, name: str, language: str) -> None:
    subject, name = (text.encode("utf-8", "replace").decode() for text in (subject, name))
    mail = read(written(Content(language, "Text", subject, sender=name)))
    assert set(mail.keys()) == {
        "Date", "To", "Message-ID", "Rollcall-Delivery", "List-Unsubscribe", "List-Unsubscribe-Post", "From",
        "Subject", "Content-Language", "Auto-Submitted", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
    }  # fmt: skip


@pytest.mark.parametrize(
    "message",
    [
        Message(1, "a@example.org\r\nBcc: all@example.org", Content("en", "x"), "ref"),
        Message(1, "a@example.org, b@example.org", Content("en", "x"), "ref"),
        Message(1, "a@example.org", Content("en", "x"), "ref\r\nBcc: all@example.org"),
        Message(
            1, "a@example.org", Content("en", "x"), "ref", unsubscribe_url="https://x/\r\nBcc: a@b.example"
        ),
        Message(1, "a@example.org", Content("en", "x"), "ref", unsubscribe_url="javascript:alert(1)"),
    ],
)
def test_recipients_lines_let_nothing_else_in(message: Message) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Letter(message.content, SENDER).write(message)


def test_no_subject_given_takes_the_first_line() -> None:
    assert read(written(Content("en", "\nEarthquake near the capital.\nStay outdoors.")))["Subject"] == (
        "Earthquake near the capital."
    )
