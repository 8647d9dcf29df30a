"""The site's chrome: languages and formats in every template, assets, compression."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, Response, request

from config import failures
from registry.i18n import LANGUAGES, translations
from registry.places import country_name, language_name
from registry.web import formats
from registry.web.language import current_language, direction, keep_choice
from registry.web.quiet import handed_on, quiet_title

COMPRESSIBLE = {"text/html", "text/css", "text/javascript", "image/svg+xml"}
WORTH_COMPRESSING = 600  # bytes


def install(app: Flask) -> None:
    """Languages in every template, compressed answers, our own error pages."""
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: translations(current_language()).gettext(text),
        lambda one, many, count: translations(current_language()).ngettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.globals.update(
        country_name=lambda code, language=None: country_name(code, language or current_language()),
        direction=direction,
        language_links=language_links,
        language_name=language_name,
        languages=LANGUAGES,
        handed_on=handed_on,
        quiet_title=quiet_title,
    )
    app.jinja_env.filters.update(
        brief=formats.brief, day=formats.day, days=formats.days, moment=formats.moment, number=formats.number
    )
    app.context_processor(_language)
    app.url_defaults(_version_for(app))
    app.after_request(_compress)
    app.after_request(keep_choice)
    failures.install(app)


def _language() -> dict[str, str]:
    return {"language": current_language(), "locale": current_language(), "dir": direction()}


def language_links() -> list[tuple[str, str]]:
    """This page's address in each language that we speak."""
    query = {key: value for key, value in request.args.items() if key != "lang"}
    return [(tag, _address(query | {"lang": tag})) for tag in LANGUAGES]


def _address(query: dict[str, str]) -> str:
    return quote(request.path) + "?" + urlencode(query)


def _version_for(app: Flask) -> Callable[[str, dict[str, Any]], None]:
    """Put a digest of a static file's content in its address, so that browsers may keep it for ever."""
    digests: dict[tuple[str, str], str] = {}

    def version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint != "static" and not endpoint.endswith(".static"):
            return
        name = (endpoint, str(values.get("filename")))
        if name not in digests:
            owner = app.blueprints[endpoint.removesuffix(".static")] if "." in endpoint else app
            path = Path(owner.static_folder or "") / name[1]
            digests[name] = sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""
        values.setdefault("v", digests[name])

    return version


def _compress(response: Response) -> Response:
    """Compress pages and texts: people pay for their bytes.

    A compressed page may leak a secret that stands beside text of a stranger's choice (BREACH); our cookies
    are SameSite=Lax, so that no other site can make a browser fetch such a page in numbers.
    """
    if response.mimetype not in COMPRESSIBLE or response.status_code not in (200, 400, 403, 404, 422, 429):
        return response
    response.vary.add("Accept-Encoding")
    if response.headers.get("Content-Encoding") or not request.accept_encodings["gzip"]:
        return response
    response.direct_passthrough = False
    plain = response.get_data()
    if len(plain) >= WORTH_COMPRESSING:
        response.set_data(gzip.compress(plain, 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("ETag", None)
    return response
