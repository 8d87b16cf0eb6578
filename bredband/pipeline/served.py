"""Who is served, as the plan sees it; whom to telephone; and the hearing, out and back."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband import coverage
from bredband.county import County, replacing, write_table
from bredband.errors import InputError
from bredband.inert import file_stem
from bredband.pipeline.airwaves import hear_masts
from bredband.pipeline.ingest import read_county
from bredband.pipeline.readings import HEARING_FOLDER
from bredband.renewal import renewing
from bredband.scenario import Scenario
from bredband.scenario.coverage import Target
from bredband.scenario.rollout import Uncertainty
from bredband.store import Keep

CONFLICTS_FILE = "konflikter.csv"
CALLS_FILE = "ringeliste.csv"
EXPECTED_FILE = "dekning_ventet.csv"
CHANGES_FILE = "endringer.csv"
KOMMUNE_TABLES = (
    "dekning_kommuner.csv",
    "dekning_kommuner_tettbygd.csv",
    "dekning_kommuner_spredtbygd.csv",
)


def believe(county: County, availability: pd.DataFrame, scenario: Scenario) -> coverage.Posterior:
    """Weigh claims, evidence and the regulator's totals for the scenario's target."""
    return _believe(county, availability, scenario, scenario.target)


def _believe(
    county: County, availability: pd.DataFrame, scenario: Scenario, target: Target
) -> coverage.Posterior:
    published = county.published[county.published["down_mbps"] == target.down_mbps]
    return coverage.believe(
        county.premises,
        availability,
        county.evidence,
        target=target,
        choices=scenario.coverage,
        published=published[["kommune", "served_share"]] if len(published) else None,
    )


@dataclass(frozen=True)
class Served:
    """Who is served as the plan sees it, and how sure that is.

    ``coverage`` and ``conflicts`` are tables; ``lacks`` says whether the target is missing at
    each premises in each drawn version of the truth, shape (premises, draws), with no draws
    unless the scenario plans on them.
    """

    coverage: pd.DataFrame
    conflicts: gpd.GeoDataFrame
    lacks: NDArray[np.bool_]


def weigh_evidence(
    county: County, availability: pd.DataFrame, scenario: Scenario, uncertainty: Uncertainty
) -> Served:
    """Decide who is served, where evidence contradicts claims, and what may be true instead."""
    posterior = believe(county, availability, scenario)
    found = coverage.conflicts.find(posterior, county.premises)
    now = _judge(posterior, county, availability, scenario)
    if scenario.coverage.plan_on != "draws":
        return Served(now, found, np.zeros((len(county.premises), 0), dtype=np.bool_))
    lacks = ~coverage.draw(posterior, uncertainty.draws, uncertainty.seed)
    return Served(now.assign(lacking_share=lacks.mean(axis=1)), found, lacks)


def find_served(county: County, scenario: Scenario, keep: Keep) -> tuple[pd.DataFrame, Served]:
    """Find who is served today, with what the masts give: the table ``signal``, and who is served."""
    signal, availability = keep(hear_masts, county, scenario.only("target", "radio"))
    served = keep(
        weigh_evidence,
        county,
        availability,
        scenario.only("target", "coverage"),
        scenario.rollout.uncertainty,
    )
    return signal, served


def judge(county: County, availability: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Decide who is served and who may be helped: the table ``coverage``."""
    return _judge(believe(county, availability, scenario), county, availability, scenario)


def _judge(
    posterior: coverage.Posterior, county: County, availability: pd.DataFrame, scenario: Scenario
) -> pd.DataFrame:
    excluded = [
        coverage.eligibility.exclusions(county.premises, areas, str(ground))
        for ground, areas in county.excluded.groupby("ground")
    ]
    return coverage.judge(
        posterior,
        county.premises,
        availability,
        scenario.coverage,
        pd.concat(excluded, ignore_index=True) if excluded else None,
    )


def write_kommune_tables(folder: Path, county: County, scenario: Scenario) -> None:
    """Write what operators claim by kommune in the regulator's own columns, to lay beside its table.

    One file for all, one for settlements and one for outside them.
    """
    names = county.kommuner[["kommune", "name"]].assign(county=scenario.county)
    label = " (syntetiske data)" if scenario.synthetic else ""
    for settlement, file in zip(coverage.shares.SETTLEMENTS, KOMMUNE_TABLES, strict=True):
        coverage.shares.write_csv(
            coverage.shares.table(county.premises, county.availability, settlement=settlement),
            folder / file,
            names,
            f"Dekning for fast bredbånd på kommunenivå{label}",
            settlement,
        )


