"""The audit log for auditors: searching it, whether its chain holds, and alarms."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.api.pages import page_of
from registry.audit.alarms import READERS, note_seen, open_alarms
from registry.audit.search import Wanted, earlier
from registry.audit.services import record
from registry.audit.verifying import chain_state
from registry.audit.witness import Witness
from registry.database import scoped
from registry.organisations.services import actor_of
from registry.web.console import ORGANISATION, NavItem, console_blueprint, current_officer, requires
from registry.web.console.paging import place_in
from registry.web.console.vaults import transaction
from registry.web.forms import Form
from registry.web.language import gettext as _
from registry.web.platform import platform

PAGE = 50
LIST = "console audit"
FIELDS = ("actor", "action", "subject", "since", "until")

audit_console = console_blueprint(
    "audit",
    __name__,
    nav=(NavItem("Audit", "audit.index", READERS, weight=69, group=ORGANISATION),),
    url_prefix="/console/audit",
    template_folder="templates",
)


@audit_console.get("/")
@requires(*READERS)
def index() -> ResponseReturnValue:
    """A page of entries, the latest first. Looking is an entry too."""
    officer, form = (
        current_officer(),
        Form({name: request.args.get(name, "").replace("\0", "").strip()[:254] for name in FIELDS}),
    )
    wanted = _wanted(form)
    with transaction() as (session, vault):
        before = place_in(vault, LIST)
        found = [] if wanted is None else earlier(session, officer.organisation_id, wanted, before, PAGE + 1)
        shown, following = page_of(vault, LIST, found, PAGE, lambda entry: (entry.number,))
        organisation = officer.organisation
        keyring = platform().keyring
        witness = Witness(keyring.witness_seed, *keyring.earlier_witness_seeds)
        state = chain_state(session, witness, organisation.id, organisation.public_id)
        alarms = open_alarms(session, officer.organisation_id)
        record(session, actor_of(officer), "audit.search", None, wanted.given() if wanted else {})
    asked: dict[str, Any] = {name: form.value(name) for name in FIELDS if form.value(name)}
    return render_template(
        "console/audit/index.html",
        form=form,
        entries=shown,
        state=state,
        alarms=alarms,
        asked=asked,
        in_words=_in_words,
        next_url=url_for(".index", after=following, **asked) if following else None,
        first_url=url_for(".index", **asked) if before else None,
    ), 422 if form.errors else 200


@audit_console.post("/alarms/<int:number>")
@requires(*READERS)
def seen(number: int) -> ResponseReturnValue:
    """Note that one has looked at an alarm."""
    officer = current_officer()
    with scoped(officer.organisation_id) as session:
        note_seen(session, officer, number)
    return redirect(url_for(".index"), 303)


def _wanted(form: Form) -> Wanted | None:
    """The filters; None with the errors noted in the form."""
    since, until = _day(form, "since"), _day(form, "until")
    if form.errors:
        return None
    actor = form.value("actor")
    return Wanted(
        actor.lower() or None,
        form.value("action") or None,
        form.value("subject") or None,
        since,
        until + timedelta(days=1) if until else None,
    )


def _day(form: Form, name: str) -> datetime | None:
    text = form.value(name)
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        form.fail(name, _("Enter a real date: day, month and year."))
        return None


def _in_words(details: dict[str, object]) -> str:
    """Details on one line; digests shortened, for the eye."""
    return ", ".join(
        f"{name}: {value[:12] + '…' if name == 'digest' and isinstance(value, str) else _plain(value)}"
        for name, value in details.items()
    )


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
