"""Which names of one table another table has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def among(names: pd.Series[Any], known: pd.Series[Any]) -> NDArray[np.bool_]:
    """Tell for each name whether it is among those known.

    Parameters
    ----------
    names, known
        Text, as in the columns ``premises_id`` or ``kommune``.

    Returns
    -------
    Shape (names,).
    """
    # As objects: isin of pandas' own text type makes a scalar of every name, which is slow.
    found = names.astype(object).isin(known.astype(object))
    return found.to_numpy(dtype=np.bool_)
