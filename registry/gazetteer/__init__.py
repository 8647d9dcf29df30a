"""Finding the country or area that somebody means, in whatever language, script and spelling they write its name."""

from registry.gazetteer.finding import Found, find_area, find_country

__all__ = ["Found", "find_area", "find_country"]
