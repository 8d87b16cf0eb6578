"""What reading a publisher's file gives: the rows kept, and every row set aside with a reason.

The identity ``rows_in == rows_kept + rows set aside`` holds for every source. Text tables
are read by column name (by position only where the publisher documents no name), in the encoding
and with the delimiter they have.
"""

from bredband.reading.cells import (
    constant,
    map_distinct,
    mask,
    plain_header,
    to_dates,
    to_numbers,
)
from bredband.reading.files import decode, members
from bredband.reading.rows import (
    Fault,
    Field,
    Reading,
    Repeat,
    Rows,
    drop_rows,
    finish,
    join_readings,
    join_rows,
    number_set_aside,
    set_aside_rows,
    sift,
)
from bredband.reading.table import read_rows
from bredband.reading.technologies import technology_of

__all__ = [
    "Fault",
    "Field",
    "Reading",
    "Repeat",
    "Rows",
    "constant",
    "decode",
    "drop_rows",
    "finish",
    "join_readings",
    "join_rows",
    "map_distinct",
    "mask",
    "members",
    "number_set_aside",
    "plain_header",
    "read_rows",
    "set_aside_rows",
    "sift",
    "technology_of",
    "to_dates",
    "to_numbers",
]
