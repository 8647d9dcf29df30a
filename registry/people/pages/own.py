"""A person's own page: what is held about them, and what they can do with it."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from registry.people.export import export
from registry.people.intake import earliest_today
from registry.people.kinds import KINDS
from registry.people.lost_links import personal_url
from registry.people.pages.blueprint import people_pages
from registry.people.pages.guards import limit_changes_by, limit_guesses
from registry.people.pages.opened import Opened, opened, saved
from registry.places import subdivisions
from registry.web.language import current_language, gettext
from registry.web.platform import platform


@people_pages.get("/me/<token>")
def own(token: str) -> str:
    """See everything. Panels of other packages stand at the top when they are urgent, as alerts in force are."""
    limit_guesses()
    with opened(token) as found:
        page = render_template(
            "people/own.html",
            token=token,
            new=bool(request.args.get("new")),
            kept=platform(),
            address=personal_url(platform().base_url, token),
            panels=_panels(found, "me_panels"),
            choices=_panels(found, "me_choices"),
            **_shown(found),
        )
        found.note("person.seen")
    return page


def _panels(found: Opened, place: str) -> list[Markup]:
    """`me_panels`, and `me_choices` for what can wait, hold callables (session, person, language) -> Markup."""
    makers = current_app.extensions.get(place, [])
    return [make(found.session, found.person, current_language()) for make in makers]


def _shown(found: Opened) -> dict[str, Any]:
    person, vault = found.person, found.vault
    kind, today = person.kind, earliest_today()
    return {
        "person": person,
        "organisation": vault.organisation,
        "name": vault.name(person),
        "kind": gettext(KINDS[kind]) if kind in KINDS else (kind or "").replace("_", " "),
        "contacts": [
            (contact, found.name_of(contact), vault.address(contact), found.can_spare(contact))
            for contact in person.contacts
        ],
        "stays": [
            (
                stay,
                subdivisions(stay.country).get(stay.subdivision or ""),
                vault.place(stay),
                stay.ends is not None and stay.ends < today,
            )
            for stay in person.stays
        ],
    }


@people_pages.post("/me/<token>/pause")
def pause(token: str) -> ResponseReturnValue:
    """No alerts for a while, or alerts again."""
    limit_changes_by(token)
    with opened(token) as found:
        found.person.paused = request.form.get("action") != "resume"
        found.session.flush()
        found.note("person.paused" if found.person.paused else "person.resumed")
    return saved(token)


@people_pages.get("/me/<token>/download")
def download(token: str) -> Response:
    """Everything held, as a JSON file. `me_exporters` holds registry.people.export.Exporter callables."""
    limit_changes_by(token)
    with opened(token) as found:
        held = export(
            found.session, found.vault, found.person, current_app.extensions.get("me_exporters", [])
        )
        found.note("person.downloaded")
    text = json.dumps(held, ensure_ascii=False, indent=2) + "\n"
    headers = {"Content-Disposition": 'attachment; filename="my-registration.json"'}
    return Response(text, mimetype="application/json", headers=headers)
