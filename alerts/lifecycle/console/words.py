"""The words in which officers read about alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from babel.lists import format_list

from alerts.delivery.models import DeliveryState
from alerts.lifecycle.crises import CONFLICT, KINDS, NATURAL_DISASTER, family
from alerts.lifecycle.models import Alert, AlertState, AlertType, Level, Severity
from registry.i18n import mark
from registry.places import country_name, language_name, subdivisions
from registry.web.language import current_language, gettext, ngettext

STATES: Final = MappingProxyType(
    {
        AlertState.DRAFT: (mark("Draft"), "neutral"),
        AlertState.SUBMITTED: (mark("Waits for approval"), "warn"),
        AlertState.RETURNED: (mark("Returned"), "warn"),
        AlertState.APPROVED: (mark("Approved"), "info"),
        AlertState.SENDING: (mark("Being sent"), "info"),
        AlertState.PAUSED: (mark("Paused"), "warn"),
        AlertState.SENT: (mark("Sent"), "good"),
        AlertState.CANCELLED: (mark("Cancelled"), "neutral"),
        AlertState.EXPIRED: (mark("Expired"), "neutral"),
    }
)
"""A short name and the tone of its pill."""

TYPES: Final = MappingProxyType(
    {
        AlertType.ALERT: (mark("Alert"), mark("Something has happened, or is about to.")),
        AlertType.UPDATE: (mark("Update"), mark("More about an alert that has gone out.")),
        AlertType.ALL_CLEAR: (mark("All clear"), mark("The danger is over.")),
        AlertType.CANCEL: (mark("Cancel"), mark("The alert was a mistake: it takes it back.")),
    }
)

LEVELS: Final = MappingProxyType(
    {
        Level.PRECAUTIONARY: (mark("Precautionary"), mark("Be careful, stay informed, get ready.")),
        Level.RESTRICTION: (
            mark("Restriction"),
            mark("Avoid some places or journeys; new arrivals should not come."),
        ),
        Level.VOLUNTARY_RETURN: (
            mark("Voluntary return"),
            mark("Those who can should leave; help may be offered."),
        ),
        Level.MANDATORY_RETURN: (
            mark("Mandatory return"),
            mark("Everyone should leave or be brought to safety."),
        ),
    }
)
"""The MICIC guidelines' four levels, with what each asks of people."""

SEVERITIES: Final = MappingProxyType(
    {
        Severity.EXTREME: (mark("Extreme"), mark("Extraordinary threat to life or property")),
        Severity.SEVERE: (mark("Severe"), mark("Significant threat to life or property")),
        Severity.MODERATE: (mark("Moderate"), mark("Possible threat to life or property")),
        Severity.MINOR: (mark("Minor"), mark("Little or no known threat")),
        Severity.UNKNOWN: (mark("Unknown"), mark("Not known yet")),
    }
)
"""CAP 1.2 §3.2.2."""

CHANNELS: Final = MappingProxyType({"sms": mark("SMS"), "email": mark("Email")})

DELIVERIES: Final = MappingProxyType(
    {
        DeliveryState.PENDING: (mark("Waiting"), mark("Not handed over yet")),
        DeliveryState.CLAIMED: (mark("Being handed over"), mark("In a sender's hands at this moment")),
        DeliveryState.ACCEPTED: (mark("Taken"), mark("The provider has taken it; no receipt yet")),
        DeliveryState.SENT: (mark("On its way"), mark("The provider has passed it on")),
        DeliveryState.DELIVERED: (mark("Delivered"), mark("It is on the phone or in the mailbox")),
        DeliveryState.FAILED: (mark("Failed"), mark("It can't be delivered to this address")),
        DeliveryState.UNCERTAIN: (mark("Uncertain"), mark("Nobody can say whether it went out")),
        DeliveryState.SUPPRESSED: (
            mark("Held back"),
            mark("The person or their contact point is not to be reached"),
        ),
        DeliveryState.EXPIRED: (mark("Too late"), mark("The alert ended before it could be sent")),
    }
)
"""What the ledger's states mean, in the order in which a delivery goes through them."""


READY: Final = (
    mark("Armed conflict: take shelter"),
    mark("Conflict: leave while you can"),
    mark("Coup or unrest: stay inside"),
    mark("Evacuation: leave now"),
    mark("Storm or cyclone"),
    mark("Volcanic eruption"),
)
"""Titles of ready texts that no other page has, noted for the catalogues."""


def crisis_name(kind: str) -> str:
    """As a heading begins: "Extreme heat"."""
    return gettext(kind.replace("_", " ").capitalize())  # the public pages' catalogue has them


def crisis_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """The kinds by family, the family itself last, for what fits no other."""
    return [
        (
            crisis_name(name),
            [(kind, crisis_name(kind)) for kind in KINDS[name]] + [(name, gettext("Something else"))],
        )
        for name in (CONFLICT, NATURAL_DISASTER)
    ]


def family_name(kind: str) -> str:
    """The family of a kind, as a word."""
    return crisis_name(family(kind))


def countries_named(codes: Sequence[str]) -> str:
    """Countries in one line: by name, or how many when there are more than three."""
    language = current_language()
    names = [country_name(code, language) for code in codes]
    if len(names) > 3:
        return ngettext("%(num)s country", "%(num)s countries", len(names))
    return format_list(names, locale="en_GB" if language == "en" else language)


def title(alert: Alert) -> str:
    """What an alert is called: "Earthquake in Chile"."""
    named = countries_named(alert.area["countries"])
    return gettext("%(crisis)s in %(countries)s", crisis=crisis_name(alert.crisis), countries=named)


def subdivision_name(code: str) -> str:
    """A subdivision with its country's code: "Valparaíso (CL)"."""
    return f"{subdivisions(code[:2]).get(code, code)} ({code[:2]})"


def tongue(tag: str) -> str:
    """A language for an officer: "Turkish (Türkçe)"."""
    theirs, own = language_name(tag, current_language()), language_name(tag)
    return theirs if own == theirs else f"{theirs} ({own})"


def new_page(alert: Alert | None, *, exercise: bool = False) -> str:
    """The endpoint of the composer: exercises have one of their own, and so has what follows an exercise."""
    return "alerts.new_exercise" if exercise or (alert is not None and alert.exercise) else "alerts.new"


class Vocabulary:
    """This module in templates: its tables in the language of the page, each made once for it."""

    def __getattr__(self, name: str) -> Any:
        found = globals()[name]
        if isinstance(found, Mapping):
            found = {key: _spoken(value) for key, value in found.items()}
        setattr(self, name, found)
        return found


def _spoken(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """Tones of pills stay: no catalogue has them."""
    return gettext(value) if isinstance(value, str) else tuple(map(gettext, value))
