"""Technologies as operators and people write them, in our words."""

from __future__ import annotations

from typing import Any

import pandas as pd

TECHNOLOGY_NAMES = {
    "fiber": "fibre", "fibre": "fibre", "ftth": "fibre", "fttb": "fibre",
    "kabel": "cable", "kabeltv": "cable", "kabeltvnett": "cable", "coax": "cable", "hfc": "cable", "cable": "cable",
    "ftb": "fwa", "fwa": "fwa", "radio": "fwa", "fasttrådløst": "fwa", "trådløst": "fwa",
    "fasttrådløstbredbånd": "fwa", "fasttrådlaust": "fwa", "trådlaust": "fwa", "fasttrådlaustbreiband": "fwa",
    "dsl": "dsl", "adsl": "dsl", "vdsl": "dsl", "xdsl": "dsl", "kobber": "dsl", "kopar": "dsl",
    "mobil": "mobile", "mobilnett": "mobile", "mobile": "mobile", "4g": "mobile", "5g": "mobile", "lte": "mobile",
    "satellitt": "satellite", "satellite": "satellite", "starlink": "satellite",
    "annet": "other", "annenteknologi": "other", "anna": "other", "annanteknologi": "other", "other": "other", "ukjent": "other", "ukjend": "other",
}  # fmt: skip
"""Technologies as operators and people write them (lower case, no spaces) in our words."""


def technology_of(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Translate technology names; empty where the name is not known."""
    plain = texts.str.lower().str.replace(r"[\s\-_/.]", "", regex=True)
    return plain.map(TECHNOLOGY_NAMES).fillna("").astype("str")
