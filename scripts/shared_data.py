"""Where the real data stand: beside the repository, never in it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def shared_data() -> Path:
    """Give the folder of real data: ``../shared/data``, or where ``BREDBAND_SHARED`` points.

    ``BREDBAND_SHARED`` may name that folder or the one that holds it. The folder may be absent.
    """
    pointed = Path(os.environ.get("BREDBAND_SHARED", ROOT.parent / "shared"))
    return pointed / "data" if (pointed / "data").is_dir() else pointed


def shared_data_or_stop() -> Path:
    """Give the same folder, or end the script with a sentence where it is absent."""
    data = shared_data()
    if not data.is_dir():
        sys.exit(f"The real data are not at {data} (set BREDBAND_SHARED).")
    return data.resolve()
