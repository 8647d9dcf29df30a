"""Check-ins on a person's own page, and what its download says of their answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.lifecycle.models import Alert
from alerts.messages.languages import pick_language
from alerts.outgoing.services import content_of, messages_to
from alerts.responses.cases import read_words
from alerts.responses.concerning import alerts_concerning
from alerts.responses.models import Case, CheckIn, Reply, Safety
from alerts.responses.services import check_in, checkins_of
from alerts.responses.storing import reply_text
from registry.errors import NotFound
from registry.people.models import Person
from registry.people.pages.guards import limit_changes_by
from registry.people.pages.opened import opened
from registry.people.vault import Vault

MOST_MESSAGES = 1000
"""The latest, in a download."""

blueprint = Blueprint("checkins", __name__, template_folder="templates")


@blueprint.record_once
def offer(state: Any) -> None:
    """Add the panel and the download's part to a person's own page."""
    app: Flask = state.app
    app.extensions.setdefault("me_panels", []).append(panel)
    app.extensions.setdefault("me_exporters", []).append(exported)


@blueprint.post("/me/<token>/check-in")
def state_safety(token: str) -> ResponseReturnValue:
    """Say that one is safe, or needs help, for one alert."""
    limit_changes_by(token)
    with opened(token) as found:
        alerts = {str(alert.public_id): alert for alert in alerts_concerning(found.session, found.person)}
        alert = alerts.get(request.form.get("alert", ""))
        answer = request.form.get("safety")
        if alert is None or answer not in set(Safety):
            raise NotFound
        check_in(found.session, found.person, alert.id, Safety(answer), "web")
        found.note(f"checkin.{answer}")
    return redirect(url_for("people_pages.own", token=token), 303)


def panel(session: Session, person: Person, language: str) -> Markup:
    """The alerts in force where the person is, each with its two buttons; nothing when there are none."""
    alerts = alerts_concerning(session, person)
    stated = checkins_of(session, person, [alert.id for alert in alerts])
    items = [(alert, _words(alert, language), stated.get(alert.id)) for alert in alerts]
    token = (request.view_args or {})["token"]
    country = person.stays[-1].country if person.stays else None
    page = render_template("responses/panel.html", items=items, token=token, country=country)
    return Markup(page)  # noqa: S704 - a template's own


def exported(session: Session, vault: Vault, person: Person) -> dict[str, Any]:
    """What the person stated, wrote and asked for, ready for JSON. Officers' notes are theirs and left out."""
    checkins = session.scalars(select(CheckIn).where(CheckIn.person_id == person.id).order_by(CheckIn.id))
    replies = session.scalars(select(Reply).where(Reply.person_id == person.id).order_by(Reply.id))
    cases = session.scalars(
        select(Case).where(Case.person_id == person.id, ~Case.duress).order_by(Case.id)
    )  # who looks over a shoulder sees no cry for help that was made in secret
    return {
        "checkins": [
            {
                "at": _when(row.at),
                "safety": (row.own or row.safety).value,
                "via": row.via,
                "told_by": "somebody else" if row.told_by else "you",
            }
            for row in checkins
        ],
        "replies": [
            {
                "at": _when(row.received_at),
                "text": reply_text(vault, person, row),
                "understood": row.meaning.value,
            }
            for row in replies
        ],
        "messages": [
            {"at": _when(row.created_at), "text": content_of(vault, row)["text"], "state": row.state.value}
            for row in reversed(messages_to(session, person, MOST_MESSAGES))
        ],
        "cases": [
            {
                "opened_at": _when(row.created_at),
                "state": row.state.value,
                "need": row.need,
                "needs": row.needs,
                "reach_by": row.reach_by and row.reach_by.value,
                "words": read_words(vault, row),
            }
            for row in cases
        ],
    }


def _words(alert: Alert, language: str) -> tuple[str, dict[str, str]]:
    """The language of the text that fits the page, and the text."""
    snapshot = alert.snapshot or {}
    tag = pick_language(language, snapshot["texts"], snapshot["default_language"])
    return tag, snapshot["texts"][tag]


def _when(moment: datetime) -> str:
    return moment.isoformat()
