"""What reading a publisher's file gives: the rows kept, and every row set aside with a reason."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Reading:
    """The outcome of reading one source; ``rows_in`` = rows kept + rows set aside.

    ``frame`` has one row per input row that was kept (or per feature) in our own columns;
    ``set_aside`` has the columns of the table ``set_aside`` of the data model;
    ``repaired`` counts the rows that were mended, by reason in Norwegian.
    """

    frame: pd.DataFrame
    set_aside: pd.DataFrame
    rows_in: int
    repaired: dict[str, int]
