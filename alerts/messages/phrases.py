"""The few words that Rollcall adds to an officer's text, in the text's own language."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.lifecycle.models import AlertType
from registry.i18n import translations


@dataclass(frozen=True, slots=True)
class Phrases:
    """In one language; in English where there is no catalogue. Those for SMS keep to GSM-7 where the language can."""

    exercise: str
    kind: str
    """What a message in a thread is; empty for an alert, which needs no word."""
    answer_sms: str
    answer_email: str
    stop_email: str
    why_email: str
    why_quiet: str
    quiet_subject: str


def phrases(language: str, kind: AlertType) -> Phrases:
    """The phrases of a language. `{sender}` and `{address}` stand where a name and a web address go."""
    _ = translations(language).gettext
    kinds = {
        AlertType.ALERT: "",
        AlertType.UPDATE: _("UPDATE"),
        AlertType.ALL_CLEAR: _("ALL CLEAR"),
        AlertType.CANCEL: _("CANCELLED"),
    }
    answer = _("Reply 1 safe, 2 help. STOP to end")
    if kind is AlertType.CANCEL:  # nothing has happened: nobody needs to say that they are safe
        answer = _("STOP to end")
    return Phrases(
        exercise=_("EXERCISE, NOT REAL"),
        kind=kinds[kind],
        answer_sms=answer,
        answer_email=_("To tell us that you are safe, or that you need help, open your page: {address}"),
        stop_email=_("To stop these emails:"),
        why_email=_("You get this because you registered with {sender}."),
        why_quiet=_("You get this because you asked for safety messages."),
        quiet_subject=_("Information for you"),
    )
