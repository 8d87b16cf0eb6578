"""What can go wrong, as sentences a planner can act on.

::

    BredbandError
    ├── InputError         a file, row or feature that cannot be read as it is
    │   └── TableError     a table whose columns or values break the data model
    ├── ScenarioError      a scenario that is misspelt, incomplete or contradicts itself
    ├── PlanError          a question that has no answer (no plan can meet the demands)
    └── CheckError         a written plan that does not agree with itself

Every message says where, what is wrong and what to do. The doors print it after
``Feil:`` and exit with code 2 (``CheckError``: 1).
"""

from __future__ import annotations

import errno
from pathlib import Path

CAUSES = {
    errno.ENOENT: "mappa finnes ikke",
    errno.ENOTDIR: "noe i stien er en fil og ikke en mappe",
    errno.EACCES: "ingen tilgang",
    errno.EPERM: "ingen tilgang",
    errno.ENOSPC: "disken er full",
    errno.EDQUOT: "plassen du har på disken, er brukt opp",
    errno.EROFS: "disken kan bare leses",
    errno.EFBIG: "fila ble større enn disken tar",
    errno.ENAMETOOLONG: "navnet er for langt",
    errno.ELOOP: "snarveiene i stien går i ring",
    errno.EISDIR: "det ligger ei mappe der",
    errno.EEXIST: "det ligger noe annet der",
}
"""What the system refuses a file for, as people say it."""


class BredbandError(Exception):
    """A fault explained in one sentence, with an optional piece of advice."""

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class InputError(BredbandError):
    """A file, row or feature that cannot be read as it is."""

    def __init__(
        self, message: str, *, file: Path | str = "", row: int | None = None, advice: str = ""
    ) -> None:
        place = str(file) + (f", linje {row}" if row is not None else "")
        super().__init__(f"{place}: {message}" if place else message, advice=advice)
        self.file = str(file)
        self.row = row


class TableError(InputError):
    """A table whose columns or values break the data model; all faults at once."""


class ScenarioError(BredbandError):
    """A scenario that is misspelt, incomplete or contradicts itself."""


class PlanError(BredbandError):
    """A question without an answer: no plan can meet what the scenario demands."""


class CheckError(BredbandError):
    """A written plan that does not agree with itself."""


def cause_of(fault: OSError) -> str:
    """Say in Norwegian why the system would not; what we have no words for stays as it says."""
    return CAUSES.get(fault.errno or 0) or fault.strerror or str(fault)