def write_conflicts(folder: Path, scenario: Scenario) -> list[Path]:
    """Write where evidence contradicts claims, the hundred calls worth most, and how sure the coverage is."""
    county = read_county(folder)
    _, availability = hear_masts(county, scenario)
    posterior = believe(county, availability, scenario)
    found = coverage.conflicts.find(posterior, county.premises)
    calls = coverage.conflicts.worth_checking(posterior, county.premises)
    write_table(folder, "conflicts", found)
    language = scenario.output.language
    coverage.conflicts.write_csv(found, folder / CONFLICTS_FILE, language=language)
    _spare_answers(folder / CALLS_FILE)
    coverage.conflicts.write_calls(calls, folder / CALLS_FILE, language=language)
    expected = coverage.shares.expected(
        [
            _believe(county, availability, scenario, Target(down_mbps=speed))
            for speed in scenario.target.class_down_mbps
        ],
        county.premises,
    )
    names = county.kommuner.set_index("kommune")["name"]
    coverage.shares.write_expected(expected, folder / EXPECTED_FILE, names, language=language)
    return [folder / name for name in (CONFLICTS_FILE, CALLS_FILE, EXPECTED_FILE)]


def _spare_answers(path: Path) -> None:
    """Stop before a call list that somebody has filled in is written over.

    Raises
    ------
    InputError
        When the list has answers.
    """
    if path.is_file() and coverage.conflicts.has_answers(path):
        raise InputError(
            "har svar, og ville blitt skrevet over.",
            file=path,
            advice="Flytt lista dit scenariet er, og før den opp under [sources] calls.",
        )


def write_hearing(folder: Path, scenario: Scenario, path: Path) -> int:
    """Write the list and, beside it, the map layer for the hearing; give the number of premises."""
    county = read_county(folder)
    _, availability = hear_masts(county, scenario)
    listed = coverage.consultation.export(
        county.premises,
        judge(county, availability, scenario),
        language=scenario.output.language,
    )
    coverage.consultation.write_list(listed, path)
    coverage.consultation.write_list_map(listed, path.with_suffix(".geojson"))
    return len(listed)


@dataclass(frozen=True)
class Hearing:
    """What came of a hearing.

    ``answers`` is how many rows held an answer that could be used; ``set_aside`` the rows that
    could not, with the reason; ``changed`` a row per premises whose status is another than before.
    """

    answers: int
    set_aside: pd.DataFrame
    changed: pd.DataFrame


def read_hearing(folder: Path, scenario: Scenario, answers: list[Path]) -> Hearing:
    """Put the operators' answers into the county folder, and show what they changed.

    The files are laid in the folder's ``horing``, where every later reading of the county finds
    them. The changes are also written as ``endringer.csv``. Answers about addresses that are not
    the county's are set aside.
    """
    county = read_county(folder)
    reading = coverage.consultation.read_answers(answers)
    ours = reading.frame["premises_id"].isin(county.premises["premises_id"])
    said = reading.frame[ours]
    _, before = hear_masts(county, scenario)
    told = coverage.consultation.apply_answers(county.availability, said)
    after = coverage.consultation.apply_answers(before, said)
    changed = coverage.consultation.changes(
        judge(county, before, scenario),
        judge(county, after, scenario),
        county.premises,
        language=scenario.output.language,
    )
    foreign = reading.frame.loc[~ours, ["premises_id"]].assign(
        reason="adressen finnes ikke i fylket"
    )
    if len(said):
        _lay_by(folder / HEARING_FOLDER, answers)
    with renewing(folder, whole=False) as new:
        write_table(new, "availability", told)
    language = scenario.output.language
    coverage.consultation.write_changes(changed, folder / CHANGES_FILE, language=language)
    return Hearing(
        answers=len(said),
        set_aside=pd.concat([reading.set_aside, foreign], ignore_index=True),
        changed=changed,
    )


def _lay_by(place: Path, files: list[Path]) -> None:
    """Copy files into a folder, named so that they are read in the order they came."""
    for number, file in enumerate(files, start=len(list(place.glob("*.csv"))) + 1):
        with replacing(place / f"{number:03d}-{file_stem(file.stem)}.csv") as unfinished:
            shutil.copyfile(file, unfinished)
