"""The composer's form as a browser sends it."""

from __future__ import annotations

from typing import Any

NEW = "/console/alerts/new"


def form(**changes: Any) -> dict[str, Any]:
    """A whole alert by SMS and email, of a flood in Nepal."""
    return {
        "do": "save",
        "type": "alert",
        "crisis": "flood",
        "level": "restriction",
        "severity": "severe",
        "countries": ["NP"],
        "channels": ["sms", "email"],
        "tags": ["en"],
        "text-en-sms": "Flood near the river. Go to high ground.",
        "text-en-subject": "Flood",
        "text-en-body": "Go to high ground.",
        "expires_in": "24",
        "next_update_in": "6",
    } | changes
