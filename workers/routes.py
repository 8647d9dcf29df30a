"""Which provider takes a message: the first, in the order that was set, that serves the country and is not closed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from alerts.channels.base import Channel
from alerts.channels.canaries import Canary


@dataclass(frozen=True, slots=True)
class Route:
    """One way out."""

    channel: Channel
    rate: float | None = None
    """Messages (for SMS: segments) a second that the sender carries; None: as fast as the provider takes them."""
    countries: frozenset[str] | None = None
    """ISO 3166-1 codes of numbers that it serves; None: every country."""
    canary: Canary | None = None
    """Asks whether the provider takes us, without a message to anybody."""

    @property
    def provider(self) -> str:
        """The provider's name."""
        return self.channel.provider

    def serves(self, country: str | None, closed: Collection[str]) -> bool:
        """Whether a number of this country can go this way; `closed` names breakers that are open."""
        if self.provider in closed or country_breaker(self.provider, country) in closed:
            return False
        return self.countries is None or country in self.countries

    def is_plain(self, closed: Collection[str]) -> bool:
        """Whether the country makes no difference."""
        return self.countries is None and not (
            closed and any(name.startswith(f"{self.provider}/") for name in closed)
        )


def country_breaker(provider: str, country: str | None) -> str:
    """The name of a provider's breaker for one country."""
    return f"{provider}/{country or 'other'}"


def choose(routes: Sequence[Route], country: str | None, closed: Collection[str]) -> Route | None:
    """The first way that is open to a number of this country."""
    return next((route for route in routes if route.serves(country, closed)), None)


def by_provider(routes: Sequence[Route]) -> Mapping[str, Channel]:
    """Every channel by its provider's name."""
    return {route.provider: route.channel for route in routes}
