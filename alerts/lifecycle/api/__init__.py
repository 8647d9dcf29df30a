"""Alerts, for programs."""

from alerts.lifecycle.api.views import alerts_api

__all__ = ["alerts_api"]
