"""A folder renewed as one: after any accident it holds all the old files, or all the new."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bredband.county import read_json, write_json
from bredband.errors import InputError, cause_of
from bredband.store import CONTENT, sha256

_STAGE, _JOURNAL, _LOCK = ".ny", ".bytte.json", ".lock"


@contextmanager
def renewing(folder: Path, *, whole: bool = True) -> Iterator[Path]:
    """Give an empty folder whose files take their places in ``folder`` together, or not at all.

    ``folder/innhold.json`` names every file with its SHA-256. The moves are written down
    before the first of them, so that whoever opens the folder next can finish what a killed
    process began (``settle``).

    Parameters
    ----------
    folder
        The folder to renew. Files that no renewal put there are left alone.
    whole
        Whether the new files are all there shall be; if not, the others stay.

    Raises
    ------
    InputError
        If another process is renewing the folder, or it cannot be written to.
    """
    stage = folder / _STAGE
    with _alone(folder):
        _finish(folder)
        try:
            stage.mkdir()
            yield stage
            _exchange(folder, whole=whole)
        except OSError as fault:
            raise InputError(
                f"kunne ikke skrives: {cause_of(fault)}.",
                file=folder,
                advice="Se etter ledig plass og skriverettigheter, og lukk filer som er åpne.",
            ) from None
        finally:
            if not (folder / _JOURNAL).exists():
                shutil.rmtree(stage, ignore_errors=True)


def settle(folder: Path) -> None:
    """Finish what a killed process began; do nothing in a folder that is whole."""
    if (folder / _JOURNAL).is_file():
        with _alone(folder):
            _finish(folder)


def read_contents(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of every file that a renewal put in the folder, by name."""
    return read_json(folder / CONTENT) if (folder / CONTENT).is_file() else {}


def _exchange(folder: Path, *, whole: bool) -> None:
    stage = folder / _STAGE
    names = sorted(p.relative_to(stage).as_posix() for p in stage.rglob("*") if p.is_file())
    before = read_contents(folder)
    after = {name: sha256(stage / name) for name in names}
    write_json(stage / CONTENT, after if whole else before | after)
    removed = sorted(set(before) - set(after)) if whole else []
    for name in [*names, CONTENT]:
        _to_disk(stage / name)
    # From here on the new files are the folder's.
    write_json(folder / _JOURNAL, {"moved": [*names, CONTENT], "removed": removed})
    _finish(folder)


def _finish(folder: Path) -> None:
    """Carry out the journal if there is one; else throw away what was not ready."""
    stage, journal = folder / _STAGE, folder / _JOURNAL
    if journal.is_file():
        moves = read_json(journal)
        for name in moves["moved"]:
            if (stage / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (stage / name).replace(folder / name)
        for name in moves["removed"]:
            (folder / name).unlink(missing_ok=True)
        journal.unlink()
    shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system lets go of when the process ends.

    A folder that was made for nothing is taken away again.
    """
    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / _LOCK, blocking=False):
            yield
            is_new = False
    except Timeout:
        raise InputError(
            "en annen kjøring skriver i denne mappa.",
            file=folder,
            advice="Vent til den er ferdig, eller velg en annen mappe.",
        ) from None
    except OSError as fault:
        raise InputError(
            f"kan ikke skrive hit: {cause_of(fault)}.",
            file=folder,
            advice="Velg en mappe du kan skrive i, med ledig plass.",
        ) from None
    finally:
        if is_new and folder.is_dir() and os.listdir(folder) == [_LOCK]:  # noqa: PTH208
            (folder / _LOCK).unlink()
            folder.rmdir()


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def take(files: Path, stage: Path) -> None:
    """Put kept files into a stage, in place of those of the same name, without copying them.

    They are copied where the file system has no links.
    """
    for source in sorted(path for path in files.rglob("*") if path.is_file()):
        name = source.relative_to(files)
        if name.as_posix() == CONTENT:
            continue
        target = stage / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(
            missing_ok=True
        )  # else a copy would be written into the kept file it links to
        try:
            os.link(source, target)
        except OSError:  # another file system, or one without links
            shutil.copyfile(source, target)
