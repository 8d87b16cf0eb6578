"""Unfold masts into sectors: one antenna, one band, one direction."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from bredband.errors import InputError
from bredband.scenario.radio import RadioChoices

COLUMNS = ("sector_id", "site_id", "x_m", "y_m", "height_m", "band", "azimuth_deg", "tilt_deg")


def sectors_of(sites: pd.DataFrame, choices: RadioChoices) -> pd.DataFrame:
    """Unfold a table of masts into one row per sector and band.

    Parameters
    ----------
    sites
        ``site_id``, ``x_m``, ``y_m``, ``height_m`` above ground, ``bands`` (in MHz, or a name
        from the scenario) and ``sectors`` (azimuths from true north), the last two separated
        by ``/``. A mast without sectors gets the scenario's usual ones; a mast without bands
        has nothing to send with and gets no row.

    Returns
    -------
    pandas.DataFrame
        ``sector_id``, ``site_id``, ``x_m``, ``y_m``, ``height_m``, ``band`` (the scenario's
        name), ``azimuth_deg`` (from true north), ``tilt_deg``.

    Raises
    ------
    InputError
        If masts have bands that the scenario does not know, or azimuths that are not degrees;
        all of them at once.
    """
    rows, faults = [], []
    for site in sites.itertuples(index=False):
        try:
            bands = list(_bands(str(site.bands), choices))
            azimuths = [_azimuth(text) for text in _parts(str(site.sectors))]
        except ValueError as fault:
            faults.append(f"mast {site.site_id} har {fault}")
            continue
        rows += [
            (f"{site.site_id}-{band}-{azimuth:03.0f}", site.site_id, site.x_m, site.y_m,
             site.height_m, band, azimuth, choices.tilt_deg)
            for band in bands
            for azimuth in azimuths or choices.usual_sectors_deg
        ]  # fmt: skip
    if faults:
        raise InputError(
            "; ".join(_said(faults)) + ".",
            advice="Skriv bånd i MHz som 700/3600 og retninger i grader fra nord som 0/120/240, "
            f"eller beskriv båndet under [radio.bands]. Kjente bånd: {', '.join(choices.bands)}.",
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _said(faults: list[str]) -> list[str]:
    return faults if len(faults) <= 10 else [*faults[:10], f"og {len(faults) - 10} til"]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split("/") if part.strip()]


def _azimuth(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"retningen «{text}», som ikke er et tall i grader") from None


def _bands(text: str, choices: RadioChoices) -> Iterator[str]:
    """Give the scenario's name of each band once: by its name, else by where its MHz lies."""
    given = set()
    for part in _parts(text):
        name = part if part in choices.bands else _band_around(part, choices)
        if name not in given:
            given.add(name)
            yield name


def _band_around(text: str, choices: RadioChoices) -> str:
    try:
        mhz = float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"båndet «{text}», som ikke er et tall i MHz") from None
    for name, band in choices.bands.items():
        if band.lowest_mhz <= mhz <= band.highest_mhz:
            return name
    raise ValueError(f"båndet {text} MHz, som scenariet ikke kjenner")
