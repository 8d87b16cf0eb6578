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


UPGRADE = "upgrade"
"""The alternative that lays fibre where radio was built first."""

TECHNOLOGY = {"fibre": "fibre", "radio": "fwa", "hybrid": "hybrid", UPGRADE: "fibre"}
"""What the ``schedule`` calls each alternative."""


@dataclass(frozen=True)
class _Works:
    """The works as a frame, and where each area_id stands in it.

    The first rows are those of ``areas``; ``how`` names the alternative of the others.
    """

    frame: pd.DataFrame
    row: dict[str, int]
    years: int

    def column(self, name: str) -> Ints:
        return self.frame[name].to_numpy(dtype=np.int64)

    def is_how(self, how: str) -> Bools:
        return (self.frame["how"] == how).to_numpy(dtype=np.bool_)

    def every_year(self, amounts: Ints) -> Ints:
        return np.repeat(amounts[:, None], self.years, axis=1)


def works_of(
    areas: pd.DataFrame, settings: Rollout, alternatives: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List everything that can be built: areas, feeders and masts, then what else an area may get.

    An alternative is open when the scenario allows it and it gives everyone in the area an
    offer. An upgrade follows where radio is open and fibre counts for more.

    Returns
    -------
    works
        The columns of ``areas`` without geometry, and ``how`` (the alternative), ``masts``
        (what it needs, separated by /) and ``radio_share`` (of its premises).
    """
    frame = pd.DataFrame(areas.drop(columns="geometry", errors="ignore"))
    frame = frame.assign(how="fibre", masts="", radio_share=0.0)
    if alternatives is None or alternatives.empty:
        return frame
    wanted = {str(how) for how in settings.alternatives}
    if "radio" in wanted and settings.upgrades and settings.radio_weight_share < 1:
        wanted.add(UPGRADE)
    others = alternatives[
        alternatives["alternative"].isin(wanted)
        & (alternatives["left_premises"] == 0)
        & alternatives["area_id"].isin(areas["area_id"])
    ]
    base = frame.set_index("area_id").loc[others["area_id"]].reset_index()
    own = ("feeder_area", "trench_m", "capex_nok", "operator_nok", "local_nok", "grant_nok")
    base = base.assign(
        **{name: others[name].to_numpy() for name in own},
        how=others["alternative"].to_numpy(),
        technology=others["alternative"].map(TECHNOLOGY).to_numpy(),
        masts=others["masts"].to_numpy(),
        radio_share=(others["radio_premises"] / others["premises"].clip(lower=1)).to_numpy(),
    )
    return pd.concat([frame, base], ignore_index=True)


def first_built(works: pd.DataFrame, built: Ints) -> Ints:
    """Give the year index in which each row of ``areas`` is first built, in whatever way."""
    first = (works["how"] != UPGRADE).to_numpy()
    area = works["area_id"].to_numpy(dtype=object)[first]
    by_area = pd.Series(built[first]).groupby(area, sort=False).min()
    return by_area.to_numpy(dtype=np.int64)


def state(
    areas: pd.DataFrame, settings: Rollout, alternatives: pd.DataFrame | None = None
) -> Problem:
    """Turn the areas table and the settings into arrays, a work for each row of ``works_of``.

    Parameters
    ----------
    areas
        The ``areas`` table: deployment areas by fibre, and the trench and masts they share.
    settings
        The ``rollout`` section of the scenario.
    alternatives
        The ``alternatives`` table: what else each area may get.

    Raises
    ------
    PlanError
        If the settings or the areas name an area that does not exist.
    """
    frame = works_of(areas, settings, alternatives)
    row = {name: i for i, name in enumerate(areas["area_id"])}
    works = _Works(frame, row, len(settings.years))
    committed, required = _committed(works, settings), _required(works, settings)
    decided = _named(works, settings.must_build, "must_build") | (committed >= 0)
    return Problem(
        area_id=frame["area_id"].to_numpy(dtype=object),
        technology=frame["technology"].to_numpy(dtype=object),
        shared=frame["kind"].isin(["feeder", "mast"]).to_numpy(dtype=np.bool_),
        years=settings.years,
        value=_value(works, settings),
        before=_feeder_pairs(works),
        beside=_other_pairs(works),
        limits=tuple(_limits(works, settings)),
        promises=(*_promises(works, settings), *_any_way(works, settings)),
        exclusive=tuple(_exclusive(works, settings)),
        required=required,
        barred=_named(works, settings.must_not_build, "must_not_build")
        | (_too_dear(works, settings.highest_grant_nok_per_household) & ~decided),
        committed=committed,
    )


def _value(works: _Works, settings: Rollout) -> Floats:
    weighted = counted_households(works.frame, settings)
    if settings.goal == "least_grant":
        return saved_grant(_grant(works, settings))
    if settings.goal == "households_then_years":
        return households_at_the_end(weighted, works.years)
    return household_years(weighted, works.years)


def counted_households(works: pd.DataFrame, settings: Rollout) -> Floats:
    """Give the weighted households that each work adds, shape (works,).

    A household by radio counts ``radio_weight_share`` of one by fibre:
    ``w (1 - (1 - share) r)`` with ``r`` the part of the premises that gets radio. An upgrade
    adds what is missing, ``w (1 - share)``.
    """
    lost = 1 - settings.radio_weight_share
    weighted = works["weighted_households"].to_numpy(dtype=np.float64)
    share = np.where(
        works["how"] == UPGRADE, lost, 1 - lost * works["radio_share"].to_numpy(dtype=np.float64)
    )
    result: Floats = weighted * share
    return result


def household_years(weighted_households: Floats, years: int) -> Floats:
    """Give the weighted household-years of each work in each year, shape (works, years).

    Maximise ``sum_i w_i (years - t_i)`` over what is built, ``t_i`` the index of its year: a
    household counts once for every year of the plan in which it has its offer.
    """
    return np.outer(weighted_households, years - np.arange(years))


def households_at_the_end(weighted_households: Floats, years: int) -> Floats:
    """Give the weighted households of each work, whatever the year, shape (works, years).

    Maximise ``sum_i w_i`` over what is built. ``choose`` then fixes that sum as a promise and
    maximises ``household_years``: the lexicographic goal.
    """
    return np.repeat(weighted_households[:, None], years, axis=1)


def saved_grant(grant_nok: Ints) -> Floats:
    """Give the cost of each work in each year, in million kroner and negative.

    Maximise ``-sum_i grant[i, t_i]``: the least grant that keeps ``floors``, ``must_build`` and
    the rest, so the cost of reaching a goal by a year.
    """
    return -grant_nok / MNOK_NOK


def _grant(works: _Works, settings: Rollout) -> Ints:
    grant = works.every_year(works.column("grant_nok"))
    for synergy in settings.synergies:
        rows = _rows_of(works, synergy.area_id, "synergies")
        rows = rows[works.frame["trench_m"].to_numpy()[rows] > 0]
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
    households = works.frame["households"].to_numpy(dtype=np.float64) * ~works.is_how(UPGRADE)
    first = np.arange(len(households)) < len(works.row)
    promises = []
    for floor in settings.floors:
        inside = (works.frame["kommune"] == floor.kommune).to_numpy() | (floor.kommune == "")
        gain = households * inside
        least = max(floor.least_share * float(gain[first].sum()), floor.least_households)
        place = f"kommune {floor.kommune}" if floor.kommune else "fylket"
        name = f"{place}: minst {format_int(np.ceil(least))} husstander innen {floor.by_year}"
        promises.append(Promise("floors", name, gain, floor.by_year - settings.first_year, least))
    return promises


def _any_way(works: _Works, settings: Rollout) -> list[Promise]:
    """Demand areas of ``must_build`` that may be built in several ways: ``sum x[i, last] >= 1``."""
    last = works.years - 1
    promises = []
    for name in dict.fromkeys(settings.must_build):
        ways = _ways(works, _rows_of(works, name, "must_build"))
        if len(ways) > 1:
            gain = np.zeros(len(works.frame))
            gain[ways] = 1.0
            promises.append(Promise("must_build", name, gain, last, 1.0))
    return promises


def _ways(works: _Works, rows: Ints) -> Ints:
    """Leave out upgrades: they come on top of radio, not instead of it."""
    return rows[~works.is_how(UPGRADE)[rows]]


def _exclusive(works: _Works, settings: Rollout) -> list[Ints]:
    groups = [
        np.concatenate([_rows_of(works, name, "exclusive") for name in dict.fromkeys(group)])
        for group in settings.exclusive
    ]
    repeated = works.frame["area_id"][works.frame["area_id"].duplicated()].unique()
    one_way = [_rows_of(works, name, "alternatives") for name in repeated]
    return [ways for group in [*groups, *one_way] if len(ways := _ways(works, group)) > 1]


def _feeder_pairs(works: _Works) -> Ints:
    feeders = works.frame["feeder_area"].to_numpy(dtype=object)
    if unknown := sorted({str(f) for f in feeders if f and f not in works.row}):
        raise PlanError(
            f"området «{unknown[0]}» står som feeder_area, men finnes ikke i tabellen «areas».",
            advice="Lag områdene på nytt.",
        )
    pairs = [(i, works.row[feeder]) for i, feeder in enumerate(feeders) if feeder]
    hanging = {i for i, _ in pairs}
    pairs += [pair for pair in _mast_pairs(works)[0] if pair[0] not in hanging]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _other_pairs(works: _Works) -> Ints:
    """Pair a work with what it needs beside its feeder: masts, and the radio that it upgrades."""
    feeders = works.frame["feeder_area"].to_numpy(dtype=object)
    first, more = _mast_pairs(works)
    pairs = [*more, *(pair for pair in first if feeders[pair[0]])]
    names = works.frame["area_id"]
    radio = {names[i]: int(i) for i in np.flatnonzero(works.is_how("radio"))}
    pairs += [(int(i), radio[names[i]]) for i in np.flatnonzero(works.is_how(UPGRADE))]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _mast_pairs(works: _Works) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Pair every work with its first mast, and with the others."""
    first, more = [], []
    for i, text in enumerate(works.frame["masts"]):
        masts = [works.row[name] for name in str(text).split("/") if name]
        first += [(i, mast) for mast in masts[:1]]
        more += [(i, mast) for mast in masts[1:]]
    return first, more


def _required(works: _Works, settings: Rollout) -> Bools:
    """Mark what must be built and can be built in one way only; ``_any_way`` has the others."""
    single = ~works.frame["area_id"].duplicated(keep=False).to_numpy()
    return _named(works, settings.must_build, "must_build") & single


def _committed(works: _Works, settings: Rollout) -> Ints:
    committed = np.full(len(works.frame), -1, dtype=np.int64)
    for commitment in settings.committed:
        rows = _rows_of(works, commitment.area_id, "committed")
        how = works.frame["how"].to_numpy(dtype=object)[rows]
        is_mast = works.frame["kind"].to_numpy(dtype=object)[rows] == "mast"
        mine = rows[(how == commitment.alternative) | is_mast]
        if not len(mine):
            raise PlanError(
                f"committed nevner {commitment.alternative} i «{commitment.area_id}», "
                "som ikke er mulig der.",
                advice="Rett alternative i scenariet; mulighetene står i tabellen «alternatives».",
            )
        committed[mine[0]] = commitment.year - settings.first_year
    return committed


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
