"""State the problem: the areas table and the scenario's choices as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bredband.errors import PlanError
from bredband.rollout.model import Bools, Floats, Ints, Limit, Problem, Promise
from bredband.scenario.rollout import Rollout
from bredband.units import format_int

MNOK_NOK = 1e6
KM_M = 1e3


@dataclass(frozen=True)
class _Works:
    """The works as a frame, and where each area_id stands in it."""

    frame: pd.DataFrame
    row: dict[str, int]
    years: int

    def column(self, name: str) -> Ints:
        return self.frame[name].to_numpy(dtype=np.int64)

    def every_year(self, amounts: Ints) -> Ints:
        return np.repeat(amounts[:, None], self.years, axis=1)


def state(
    areas: pd.DataFrame, settings: Rollout, alternatives: pd.DataFrame | None = None
) -> Problem:
    """Turn the areas table and the settings into arrays.

    Parameters
    ----------
    areas
        The ``areas`` table: deployment areas and shared feeders.
    settings
        The ``rollout`` section of the scenario.
    alternatives
        Other technologies for some of the areas: rows like those of ``areas``, each with the
        ``area_id`` it replaces and its own technology, money and ``feeder_area``.

    Raises
    ------
    PlanError
        If the settings or the areas name an area that does not exist.
    """
    frame = areas if alternatives is None else pd.concat([areas, alternatives], ignore_index=True)
    row = {name: i for i, name in enumerate(areas["area_id"])}
    works = _Works(frame, row, len(settings.years))
    committed, required = _committed(works, settings), _required(works, settings)
    decided = required | (committed >= 0)
    return Problem(
        area_id=frame["area_id"].to_numpy(dtype=object),
        technology=frame["technology"].to_numpy(dtype=object),
        shared=(frame["kind"] == "feeder").to_numpy(dtype=np.bool_),
        years=settings.years,
        value=_value(works, settings),
        before=_feeder_pairs(works),
        limits=tuple(_limits(works, settings)),
        promises=tuple(_promises(works, settings)),
        exclusive=tuple(_exclusive(works, settings)),
        required=required,
        barred=_named(works, settings.must_not_build, "must_not_build")
        | (_too_dear(works, settings.highest_grant_nok_per_household) & ~decided),
        committed=committed,
    )


def _value(works: _Works, settings: Rollout) -> Floats:
    weighted = works.frame["weighted_households"].to_numpy(dtype=np.float64)
    if settings.goal == "least_grant":
        return -_grant(works, settings) / MNOK_NOK
    if settings.goal == "households_then_years":
        return np.repeat(weighted[:, None], works.years, axis=1)
    return household_years(weighted, works.years)


def household_years(weighted_households: Floats, years: int) -> Floats:
    """Give the weighted household-years of each work in each year, shape (works, years)."""
    return np.outer(weighted_households, years - np.arange(years))


def _grant(works: _Works, settings: Rollout) -> Ints:
    grant = works.every_year(works.column("grant_nok"))
    for synergy in settings.synergies:
        rows = _rows_of(works, synergy.area_id, "synergies")
        year = synergy.year - settings.first_year
        grant[rows, year] = np.maximum(grant[rows, year] - round(synergy.saving_nok), 0)
    return grant


def _limits(works: _Works, settings: Rollout) -> list[Limit]:
    grant = _grant(works, settings)
    kommune = works.frame["kommune"]
    general = np.ones(len(kommune), dtype=np.bool_)
    limits = []
    for fund in settings.funds:
        inside = kommune.isin(fund.kommuner).to_numpy(dtype=np.bool_) & general
        general &= ~inside
        limits.append(_budget(fund.name, grant * inside[:, None], fund.annual_grant_nok, settings))
    frame_name = "tilskuddsrammen"
    limits.insert(
        0, _budget(frame_name, grant * general[:, None], settings.annual_grant_nok, settings)
    )
    extra = [
        ("byggepris", "capex_nok", settings.annual_capex_nok, MNOK_NOK),
        ("meter grøft", "trench_m", settings.annual_trench_m, KM_M),
    ]
    for name, column, allowed, unit in extra:
        if allowed:
            amounts = np.ceil(works.frame[column].to_numpy(dtype=np.float64)).astype(np.int64)
            limits.append(
                Limit(
                    name,
                    works.every_year(amounts),
                    np.floor(allowed).astype(np.int64),
                    np.zeros(works.years, dtype=np.int64),
                    carry_over=False,
                    unit=unit,
                    is_grant=False,
                )
            )
    return limits


def _budget(name: str, use: Ints, annual: tuple[float, ...], settings: Rollout) -> Limit:
    allowed = np.floor(np.array(annual) * (1 - settings.contingency_share)).astype(np.int64)
    advance = np.zeros_like(allowed)
    advance[:-1] = np.floor(settings.borrow_share * allowed[1:])
    return Limit(name, use, allowed, advance, settings.carry_over, MNOK_NOK, is_grant=True)


def _promises(works: _Works, settings: Rollout) -> list[Promise]:
    households = works.frame["households"].to_numpy(dtype=np.float64)
    first = np.arange(len(households)) < len(works.row)
    promises = []
    for floor in settings.floors:
        inside = (works.frame["kommune"] == floor.kommune).to_numpy() | (floor.kommune == "")
        gain = households * inside
        least = max(floor.least_share * float(gain[first].sum()), floor.least_households)
        place = f"kommune {floor.kommune}" if floor.kommune else "fylket"
        name = f"{place}: minst {format_int(np.ceil(least))} husstander innen {floor.by_year}"
        promises.append(Promise(name, gain, floor.by_year - settings.first_year, least))
    return promises


def _exclusive(works: _Works, settings: Rollout) -> list[Ints]:
    groups = [
        np.concatenate([_rows_of(works, name, "exclusive") for name in dict.fromkeys(group)])
        for group in settings.exclusive
    ]
    repeated = works.frame["area_id"][works.frame["area_id"].duplicated()].unique()
    alternatives = [_rows_of(works, name, "alternatives") for name in repeated]
    return [*groups, *alternatives]


def _feeder_pairs(works: _Works) -> Ints:
    feeders = works.frame["feeder_area"].to_numpy(dtype=object)
    if unknown := sorted({str(f) for f in feeders if f and f not in works.row}):
        raise PlanError(
            f"området «{unknown[0]}» står som feeder_area, men finnes ikke i tabellen «areas».",
            advice="Lag områdene på nytt.",
        )
    pairs = [(i, works.row[feeder]) for i, feeder in enumerate(feeders) if feeder]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _required(works: _Works, settings: Rollout) -> Bools:
    return _named(works, settings.must_build, "must_build") & _first_rows(works)


def _committed(works: _Works, settings: Rollout) -> Ints:
    committed = np.full(len(works.frame), -1, dtype=np.int64)
    for commitment in settings.committed:
        row = _rows_of(works, commitment.area_id, "committed")[0]
        committed[row] = commitment.year - settings.first_year
    return committed


def _first_rows(works: _Works) -> Bools:
    return np.arange(len(works.frame)) < len(works.row)


def _named(works: _Works, names: tuple[str, ...], field: str) -> Bools:
    chosen = np.zeros(len(works.frame), dtype=np.bool_)
    for name in names:
        chosen[_rows_of(works, name, field)] = True
    return chosen


def _rows_of(works: _Works, name: str, field: str) -> Ints:
    if name not in works.row:
        raise PlanError(
            f"{field} nevner området «{name}», som ikke finnes.",
            advice="Rett area_id i scenariet; navnene står i tabellen «areas».",
        )
    return np.flatnonzero((works.frame["area_id"] == name).to_numpy())


def _too_dear(works: _Works, highest_nok: float | None) -> Bools:
    if highest_nok is None:
        return np.zeros(len(works.frame), dtype=np.bool_)
    frame = works.frame
    households = frame["households"].clip(lower=1)
    too_dear = (frame["kind"] == "area") & (frame["grant_nok"] > highest_nok * households)
    return too_dear.to_numpy(dtype=np.bool_)
