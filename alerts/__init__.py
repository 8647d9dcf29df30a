"""Alerts, audiences, deliveries, channels, replies, check-ins and cases."""
