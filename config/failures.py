"""Error pages in the site's style. What lies under /api/ is left to the API, which has its own form."""

from __future__ import annotations

from math import ceil

from flask import Flask, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, TooManyRequests

from config.edge import UnknownHost
from registry.api import problems
from registry.crypto import KeyAway, Unreadable
from registry.errors import Conflict, NotFound
from registry.events.request import call_it
from registry.i18n import mark
from registry.web.language import gettext, ngettext

FORM_TOO_OLD = (
    mark("This page was open for too long"),
    mark("For your safety, a form works for a few hours only, and your browser must accept cookies."),
    mark("Go back, load the page again and send it once more. Nothing was changed."),
)
NOT_OUR_NAME = (
    mark("There is nothing under this name"),
    mark("Open the address that you were given, letter by letter."),
    mark("If this service is yours: tell it its name in PUBLIC_URL or TRUSTED_HOSTS."),
)
LOCKED = (
    mark("This record is locked"),
    mark("The key that opens it was taken away from here, to protect the people in it. Nothing was changed."),
)
PAGES: dict[int, tuple[str, ...]] = {
    400: (
        mark("This did not work"),
        mark("Your browser sent something that we could not read. Nothing was changed."),
        mark("Go back and try again."),
    ),
    403: (mark("You may not open this page"), mark("It is there for others. Nothing was changed.")),
    404: (
        mark("There is nothing here"),
        mark("Check the address. If you followed a link, it may have ended."),
    ),
    405: (mark("This page cannot be used like that"), mark("Go back and use the buttons on the page.")),
    409: (
        mark("This is not possible now"),
        mark("Something changed in the meantime. Go back, load the page again and look."),
    ),
    413: (mark("This is too large"), mark("Send a smaller file or a shorter text. Nothing was saved.")),
    429: (mark("Too many tries"), mark("This protects everyone here from misuse. Nothing was changed.")),
    500: (
        mark("Something went wrong on our side"),
        mark("We are sorry. What you sent was not saved. Try again in a few minutes."),
    ),
    503: (
        mark("Not available for a moment"),
        mark("We are sorry. What you sent was not saved. Try again in a few minutes."),
    ),
}

OF_THEIR_OWN: dict[type[HTTPException], tuple[str, ...]] = {
    CSRFError: FORM_TOO_OLD,
    UnknownHost: NOT_OUR_NAME,
}


def install(app: Flask) -> None:
    """Answer every failure with a page that says what to do next."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(NotFound, lambda _error: _domain(404))
    app.register_error_handler(Conflict, lambda _error: _domain(409))
    app.register_error_handler(Unreadable, _unreadable)


def page(status: int, texts: tuple[str, ...] | None = None, last: str | None = None) -> Response:
    """An error page; `texts` are its title and lines before translation, `last` one more line after it."""
    title, *lines = [
        gettext(text) for text in texts or PAGES.get(status) or PAGES[400 if status < 500 else 500]
    ]
    if last:
        lines.append(last)
    return make_response(render_template("error.html", title=title, lines=lines), status)


def _wait(error: TooManyRequests) -> str | None:
    """How long to wait, in whole minutes."""
    if not isinstance(error.retry_after, int):
        return None
    minutes = max(1, ceil(error.retry_after / 60))
    return ngettext("Try again in %(num)d minute.", "Try again in %(num)d minutes.", minutes)


def _http(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, CSRFError | UnknownHost):
        call_it("forged_form" if isinstance(error, CSRFError) else "unknown_host")
    if (
        error.response is not None
        or error.code is None
        or error.code < 400
        or request.path.startswith("/api/")
    ):
        return error
    texts = next((texts for kind, texts in OF_THEIR_OWN.items() if isinstance(error, kind)), None)
    answer = page(error.code or 500, texts, _wait(error) if isinstance(error, TooManyRequests) else None)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer


def _domain(status: int) -> ResponseReturnValue:
    return ("", status) if request.path.startswith("/api/") else page(status)


def _unreadable(error: Unreadable) -> ResponseReturnValue:
    """Of a person whose post's key was shredded, or lies in a keystore that is away."""
    if isinstance(error, KeyAway):
        return _domain(503)
    if request.path.startswith("/api/"):
        return problems.answer(problems.problem(409, "locked", "The key of this person's post was shredded."))
    token = (request.view_args or {}).get("token")
    if request.blueprint == "people_pages" and token:  # it can still be erased
        return render_template("people/locked.html", token=token), 409
    return page(409, LOCKED)
