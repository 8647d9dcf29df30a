"""Languages of the people we serve: catalogues, negotiation and formats, for pages and for messages alike."""

from registry.i18n.catalogs import LANGUAGES, OFFICER_LANGUAGES, mark, negotiate, translations

__all__ = ["LANGUAGES", "OFFICER_LANGUAGES", "mark", "negotiate", "translations"]
