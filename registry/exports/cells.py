"""Cells of files that spreadsheets open."""

from __future__ import annotations

import csv
import io

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so is run by spreadsheets as a formula (OWASP, CSV injection)."""


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell.startswith(DANGEROUS) else cell


def line(*cells: object) -> str:
    """One line of a CSV file (RFC 4180)."""
    out = io.StringIO()
    csv.writer(out).writerow([harmless(str(cell)) for cell in cells])
    return out.getvalue()
