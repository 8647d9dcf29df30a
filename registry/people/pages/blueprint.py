"""The blueprint that the pages for people hang on."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint

people_pages = Blueprint(
    "people_pages", __name__, template_folder="templates", root_path=str(Path(__file__).parent)
)
