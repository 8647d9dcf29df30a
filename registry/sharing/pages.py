"""Consent on a person's own page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from registry.errors import NotFound
from registry.people.models import Person
from registry.people.pages.guards import limit_changes_by
from registry.people.pages.opened import opened
from registry.people.vault import Vault
from registry.sharing import services

sharing_pages = Blueprint("sharing_pages", __name__, template_folder="templates")


@sharing_pages.record_once
def offer(state: Any) -> None:
    """Add the panel and the download's part to a person's own page."""
    app: Flask = state.app
    app.extensions.setdefault("me_choices", []).append(panel)
    app.extensions.setdefault("me_exporters", []).append(exported)


@sharing_pages.post("/me/<token>/sharing")
def change(token: str) -> ResponseReturnValue:
    """Let an organisation see one's record, or no more."""
    limit_changes_by(token)
    with opened(token) as found:
        offered = {str(one.public_id): one for one, _ in services.offered(found.session, found.person)}
        agreement = offered.get(request.form.get("agreement", ""))
        if agreement is None:
            raise NotFound
        if request.form.get("action") == "share":
            services.consent(found.session, found.person, agreement)
            found.note("person.shared")
        else:
            services.take_back(found.session, found.person, agreement)
            found.note("person.unshared")
    return redirect(url_for("people_pages.own", token=token), 303)


def panel(session: Session, person: Person, _language: str) -> Markup:
    """The organisations that ask to see this person, and those that may; nothing when there are none."""
    token = (request.view_args or {})["token"]
    items = services.offered(session, person)
    return Markup(render_template("sharing/panel.html", items=items, token=token))  # noqa: S704 - a template's own


def exported(session: Session, _vault: Vault, person: Person) -> dict[str, Any]:
    """Who sees this person, for their download."""
    return {
        "shared_with": [
            {
                "organisation": one.recipient.name,
                "purpose": one.purpose,
                "until": one.ends.isoformat(),
            }
            for one, given in services.offered(session, person)
            if given
        ]
    }
