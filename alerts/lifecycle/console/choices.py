"""What the composer offers to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from alerts.lifecycle.console import words
from alerts.lifecycle.console.fields import EXPIRY_HOURS, UPDATE_HOURS, tags_of
from alerts.lifecycle.console.reading import followable
from alerts.lifecycle.models import Alert
from alerts.lifecycle.ready import list_templates
from registry.i18n import LANGUAGES
from registry.people.kinds import KINDS
from registry.people.pages.options import MORE_LANGUAGES
from registry.places import countries_by_name, country_codes, country_name, subdivisions
from registry.staff.reach import Reach
from registry.web import formats
from registry.web.console.atlas import Atlas, atlas
from registry.web.forms import Form
from registry.web.language import current_language, gettext

Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Choices:
    """Options as (value, text)."""

    templates: Options
    threads: Options
    countries: Options
    """The chosen ones first."""
    nationalities: Options
    regions: list[tuple[str, Options]]
    """For each chosen country: its name and its subdivisions."""
    map: Atlas | None
    """Where the chosen countries are."""
    languages: Options
    kinds: Options
    tags: list[str]
    """The languages that the form has texts for."""
    new_tags: Options
    now: datetime
    expiry_hours: list[tuple[int, str]]
    """Hours from now, with the moment in UTC."""
    update_hours: list[tuple[int, str]]


def choices(session: Session, form: Form, alert: Alert | None, reach: Reach) -> Choices:
    """For a form as it stands, and an officer who reaches as far."""
    tags, now = tags_of(form), datetime.now(UTC)
    languages = _languages()
    return Choices(
        templates=[(template.id, gettext(template.title)) for template in list_templates()],
        threads=[
            (str(first.public_id), _thread(first))
            for first in followable(session, alert, exercise=form.chosen("exercise", "yes"))
        ],
        countries=_countries(form, reach),
        nationalities=_chosen_first(form, "nationalities"),
        regions=_regions(form),
        map=atlas(dict.fromkeys(form.values.getlist("countries"), 1)),
        languages=languages,
        kinds=[
            (word, gettext(KINDS.get(word) or word.replace("_", " ").capitalize())) for word in _kinds(form)
        ],
        tags=tags,
        new_tags=[pair for pair in languages if pair[0] not in tags],
        now=now,
        expiry_hours=[(hours, _ahead(now, hours)) for hours in EXPIRY_HOURS],
        update_hours=[(hours, _ahead(now, hours)) for hours in UPDATE_HOURS],
    )


def _ahead(now: datetime, hours: int) -> str:
    return formats.short(now + timedelta(hours=hours))


def _languages() -> Options:
    more = sorted(((tag, words.tongue(tag)) for tag in MORE_LANGUAGES), key=lambda pair: pair[1])
    return [(tag, words.tongue(tag)) for tag in LANGUAGES] + [
        pair for pair in more if pair[0] not in LANGUAGES
    ]


def _countries(form: Form, reach: Reach) -> Options:
    chosen = form.values.getlist("countries")
    options = _chosen_first(form, "countries")
    return [pair for pair in options if reach is None or pair[0] in reach or pair[0] in chosen]


def _chosen_first(form: Form, name: str) -> Options:
    chosen = set(form.values.getlist(name))
    return sorted(countries_by_name(current_language()), key=lambda pair: pair[0] not in chosen)


def _regions(form: Form) -> list[tuple[str, Options]]:
    codes = [code for code in form.values.getlist("countries") if code in country_codes()]
    return [
        (country_name(code, current_language()), sorted(subdivisions(code).items(), key=lambda pair: pair[1]))
        for code in codes
    ]


def _kinds(form: Form) -> list[str]:
    """Those of the public page, and an organisation's own ones that are chosen already."""
    return list(dict.fromkeys([*KINDS, *(word[:40] for word in form.values.getlist("kinds"))]))


def _thread(alert: Alert) -> str:
    return f"{words.title(alert)}, {formats.day(alert.created_at)}"
