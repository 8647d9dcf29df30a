"""Sharing with another organisation: only under an agreement of both, and only who consents."""
