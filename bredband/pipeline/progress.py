"""How a long job tells where it is."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str], None]
"""Called with the Norwegian name of each step as it begins."""


def silent(step: str) -> None:
    """Report nothing."""
    del step
