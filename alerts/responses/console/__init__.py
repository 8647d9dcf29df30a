"""Console pages about what people answered: check-ins and cases."""

from alerts.responses.console import case_acts, cases, checkins, following
from alerts.responses.console.blueprint import blueprint

__all__ = ["blueprint", "case_acts", "cases", "checkins", "following"]
