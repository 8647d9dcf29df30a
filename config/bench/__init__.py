"""Measurements: of the whole service, on a database of their own that goes when they end."""
