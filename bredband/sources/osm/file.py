"""Open an OpenStreetMap file with pyosmium, and say so in Norwegian when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyproj

from bredband.errors import InputError
from bredband.grid import WORKING_CRS

TO_WORKING = pyproj.Transformer.from_crs("EPSG:4326", WORKING_CRS, always_xy=True)


@contextmanager
def reading_osm(path: Path) -> Iterator[Any]:
    """Give the module ``osmium`` while a file is read; its faults become ``InputError``."""
    import osmium  # noqa: PLC0415  loading it takes time that the help texts need not pay

    if not path.is_file():
        raise InputError("fila finnes ikke.", file=path, advice="Kontroller navnet.")
    try:
        yield osmium
    except (osmium.InvalidLocationError, RuntimeError, ValueError, OSError) as fault:
        raise InputError(
            "kan ikke leses som OpenStreetMap.",
            file=path,
            advice="Fila kan være avkortet: last den ned på nytt.",
        ) from fault
