"""Days, moments and numbers as the language of the page writes them."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_datetime, format_time, format_timedelta, get_timezone_location
from babel.numbers import format_decimal

from registry.web.language import current_language


def _locale() -> Locale:
    try:
        return Locale.parse(current_language(), sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale("en", "GB")


ENGLISH = "d MMMM y"  # for everyone outside America, too


def _long(value: date, locale: Locale) -> str:
    return format_date(value, ENGLISH if locale.language == "en" else "long", locale=locale)


def day(value: date | None) -> str:
    """A date, e.g. "31 January 2027"; empty for None."""
    return _long(value, _locale()) if value else ""


def moment(value: datetime | None, country: str | None = None) -> str:
    """An aware moment in UTC, e.g. "31 January 2027, 14:05 UTC"; empty for None.

    Of a country (ISO 3166-1) where all clocks agree, as they show it: "31 January 2027, 16:05 (Lebanon Time)".
    """
    if value is None:
        return ""
    locale, zone = _locale(), _clock(country, value)
    here = value.astimezone(zone or UTC)
    name = f"({get_timezone_location(zone, locale=locale)})" if zone else "UTC"
    return f"{_long(here.date(), locale)}{_comma(locale)} {format_time(here, 'HH:mm', locale=locale)} {name}"


def _comma(locale: Locale) -> str:
    return "،" if locale.text_direction == "rtl" else ","


def _clock(country: str | None, value: datetime) -> ZoneInfo | None:
    """The time zone of a country at a moment; None where it has several, or none that is known."""
    zones = [ZoneInfo(name) for name in get_global("territory_zones").get(country or "", ())]
    offsets = {value.astimezone(zone).utcoffset() for zone in zones}
    return zones[0] if len(offsets) == 1 else None


def short(value: datetime) -> str:
    """An aware moment of these days, in UTC, e.g. "Sun 31 Jan, 14:05 UTC"."""
    return format_datetime(value.astimezone(UTC), "EEE d MMM, HH:mm", locale=_locale()) + " UTC"


def brief(value: datetime, *, seconds: bool = False) -> str:
    """An aware moment for a table whose head says UTC, e.g. "31 Jan, 14:05"; with the year when it isn't this one."""
    utc, locale = value.astimezone(UTC), _locale()
    day_pattern = "d MMM" if utc.year == datetime.now(UTC).year else "d MMM y"
    return format_datetime(
        utc, f"{day_pattern}{_comma(locale)} HH:mm{':ss' if seconds else ''}", locale=locale
    )


def number(value: float) -> str:
    """A number with its groups, e.g. "12,345"."""
    return format_decimal(value, locale=_locale())


def days(value: int) -> str:
    """A number of days, e.g. "30 days"."""
    return format_timedelta(timedelta(days=value), "day", threshold=math.inf, locale=_locale())
