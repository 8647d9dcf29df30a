"""Console pages of case work beside the case itself: referrals to us, and places that help."""

from alerts.casework.console import points, referrals
from alerts.casework.console.blueprint import blueprint

__all__ = ["blueprint", "points", "referrals"]
