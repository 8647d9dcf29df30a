"""What else officers do with a case: a line in its log, another organisation, a question to the person."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from alerts.casework import referrals
from alerts.casework.log import add_entry, seal_entry
from alerts.casework.models import EntryKind
from alerts.inbox.answering import answer
from alerts.lifecycle.clock import now
from alerts.outgoing.services import check_words
from alerts.outgoing.wordings import CONSENT
from alerts.responses.console.blueprint import CASE_WORKERS, blueprint
from alerts.responses.console.cases import case_page, get_case
from alerts.responses.models import Case
from registry.audit.services import record
from registry.errors import Conflict, Invalid
from registry.i18n import translations
from registry.organisations.services import actor_of
from registry.people.links import new_link
from registry.people.lost_links import personal_url
from registry.people.vault import Vault
from registry.web.complaints import whole_sentence
from registry.web.console import current_officer, requires
from registry.web.console.vaults import transaction
from registry.web.forms import Form
from registry.web.platform import platform

Act = Callable[[Session, Vault, Case], None]


@blueprint.post("/cases/<case_id>/note")
@requires(*CASE_WORKERS)
def note(case_id: str) -> ResponseReturnValue:
    """Add a line to the log; nothing in it is ever changed."""

    def add(session: Session, vault: Vault, case: Case) -> None:
        words = check_words(request.form.get("line", ""))
        add_entry(session, case, EntryKind.NOTE, current_officer(), None, seal_entry(vault, case, words))
        record(session, actor_of(current_officer()), "case.note", case.public_id)

    return _done(case_id, add, "Added to the log.", "line")


@blueprint.post("/cases/<case_id>/refer")
@requires(*CASE_WORKERS)
def refer(case_id: str) -> ResponseReturnValue:
    """Offer it to another organisation, to whose seeing it the person has agreed."""

    def offer(session: Session, vault: Vault, case: Case) -> None:
        agreement, words = Form(request.form).thing("agreement"), request.form.get("request", "")
        referrals.refer(session, vault, current_officer(), case, agreement, words)

    return _done(case_id, offer, "They are asked. Their answer appears here.", "request")


@blueprint.post("/cases/<case_id>/withdraw")
@requires(*CASE_WORKERS)
def withdraw(case_id: str) -> ResponseReturnValue:
    """Take a referral back."""

    def take_back(session: Session, _vault: Vault, case: Case) -> None:
        referrals.withdraw(session, current_officer(), case, Form(request.form).thing("referral"))

    return _done(case_id, take_back, "The referral is withdrawn.", "request")


@blueprint.post("/cases/<case_id>/ask-consent")
@requires(*CASE_WORKERS)
def ask_consent(case_id: str) -> ResponseReturnValue:
    """Send the person a link to their own page, where they may agree; once a day at the most."""

    def ask(session: Session, vault: Vault, case: Case) -> None:
        person = case.person
        url = personal_url(platform().base_url, new_link(session, person))
        words = translations(person.language).gettext(CONSENT) % {"url": url}
        today = uuid.uuid5(case.public_id, f"consent {now(session).date()}")
        answer(session, vault, current_officer(), person, words, today, up_to=0)

    return _done(case_id, ask, "They are asked.", "request")


def _done(case_id: str, act: Act, words: str, field: str) -> ResponseReturnValue:
    """Do it and show the case; or show what stands against it."""
    try:
        with transaction() as (session, vault):
            act(session, vault, get_case(session, case_id))
    except Conflict as conflict:
        flash(str(conflict), "warn")
    except Invalid as invalid:
        with transaction() as (session, vault):
            form = Form(request.form)
            form.fail(field, whole_sentence(invalid.errors[0]))
            return case_page(session, vault, get_case(session, case_id), form), 422
    else:
        flash(words, "good")
    return redirect(url_for(".case", case_id=case_id), 303)
