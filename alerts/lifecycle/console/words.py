"""The words in which officers read about alerts."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from alerts.delivery.models import DeliveryState
from alerts.lifecycle.crises import CONFLICT, KINDS, NATURAL_DISASTER, family
from alerts.lifecycle.models import Alert, AlertState, AlertType, Level, Severity
from registry.places import country_name, language_name, subdivisions

STATES: Final = MappingProxyType(
    {
        AlertState.DRAFT: ("Draft", "neutral"),
        AlertState.SUBMITTED: ("Waits for approval", "warn"),
        AlertState.RETURNED: ("Returned", "warn"),
        AlertState.APPROVED: ("Approved", "info"),
        AlertState.SENDING: ("Being sent", "info"),
        AlertState.PAUSED: ("Paused", "warn"),
        AlertState.SENT: ("Sent", "good"),
        AlertState.CANCELLED: ("Cancelled", "neutral"),
        AlertState.EXPIRED: ("Expired", "neutral"),
    }
)
"""A short name and the tone of its pill."""

TYPES: Final = MappingProxyType(
    {
        AlertType.ALERT: ("Alert", "Something has happened, or is about to."),
        AlertType.UPDATE: ("Update", "More about an alert that has gone out."),
        AlertType.ALL_CLEAR: ("All clear", "The danger is over."),
        AlertType.CANCEL: ("Cancel", "The alert was a mistake: it takes it back."),
    }
)

LEVELS: Final = MappingProxyType(
    {
        Level.PRECAUTIONARY: ("Precautionary", "Be careful, stay informed, get ready."),
        Level.RESTRICTION: ("Restriction", "Avoid some places or journeys; new arrivals should not come."),
        Level.VOLUNTARY_RETURN: ("Voluntary return", "Those who can should leave; help may be offered."),
        Level.MANDATORY_RETURN: ("Mandatory return", "Everyone should leave or be brought to safety."),
    }
)
"""The MICIC guidelines' four levels, with what each asks of people."""

SEVERITIES: Final = MappingProxyType(
    {
        Severity.EXTREME: ("Extreme", "Extraordinary threat to life or property"),
        Severity.SEVERE: ("Severe", "Significant threat to life or property"),
        Severity.MODERATE: ("Moderate", "Possible threat to life or property"),
        Severity.MINOR: ("Minor", "Little or no known threat"),
        Severity.UNKNOWN: ("Unknown", "Not known yet"),
    }
)
"""CAP 1.2 §3.2.2."""

CHANNELS: Final = MappingProxyType({"sms": "SMS", "email": "Email"})

DELIVERIES: Final = MappingProxyType(
    {
        DeliveryState.PENDING: ("Waiting", "Not handed over yet"),
        DeliveryState.CLAIMED: ("Being handed over", "In a sender's hands at this moment"),
        DeliveryState.ACCEPTED: ("Taken", "The provider has taken it; no receipt yet"),
        DeliveryState.SENT: ("On its way", "The provider has passed it on"),
        DeliveryState.DELIVERED: ("Delivered", "It is on the phone or in the mailbox"),
        DeliveryState.FAILED: ("Failed", "It can't be delivered to this address"),
        DeliveryState.UNCERTAIN: ("Uncertain", "Nobody can say whether it went out"),
        DeliveryState.SUPPRESSED: ("Held back", "The person or their contact point is not to be reached"),
        DeliveryState.EXPIRED: ("Too late", "The alert ended before it could be sent"),
    }
)
"""What the ledger's states mean, in the order in which a delivery goes through them."""


def crisis_name(kind: str) -> str:
    """As a heading begins: "Extreme heat"."""
    return kind.replace("_", " ").capitalize()


def crisis_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """The kinds by family, the family itself last, for what fits no other."""
    return [
        (crisis_name(name), [(kind, crisis_name(kind)) for kind in KINDS[name]] + [(name, "Something else")])
        for name in (CONFLICT, NATURAL_DISASTER)
    ]


def family_name(kind: str) -> str:
    """The family of a kind, as a word."""
    return crisis_name(family(kind))


def countries_named(codes: Sequence[str], language: str = "en") -> str:
    """Countries in one line: by name, or how many when there are more than three."""
    names = [country_name(code, language) for code in codes]
    if len(names) > 3:
        return f"{len(names)} countries"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def title(alert: Alert) -> str:
    """What an alert is called: "Earthquake in Chile"."""
    return f"{crisis_name(alert.crisis)} in {countries_named(alert.area['countries'])}"


def subdivision_name(code: str) -> str:
    """A subdivision with its country's code: "Valparaíso (CL)"."""
    return f"{subdivisions(code[:2]).get(code, code)} ({code[:2]})"


def tongue(tag: str) -> str:
    """A language for an officer: "Turkish (Türkçe)"."""
    english, own = language_name(tag, "en"), language_name(tag)
    return english if own == english else f"{english} ({own})"


def new_page(alert: Alert | None, *, exercise: bool = False) -> str:
    """The endpoint of the composer: exercises have one of their own, and so has what follows an exercise."""
    return "alerts.new_exercise" if exercise or (alert is not None and alert.exercise) else "alerts.new"
