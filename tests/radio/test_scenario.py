"""The radio section of a scenario: bands that are filled in, and faults as sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from bredband import read_scenario
from bredband.errors import ScenarioError
from bredband.scenario.radio import RadioChoices

START = """
name = "Prøve"
county = "Demofylket"
[sources]
addresses = ["a.csv"]
borders = ["b.geojson"]
[rollout]
first_year = 2027
annual_grant_nok = [1]
"""


def read(folder: Path, text: str) -> RadioChoices:
    file = folder / "scenario.toml"
    file.write_text(START + text, encoding="utf-8")
    return read_scenario(file).radio


def test_a_band_keeps_what_is_not_changed(tmp_path: Path) -> None:
    usual = RadioChoices()
    radio = read(tmp_path, "[radio.bands.3600]\nbandwidth_mhz = 80\n")
    assert radio.bands["3600"].bandwidth_mhz == 80.0
    assert radio.bands["3600"].tx_gain_dbi == usual.bands["3600"].tx_gain_dbi
    assert list(radio.bands) == list(usual.bands)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[radio.link]\nrx_heigth_m = 5\n", "mente du «rx_height_m»"),
        ('[radio.masts]\nband = "5G"\n', "«5G» er ikke blant 700, 800"),
        ("[radio.bands.450]\nfrequency_mhz = 460\n", "«radio.bands.450.lowest_mhz» mangler"),
        ("[radio.bands.800]\nfrequency_mhz = 900\n", "lowest_mhz ≤ frequency_mhz"),
        ('[radio]\nmodelled_offers = "some"\n', "check_claims"),
    ],
)
def test_faults_are_explained(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        read(tmp_path, text)


def test_every_band_is_in_the_document(root: Path) -> None:
    text = (root / "docs" / "radio.md").read_text(encoding="utf-8")
    for name, band in RadioChoices().bands.items():
        line = next(line for line in text.splitlines() if line.startswith(f"| {name} |"))
        assert f"| {band.bandwidth_mhz:g} |" in line
        assert f"| {band.lowest_mhz:g}–{band.highest_mhz:g} |" in line
