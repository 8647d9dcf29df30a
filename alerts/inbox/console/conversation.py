"""One person's conversation: what they wrote, what was answered, and the officer's next word."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from alerts.casework.points import get_point, open_points, words_of
from alerts.inbox import services
from alerts.inbox.answering import answer, hushed
from alerts.inbox.console.blueprint import READERS, blueprint
from alerts.outgoing.models import Outgoing
from alerts.outgoing.services import LONGEST, content_of, messages_to, reachable, send_again
from alerts.outgoing.wordings import POINT, READY, ready
from alerts.responses.cases import cases_of, open_case
from alerts.responses.models import CaseOrigin, Reply
from alerts.responses.storing import reply_text
from registry.audit.reading import Purpose, reading
from registry.errors import Conflict, Invalid, NotFound
from registry.i18n import translations
from registry.people.console.blueprint import Opened, opened
from registry.web.complaints import whole_sentence
from registry.web.console import current_officer, requires
from registry.web.forms import Form
from registry.web.language import gettext as _

KEPT = 40
"""Messages of each side that the page shows, the newest ones."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of either side."""

    at: datetime
    text: str | None
    reply: Reply | None = None
    sent: Outgoing | None = None


@blueprint.get("/conversations/<uuid:public_id>")
@requires(*READERS)
def conversation(public_id: uuid.UUID) -> ResponseReturnValue:
    """The page. `?ready=` and `?point=` put words into the reply, which the officer may change."""
    with opened(public_id) as found:
        found.note("conversation.read", **reading(Purpose.CASE))
        return _page(found, Form({"text": _prepared(found)}))


@blueprint.post("/conversations/<uuid:public_id>/reply")
@requires(*READERS)
def reply(public_id: uuid.UUID) -> ResponseReturnValue:
    """Send words to the person; what they had written is read thereby."""
    form = Form(request.form)
    try:
        with opened(public_id) as found:
            answer(
                found.session,
                found.vault,
                current_officer(),
                found.person,
                form.value("text"),
                _once(form),
                up_to=form.number("up_to"),
                sure=form.chosen("sure", "yes"),
            )
    except (Invalid, Conflict) as error:
        form.fail("text", str(error) if isinstance(error, Conflict) else whole_sentence(error.errors[0]))
        with opened(public_id) as found:
            return _page(found, form), 422
    flash(_("Your reply is on its way."), "good")
    return redirect(url_for(".conversation", public_id=public_id), 303)


@blueprint.post("/conversations/<uuid:public_id>/act")
@requires(*READERS)
def act(public_id: uuid.UUID) -> ResponseReturnValue:
    """Take it, mark it as read, open a case, or send a message again of which nobody can say whether it left."""
    form, officer = Form(request.form), current_officer()
    with opened(public_id) as found:
        try:
            match form.value("do"):
                case "take":
                    services.take(found.session, officer, found.person)
                case "read":
                    services.mark_read(found.session, officer, found.person, form.number("up_to"))
                case "case":
                    case = open_case(found.session, found.person, None, CaseOrigin.OFFICER, officer)
                    found.note("case.open", case=str(case.public_id))
                    return redirect(url_for("responses.case", case_id=case.public_id), 303)
                case "again":
                    send_again(found.session, found.person, form.thing("message"))
                    found.note("outgoing.again")
                case _:
                    raise NotFound
        except Conflict as conflict:
            flash(str(conflict), "warn")
    return redirect(url_for(".conversation", public_id=public_id), 303)


def _prepared(found: Opened) -> str:
    language = found.person.language
    words = [ready(request.args.get("ready", ""), language)]
    if request.args.get("point"):
        point = get_point(found.session, Form(request.args).thing("point"))
        words += [translations(language).gettext(POINT), words_of(point, language)]
    return " ".join(word for word in words if word)


def _page(found: Opened, form: Form) -> str:
    session, vault, person = found.session, found.vault, found.person
    locked = not vault.opens(person)
    said = [] if locked else _said(found)
    answered = next((one.reply for one in reversed(said) if one.reply), None)
    contact = reachable(person, answered.contact_point_id if answered else None)
    return render_template(
        "inbox/conversation.html",
        person=person,
        locked=locked,
        name=None if locked else vault.name(person),
        said=said,
        unread=any(one.reply and one.reply.needs_reading and not one.reply.read_at for one in said),
        owner=next((one.reply.owner for one in said if one.reply and one.reply.owner), None),
        up_to=max((one.reply.id for one in said if one.reply), default=0),
        cases=cases_of(session, person),
        hushed=hushed(session, person),
        contact=contact and (contact.channel.value, vault.masked(contact)),
        ready=[(name, text) for name, text in READY.items()],
        points=[
            (one.public_id, one.name) for one in open_points(session, [stay.country for stay in person.stays])
        ],
        form=form,
        once=uuid.uuid4(),
        longest=LONGEST,
    )


def _said(found: Opened) -> list[Said]:
    """Both sides, the oldest first."""
    session, vault, person = found.session, found.vault, found.person
    theirs = [
        Said(one.received_at, reply_text(vault, person, one), reply=one)
        for one in services.replies_of(session, person, KEPT)
    ]
    ours = [
        Said(one.created_at, content_of(vault, one)["text"], sent=one)
        for one in messages_to(session, person, KEPT)
    ]
    return sorted(theirs + ours, key=lambda one: one.at)


def _once(form: Form) -> uuid.UUID:
    try:
        return uuid.UUID(form.value("once"))
    except ValueError:
        raise Invalid.one("once", "required", "load the page again") from None
