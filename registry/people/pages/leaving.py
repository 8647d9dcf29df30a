"""Ending all links, and being forgotten."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.people import services
from registry.people.links import end_links
from registry.people.pages.blueprint import people_pages
from registry.people.pages.guards import limit_changes_by
from registry.people.pages.opened import opened
from registry.web.quiet import handed_on


@people_pages.post("/me/<token>/end-links")
def end_all_links(token: str) -> ResponseReturnValue:
    """No link to this page works any more; a new one can be asked for."""
    limit_changes_by(token)
    with opened(token) as found:
        end_links(found.session, found.person)
        found.note("person.links_ended")
    return redirect(url_for(".links_ended", **handed_on()), 303)


@people_pages.get("/links-ended")
def links_ended() -> str:
    """What to do next."""
    return render_template("people/links_ended.html")


@people_pages.route("/me/<token>/erase", methods=["GET", "POST"])
def erase(token: str) -> ResponseReturnValue:
    """Ask once more, then erase."""
    if request.method == "POST":
        limit_changes_by(token)
    with opened(token) as found:
        if request.method != "POST":
            return render_template("people/erase.html", token=token, organisation=found.vault.organisation)
        services.erase(found.session, found.person)
        found.note("person.erased")
    return redirect(url_for(".erased", **handed_on()), 303)


@people_pages.get("/erased")
def erased() -> str:
    """It is done."""
    return render_template("people/erased.html")
