"""Addresses as people write them, reduced to keys that can be compared."""

from __future__ import annotations

from typing import Any

import pandas as pd

_STREET_ENDINGS = (
    (r"(?:gata|gaten|gate|gt)\b\.?", "gt"),
    (r"(?:vegen|veien|veg|vei|vn|v)\b\.?", "v"),
    (r"(?:plassen|plass|pl)\b\.?", "pl"),
)


def street_key(street: pd.Series[Any], house_number: pd.Series[Any]) -> pd.Series[Any]:
    """Reduce street and number to a key: ``Storgata 28 B`` and ``STORGT. 28b`` are the same.

    Case, punctuation and spaces do not count, nor does the ending of a street (gate, gata,
    gt.; veg, vei, vegen, v.). Empty where there is no number.
    """
    name = street.str.casefold()
    for ending, short in _STREET_ENDINGS:
        name = name.str.replace(ending, short, regex=True)
    name = name.str.replace(r"[\W_]+", "", regex=True)
    number = house_number.str.casefold().str.replace(r"[\W_]+", "", regex=True)
    return (name + "|" + number).where((name != "") & (number != ""), "")


def split_address(address: pd.Series[Any]) -> pd.DataFrame:
    """Part free address text into ``street``, ``house_number``, ``postcode`` and ``cadastre``.

    Reads ``Storgata 28 B, 2406 Elverum`` and, for cadastral addresses, ``gnr 12 bnr 3`` and
    ``12/3``. What is not found is empty.
    """
    text = address.str.strip().str.replace(r"\s+", " ", regex=True)
    parts = text.str.extract(
        r"^(?P<street>.*?[^\W\d_].*?)[ ,]+(?P<house_number>\d{1,4} ?[A-Za-zÆØÅæøå]?)"
        r"(?:[ ,]+(?P<postcode>\d{4})\b.*|[ ,]+\D.*)?$"
    )
    pattern = r"^(?:gnr\.?)? ?(\d+)(?:/| ?,? ?bnr\.? ?)(\d+)(?:(?:/| ?,? ?fnr\.? ?)(\d+))?"
    numbers = text.str.lower().str.extract(pattern).fillna("")
    lease = ("/" + numbers[2]).where((numbers[2] != "") & (numbers[2] != "0"), "")
    cadastre = (numbers[0] + "/" + numbers[1] + lease).where(numbers[0] != "", "")
    split = parts.fillna("").astype("str")
    split.loc[cadastre != "", ["street", "house_number", "postcode"]] = ""
    return split.assign(cadastre=cadastre)
