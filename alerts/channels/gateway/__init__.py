"""An SMS gateway of one's own, with its own lines to carriers: Kannel, Jasmin, and what speaks like them."""

from collections.abc import Mapping

from alerts.channels.gateway.channel import GatewayChannel
from alerts.channels.gateway.dialect import Dialect
from alerts.channels.gateway.jasmin import Jasmin
from alerts.channels.gateway.kannel import Kannel

DIALECTS: Mapping[str, Dialect] = {"kannel": Kannel(), "jasmin": Jasmin()}
"""By the word that a setting and the address for receipts use."""

__all__ = ["DIALECTS", "GatewayChannel"]
