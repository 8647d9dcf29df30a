"""What one page may do beyond what the content security policy allows to all."""

from __future__ import annotations

from flask import g


def allow(directive: str) -> None:
    """Add a directive of CSP level 3 to the answer of this request."""
    g.csp_allowed = [*allowed(), directive]


def allowed() -> list[str]:
    """The directives that were added."""
    found: list[str] = g.get("csp_allowed", [])
    return found
