"""Cells of text as numbers, dates and truth."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray


def constant(text: str, count: int) -> pd.Series[Any]:
    """Make a column that holds the same text in every row."""
    return pd.Series([text], dtype="str").repeat(count).reset_index(drop=True)


def map_distinct(
    texts: pd.Series[Any], change: Callable[[pd.Series[Any]], pd.Series[Any]]
) -> pd.Series[Any]:
    """Apply a change of text once per distinct value: quick where few values repeat often."""
    codes, distinct = pd.factorize(texts, use_na_sentinel=False)
    changed = change(pd.Series(distinct, dtype="str"))
    return changed.take(codes).set_axis(texts.index)


def mask(values: pd.Series[Any]) -> NDArray[np.bool_]:
    """Turn a column of truth values into a plain array."""
    return values.to_numpy(dtype=np.bool_, na_value=False)


def to_numbers(texts: pd.Series[Any]) -> NDArray[np.float64]:
    """Turn text into numbers; decimal comma and grouping spaces are read, the rest is NaN."""
    try:
        numbers = pa.array(texts, pa.large_string()).cast(pa.float64()).to_numpy(False)
        return np.where(np.isfinite(numbers), numbers, np.nan)
    except pa.ArrowInvalid:
        pass  # not numbers all through: the careful way
    plain = pd.to_numeric(texts, errors="coerce")
    wrong = plain.isna() & (texts != "")
    if wrong.any():
        mended = texts[wrong].str.replace(r"[\s\u00a0\u202f]", "", regex=True)
        mended = mended.str.replace("\u2212", "-").str.replace(",", ".")
        plain = plain.astype("float64")
        plain[wrong] = pd.to_numeric(mended, errors="coerce").astype("float64")
    numbers = plain.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def to_dates(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Turn dates, Norwegian (``dd.mm.yyyy``) or ISO, into ISO 8601; empty where none is read."""
    day_first = texts.str.extract(r"^(\d{1,2})[./](\d{1,2})[./](\d{4})", expand=True)
    norwegian = day_first[2] + "-" + day_first[1].str.zfill(2) + "-" + day_first[0].str.zfill(2)
    iso = texts.str.extract(r"^(\d{4}-\d{2}-\d{2})", expand=False)
    found = iso.fillna(norwegian)
    real = pd.to_datetime(found, format="%Y-%m-%d", errors="coerce").notna()
    return found.where(real, "").fillna("").astype("str")


def plain_header(text: str) -> str:
    """Reduce a header to what we compare: lower case, letters and digits only."""
    return re.sub(r"[\W_]+", "", text.casefold())
