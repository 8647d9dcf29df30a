from __future__ import annotations

from pathlib import Path

import pytest
from apiflask import APIFlask

import config
from config.design.colours import Contrast, contrasts, palettes, ratio
from config.settings import Settings
from registry.crypto import Keyring
from tests.desk import new_desk

SHEET = Path(config.__file__).with_name("static") / "site.css"


def test_a_ratio_is_that_of_wcag() -> None:
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert ratio("#777777", "#777777") == 1


def test_every_colour_can_be_read_on_what_it_stands_on_in_both_themes() -> None:
    light, dark = palettes(SHEET.read_text("utf-8"))
    assert light["paper"] != dark["paper"]

    def too_faint(found: list[Contrast]) -> list[Contrast]:
        return [pair for pair in found if pair.ratio < pair.needed]

    assert too_faint(contrasts(light)) == []
    assert too_faint(contrasts(dark)) == []


def test_the_design_page_is_there_where_only_this_machine_can_open_it(
    app: APIFlask, keyring: Keyring
) -> None:
    page = new_desk(app.test_client(), keyring).open("/console/design")
    assert page.status_code == 200
    assert "Contrast" in page.text
    assert Settings(public_url="http://localhost:8000").in_development
    for address in ("https://rollcall.example.org", "http://10.0.0.7:8000"):
        assert not Settings(public_url=address).in_development
