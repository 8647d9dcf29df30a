"""Messages for the channel tests."""

from collections.abc import Iterator

from alerts.channels.base import Content, Message

TEXT = "Earthquake near the capital. Stay outdoors. Reply 1 if you are safe, 2 if you need help."
WARNING = Content("en", TEXT)


def number(key: int) -> str:
    return f"+1555{key:07d}"


def texts(count: int, content: Content = WARNING) -> Iterator[Message]:
    return (Message(key, number(key), content, f"ref-{key}.sig") for key in range(count))


def mails(count: int, content: Content) -> Iterator[Message]:
    return (
        Message(
            key,
            f"person{key}@example.org",
            content,
            f"ref-{key}.sig",
            unsubscribe_url=f"https://rollcall.example/unsubscribe/{key}?t=a=b",
        )
        for key in range(count)
    )
