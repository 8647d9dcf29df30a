"""What an alert may be about: conflict and natural disaster, and nothing else (MICIC guidelines, scope)."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import Final

CONFLICT: Final = "conflict"
NATURAL_DISASTER: Final = "natural_disaster"

KINDS: Final = MappingProxyType(
    {
        CONFLICT: (
            "armed_conflict", "coup", "civil_unrest", "terror_attack", "hostage_taking", "border_conflict",
        ),
        NATURAL_DISASTER: (
            "earthquake", "tsunami", "flood", "storm", "volcano", "wildfire", "landslide", "avalanche",
            "drought", "extreme_heat", "extreme_cold",
        ),
    }
)  # fmt: skip
"""The kinds of each family. The family's own name is a kind too, for what fits no other."""

_SYNONYMS: Final = {
    "armed_conflict": "war, warfare, invasion, civil war, hostilities, armed attack, air strike, airstrikes, "
    "fighting, shelling, military conflict",
    "coup": "coup d etat, military coup, coup attempt, attempted coup, putsch",
    "civil_unrest": "unrest, riot, riots, rioting, protests, social unrest, political unrest, "
    "violent protests, mob violence, uprising, xenophobic violence, political violence, curfew",
    "terror_attack": "terror, terrorism, terrorist attack, bombing, attack, mass shooting",
    "hostage_taking": "hostages, kidnapping, kidnappings",
    "border_conflict": "border clash, border clashes",
    "conflict": "conflicts, violence, violent conflict",
    "natural_disaster": "natural disasters, natural hazard, disaster",
    "earthquake": "quake, earth quake, aftershock, aftershocks, seism",
    "tsunami": "tidal wave",
    "flood": "floods, flooding, flash flood, flash floods, dam failure, storm surge",
    "storm": "hurricane, cyclone, tropical cyclone, typhoon, tropical storm, tornado, severe storm, "
    "winter storm, thunderstorm, severe weather, monsoon, dust storm, sandstorm, hail, gale, blizzard",
    "volcano": "volcanic eruption, volcano eruption, eruption, volcanic activity, volcanic ash, lahar",
    "wildfire": "wild fire, wildfires, forest fire, forest fires, bushfire, bush fire, fire",
    "landslide": "landslides, mudslide, mud slide, debris flow, land slide",
    "avalanche": "avalanches, snow avalanche",
    "drought": "droughts, famine",
    "extreme_heat": "heat, heatwave, heat wave, extreme temperature",
    "extreme_cold": "cold, cold wave, coldwave, cold spell, severe cold",
}


def normalise_crisis(text: str) -> str | None:
    """A kind from a kind, a family or a common synonym, in any case, with blanks, hyphens or underscores."""
    return _WORDS.get(_key(text))


def family(kind: str) -> str:
    """The family of a kind that `normalise_crisis` gave: "conflict" or "natural_disaster"."""
    return CONFLICT if kind == CONFLICT or kind in KINDS[CONFLICT] else NATURAL_DISASTER


def _key(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", bare)


def _words() -> dict[str, str]:
    kinds = [CONFLICT, NATURAL_DISASTER, *KINDS[CONFLICT], *KINDS[NATURAL_DISASTER]]
    words = {_key(kind): kind for kind in kinds}
    for kind, synonyms in _SYNONYMS.items():
        words |= {_key(synonym): kind for synonym in synonyms.split(",")}
    return words


_WORDS: Final = _words()
