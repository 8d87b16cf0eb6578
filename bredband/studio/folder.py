"""The studio's store: plain folders with the files that the command line reads and writes.

::

    DIR/fylker/<fylke>/scenario.toml          the county's files and common choices
                      /filer/                 files that were dropped in the studio
                      /dekning/               the county folder, and coverage today
                      /lager/                 what the last runs have in common; may be deleted
    DIR/scenarioer/<scenario>/scenario.toml   what «bredband run» reads
                             /om.json         which county and which scenario it came from
                             /kjoring.json    how the last run went
                             /resultat/       what «bredband run» writes
"""

from __future__ import annotations

import copy
import datetime as dt
import re
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bredband.errors import InputError, ScenarioError
from bredband.scenario import read_scenario
from bredband.scenario.toml_file import read_toml
from bredband.scenario.toml_text import toml_text
from bredband.studio.files import read_object, remembered, write_object, write_text
from bredband.studio.form import judge

COUNTIES, SCENARIOS = "fylker", "scenarioer"
SCENARIO_FILE, ABOUT_FILE, RUN_FILE = "scenario.toml", "om.json", "kjoring.json"
FILES, COVERAGE, RESULT, KEPT = "filer", "dekning", "resultat", "lager"
PICTURE_FILE, LOOK_FILE = "oversikt.json", "dekning.json"

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_MOST_FOLDERS = 1000


@dataclass(frozen=True)
class Entry:
    """A county or a scenario as it lies in its folder."""

    slug: str
    folder: Path
    values: dict[str, Any]
    run: dict[str, Any]
    about: dict[str, Any]
    fault: str = ""
    advice: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.values.get("name") or self.slug)


def slug_of(name: str) -> str:
    """Make a folder name of a name: lower-case letters a-z, digits and hyphens."""
    letters = name.lower().replace("æ", "ae").replace("ø", "o").replace("å", "a")
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(c)
    )
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "uten-navn"


def find(root: Path, kind: str, slug: str) -> Entry:
    """Open a county or a scenario by its folder name.

    Raises
    ------
    InputError
        When there is no such folder; a name that could lead elsewhere is never looked up.
    """
    folder = root / kind / slug
    if not _SLUG.fullmatch(slug) or not folder.is_dir() or folder.is_symlink():
        what = "fylket" if kind == COUNTIES else "scenariet"
        raise InputError(f"{what} finnes ikke.", advice="Gå til forsiden og velg derfra.")
    return _open(folder)


def entries(root: Path, kind: str) -> list[Entry]:
    """Open all counties or all scenarios, in order of name."""
    place = root / kind
    if not place.is_dir():
        return []
    folders = [
        path for path in place.iterdir()
        if _SLUG.fullmatch(path.name) and path.is_dir() and not path.is_symlink()
    ]  # fmt: skip
    return sorted(map(_open, folders), key=lambda entry: entry.name.casefold())


def create(
    root: Path, kind: str, name: str, values: dict[str, Any], about: dict[str, Any]
) -> Entry:
    """Make the folder of a new county or scenario; the name gets a number if it is taken."""
    place = root / kind
    place.mkdir(parents=True, exist_ok=True)
    stem = slug_of(name)
    for number in range(1, _MOST_FOLDERS):
        slug = stem if number == 1 else f"{stem}-{number}"
        try:
            (place / slug).mkdir()
        except FileExistsError:
            continue
        write_values(place / slug, values)
        made = dt.datetime.now().astimezone().isoformat(timespec="seconds")
        write_object(place / slug / ABOUT_FILE, {**about, "made": made})
        return _open(place / slug)
    raise InputError(
        f"det finnes alt {_MOST_FOLDERS} mapper som heter noe slikt.", advice="Velg et annet navn."
    )


def write_values(folder: Path, values: dict[str, Any]) -> None:
    """Write the values of a county or scenario as TOML, whole or not at all."""
    write_text(folder / SCENARIO_FILE, toml_text(values))


def judged_values(file: Path) -> dict[str, Any]:
    """Read a scenario file in which something may be missing, but nothing may be wrong.

    Raises
    ------
    ScenarioError
        With what is wrong, as the command line says it.
    """
    values = read_toml(file)
    _, faults = judge(values)
    if any(fault["kind"] != "missing" for fault in faults):
        read_scenario(file)
    return values


_values = remembered(judged_values, most=500)


def is_newer(file: Path, result: Path) -> bool:
    """Tell whether a file has been changed after a result was made; both must be there."""
    return file.is_file() and result.is_file() and file.stat().st_mtime > result.stat().st_mtime


def delete(entry: Entry) -> None:
    """Delete a folder of the studio with everything in it."""
    shutil.rmtree(entry.folder)


def county_of(root: Path, scenario: Entry) -> Entry | None:
    """Give the county that a scenario belongs to, if it is still there."""
    slug = str(scenario.about.get("county", ""))
    known = {county.slug: county for county in entries(root, COUNTIES)}
    return known.get(slug)


def _open(folder: Path) -> Entry:
    try:
        values, fault, advice = copy.deepcopy(_values(folder / SCENARIO_FILE)), "", ""
    except ScenarioError as problem:
        values, fault, advice = {}, problem.message, problem.advice
    return Entry(
        slug=folder.name,
        folder=folder,
        values=values,
        run=read_object(folder / RUN_FILE),
        about=read_object(folder / ABOUT_FILE),
        fault=fault,
        advice=advice,
    )
