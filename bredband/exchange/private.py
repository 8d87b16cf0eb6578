"""Which tables tell of single homes, and stay out of what is laid out for everybody."""

from __future__ import annotations

from collections.abc import Iterable

HOME_TABLES = frozenset({"premises", "coverage", "connections", "drops"})
"""Tables with a row for each home. What evidence contradicts (``conflicts``) is never exported."""


def published(names: Iterable[str], *, public: bool) -> tuple[str, ...]:
    """Give the tables that are written: all, or those that tell of no single home."""
    return tuple(name for name in names if not (public and name in HOME_TABLES))
