"""The language of the current request, and texts in it."""

from __future__ import annotations

from flask import Response, g, has_request_context, request

from registry.i18n import LANGUAGES, OFFICER_LANGUAGES, negotiate, translations
from registry.places import is_right_to_left
from registry.web.platform import platform

COOKIE_AGE = 365 * 24 * 3600


def cookie_name() -> str:
    """Over https one that only this very host can have set (RFC 6265bis §4.1.3.2)."""
    return "__Host-lang" if platform().https else "lang"


def current_language() -> str:
    """By `?lang=`, else the cookie, else what the browser accepts, else English."""
    if not has_request_context():
        return "en"
    if "language" not in g:
        g.language = negotiate(_chosen(), _accepted())
    language: str = g.language
    return language


def _chosen() -> str | None:
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else request.cookies.get(cookie_name())


def _accepted() -> list[str]:
    return list(request.accept_languages.values())


def use_language(tag: str) -> None:
    """Speak this language for the rest of the request, if we can."""
    g.language = negotiate(tag, [])


def use_console_language(own: str | None) -> None:
    """Speak an officer's language; of somebody who hasn't signed in, the one that they or their browser choose."""
    g.language = negotiate(own or _chosen(), [] if own else _accepted(), OFFICER_LANGUAGES)


def prefer_language(tag: str) -> None:
    """Speak this language unless the reader has chosen one here: a person's own, on a browser new to us."""
    if request.args.get("lang") not in LANGUAGES and request.cookies.get(cookie_name()) not in LANGUAGES:
        use_language(tag)


def keep_choice(response: Response) -> Response:
    """Remember a language asked for by `?lang=`."""
    asked = request.args.get("lang")
    if asked in LANGUAGES and asked != request.cookies.get(cookie_name()):
        response.set_cookie(
            cookie_name(),
            str(asked),
            max_age=COOKIE_AGE,
            samesite="Lax",
            httponly=True,
            secure=platform().https,
        )
    return response


def direction(tag: str | None = None) -> str:
    """The HTML `dir` of a language, by default the current one."""
    return "rtl" if is_right_to_left(tag or current_language()) else "ltr"


def gettext(text: str, **placeholders: object) -> str:
    """The text in the current language; `%(name)s` placeholders are filled when any are given."""
    found = translations(current_language()).gettext(text)
    return found % placeholders if placeholders else found


def ngettext(singular: str, plural: str, number: int, **placeholders: object) -> str:
    """As gettext, in the grammatical number that the language wants; `%(num)s` is the number."""
    found = translations(current_language()).ngettext(singular, plural, number)
    return found % {"num": number, **placeholders}
