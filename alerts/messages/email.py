"""An email: plain text and the same as simple HTML, without pictures, styles from elsewhere or tracking."""

from __future__ import annotations

import re
from html import escape

from alerts.channels.base import UNSUBSCRIBE, Content
from alerts.messages.phrases import Phrases
from registry.places import is_right_to_left

_PAGE = """<!DOCTYPE html>
<html lang="{language}" dir="{direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{subject}</title></head>
<body style="margin:0 auto;padding:16px;max-width:40em;font:18px/1.5 sans-serif">
{main}
<hr>
{foot}
</body>
</html>
"""


def email(
    language: str,
    subject: str,
    body: str,
    words: Phrases,
    *,
    sender: str | None,
    exercise: bool,
    answer_address: str,
) -> Content:
    """The officer's body as it is, with a footer. Without `sender`, in quiet mode, no one is named, not even by the
    subject, which others may see on a screen."""
    marks = [words.exercise] if exercise else []
    title = ": ".join([*marks, *([words.kind] if words.kind and sender else []), subject])
    if sender is None:
        title = ": ".join([*marks, words.quiet_subject])
    paragraphs = [*marks, *([words.kind] if words.kind else []), *re.split(r"\n\s*\n", body)]
    why = words.why_email.replace("{sender}", sender) if sender else words.why_quiet
    answer = words.answer_email.replace("{address}", answer_address)
    foot = [why, answer]
    text = "\n\n".join([*paragraphs, "-- ", *foot, f"{words.stop_email}\n{UNSUBSCRIBE}"]) + "\n"
    link = f'<a href="{escape(answer_address)}">{escape(answer_address)}</a>'
    answer_html = escape(words.answer_email).replace("{address}", link)
    stop_html = f'<a href="{UNSUBSCRIBE}">{escape(words.stop_email.rstrip(":"))}</a>'
    html = _PAGE.format(
        language=escape(language),
        direction="rtl" if is_right_to_left(language) else "ltr",
        subject=escape(title),
        main="\n".join(_paragraph(part) for part in paragraphs),
        foot="\n".join(f"<p><small>{part}</small></p>" for part in (escape(why), answer_html, stop_html)),
    )
    return Content(language, text, title, html, sender)


def _paragraph(text: str) -> str:
    return f'<p dir="auto">{escape(text).replace(chr(10), "<br>" + chr(10))}</p>'
