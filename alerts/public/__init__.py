"""Alerts in force, for everyone: also for those who are not registered."""
