"""The public page's words for levels, kinds of message and crises, for the catalogues."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from alerts.lifecycle.models import AlertType, Level
from registry.i18n import mark

LEVELS: Final = MappingProxyType(
    {
        Level.PRECAUTIONARY: mark("Be careful and get ready"),
        Level.RESTRICTION: mark("Avoid the places named"),
        Level.VOLUNTARY_RETURN: mark("Leave if you can"),
        Level.MANDATORY_RETURN: mark("Leave now"),
    }
)
TYPES: Final = MappingProxyType(
    {
        AlertType.ALERT: mark("Alert"),
        AlertType.UPDATE: mark("Update"),
        AlertType.ALL_CLEAR: mark("The danger is over"),
    }
)
CRISES: Final = MappingProxyType(
    {
        "conflict": mark("Conflict"),
        "armed_conflict": mark("Armed conflict"),
        "coup": mark("Coup"),
        "civil_unrest": mark("Civil unrest"),
        "terror_attack": mark("Terror attack"),
        "hostage_taking": mark("Hostage taking"),
        "border_conflict": mark("Border conflict"),
        "natural_disaster": mark("Natural disaster"),
        "earthquake": mark("Earthquake"),
        "tsunami": mark("Tsunami"),
        "flood": mark("Flood"),
        "storm": mark("Storm"),
        "volcano": mark("Volcano"),
        "wildfire": mark("Wildfire"),
        "landslide": mark("Landslide"),
        "avalanche": mark("Avalanche"),
        "drought": mark("Drought"),
        "extreme_heat": mark("Extreme heat"),
        "extreme_cold": mark("Extreme cold"),
    }
)
