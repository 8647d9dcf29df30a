"""The composer's form: what its fields mean, and what stands in them to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from alerts.lifecycle.models import Alert, AlertType
from registry.places import normalise_language
from registry.web.forms import Form

FILTERS: Final = ("languages", "nationalities", "kinds", "reached_by")
PARTS: Final = ("sms", "subject", "body")
MAX_TAGS: Final = 60
EXPIRY_HOURS: Final = (6, 12, 24, 48, 72, 168)
UPDATE_HOURS: Final = (1, 3, 6, 12, 24)
AT: Final = "at"
"""Instead of a number of hours: at the moment that the field beside it names."""


def text_field(tag: str, part: str) -> str:
    """The name of the field of one text."""
    return f"text-{tag}-{part}"


def tags_of(form: Form) -> list[str]:
    """The languages that the form has texts for, in normal form, in their order."""
    found = (normalise_language(word[:40]) for word in form.values.getlist("tags")[:MAX_TAGS])
    return list(dict.fromkeys(tag for tag in found if tag))


def texts_of(form: Form) -> dict[str, dict[str, str]]:
    """The texts as they stand in the form; empty fields are left out."""
    return {
        tag: {part: text for part in PARTS if (text := form.value(text_field(tag, part)))}
        for tag in tags_of(form)
    }


def data_of(form: Form) -> dict[str, Any]:
    """The form in the shape that `read_alert` reads."""
    values, now = form.values, datetime.now(UTC)
    countries = values.getlist("countries")
    kind = form.value("type")
    return {
        **{name: form.value(name) for name in ("type", "level", "crisis", "severity")},
        "area": {
            "countries": countries,
            "subdivisions": [code for code in values.getlist("subdivisions") if code[:2] in countries],
        },
        "filters": {name: values.getlist(name) for name in FILTERS},
        "texts": texts_of(form),
        "channels": values.getlist("channels"),
        "expires_at": _moment(form, "expires", now),
        "next_update_at": _moment(form, "next_update", now),
        "exercise": form.chosen("exercise", "yes"),
        "follows": form.value("follows") if kind != AlertType.ALERT else None,
    }


def _moment(form: Form, name: str, now: datetime) -> str | None:
    """ISO 8601; the browser's field knows no zone, and the page says that it is UTC."""
    choice = form.value(f"{name}_in")
    if choice.isascii() and choice.isdigit() and 0 < int(choice[:6]) <= 24 * 30:
        return (now + timedelta(hours=int(choice[:6]))).isoformat(timespec="seconds")
    given = form.value(f"{name}_at").strip()
    return f"{given}Z" if choice == AT and given else None


def blank(default_language: str) -> Form:
    """A new alert's form."""
    form = Form()
    form.values.update({"type": "alert", "expires_in": "24", "tags": default_language})
    form.values.setlist("channels", ["sms", "email"])
    return form


def form_of(alert: Alert) -> Form:
    """An alert in the form, to be edited."""
    form = Form()
    _fill(form.values, alert, alert.texts)
    form.values["expires_in"], form.values["expires_at"] = AT, _local(alert.expires_at)
    if alert.next_update_at:
        form.values["next_update_in"], form.values["next_update_at"] = AT, _local(alert.next_update_at)
    form.values["type"] = alert.type.value
    return form


def following(alert: Alert, kind: AlertType, texts: Mapping[str, Mapping[str, str]]) -> Form:
    """A form for an update or an all clear of an alert: same area, filters and channels, other words."""
    form = Form()
    _fill(form.values, alert, {tag: texts.get(tag, {}) for tag in alert.texts})
    form.values.update({"type": kind.value, "follows": str(alert.public_id), "expires_in": "24"})
    return form


def _fill(values: MultiDict[str, str], alert: Alert, texts: Mapping[str, Mapping[str, str]]) -> None:
    values.update({name: getattr(alert, name) for name in ("level", "crisis", "severity")})
    values.setlist("countries", alert.area["countries"])
    values.setlist("subdivisions", alert.area.get("subdivisions", []))
    for name in FILTERS:
        values.setlist(name, alert.filters.get(name, []))
    values.setlist("channels", alert.channels)
    if alert.exercise:
        values["exercise"] = "yes"
    put_texts(values, texts)


def put_texts(values: MultiDict[str, str], texts: Mapping[str, Mapping[str, str]]) -> None:
    """Write these texts into the form; those of other languages stay, after them."""
    values.setlist("tags", list(dict.fromkeys([*texts, *values.getlist("tags")])))
    for tag, words in texts.items():
        for part in PARTS:
            values[text_field(tag, part)] = words.get(part, "")


def _local(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
