"""Changing language, name and the other details."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from registry.errors import Invalid
from registry.people.changes import change, read_changes
from registry.people.pages import options
from registry.people.pages.blueprint import people_pages
from registry.people.pages.guards import limit_changes_by
from registry.people.pages.opened import Opened, opened, saved
from registry.places import language_name
from registry.web.forms import Form

FIELDS = ("language", "name", "nationality", "kind", "household_size")


@people_pages.route("/me/<token>/details", methods=["GET", "POST"])
def details(token: str) -> ResponseReturnValue:
    """All at once; an emptied field is forgotten."""
    if request.method == "POST":
        limit_changes_by(token)
    with opened(token) as found:
        if request.method != "POST":
            return _page(found, Form(_held(found)))
        form = Form(request.form)
        changes = _read(form)
        if changes is None:
            return _page(found, form), 422
        change(found.session, found.vault, found.person, changes)
        found.note("person.changed")
    return saved(token)


def _held(found: Opened) -> dict[str, str]:
    person = found.person
    return {
        "language": person.language,
        "name": found.vault.name(person) or "",
        "nationality": person.nationality or "",
        "kind": person.kind or "",
        "household_size": str(person.household_size or ""),
        "quiet": "yes" if person.quiet else "",
        "tell_family": "yes" if person.tell_family else "",
    }


def _read(form: Form) -> dict[str, Any] | None:
    data: dict[str, Any] = {name: form.value(name) for name in FIELDS}
    data["quiet"] = form.chosen("quiet", "yes")
    data["tell_family"] = form.chosen("tell_family", "yes")
    try:
        return read_changes(data)
    except Invalid as invalid:
        form.take(invalid)
        return None


def _page(found: Opened, form: Form) -> str:
    languages = options.languages()
    held = found.person.language
    if held not in dict(languages):
        languages = [(held, language_name(held)), *languages]
    return render_template(
        "people/details.html",
        token=found.token,
        form=form,
        languages=languages,
        countries=options.countries(),
        kinds=options.kinds(found.person.kind),
    )
