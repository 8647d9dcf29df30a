"""Pages that give nothing away at a glance: no name of the service, a title and a picture that say little."""

from __future__ import annotations

from typing import Any

from flask import g, has_request_context, request

from registry.web.language import gettext

ASKED = "plain"
"""The query parameter by which such a page leads to another that can't know by itself."""


def hush(title: str | None = None) -> None:
    """Show the page of this request so, under this title; without, as somebody's own."""
    g.quiet_title = title or gettext("Your own page")


def handed_on(*, quiet: bool | None = None) -> dict[str, Any]:
    """What an address needs so that the next page is as quiet as this one, or as asked."""
    return {ASKED: "1"} if (quiet_title() if quiet is None else quiet) else {}


def quiet_title() -> str | None:
    """The title of such a page; None for all others."""
    if not has_request_context():
        return None
    if "quiet_title" not in g and ASKED in request.args:
        hush()
    title: str | None = g.get("quiet_title")
    return title
