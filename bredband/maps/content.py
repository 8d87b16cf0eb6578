"""What the page says and shows: a plan turned into plain values and columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from bredband.grid import CELLS_M, cell_centres_m
from bredband.maps.payload import Columns, Ints, shapes_of, to_world
from bredband.maps.why import reasons
from bredband.plan import SYNTHETIC_LABEL, Plan, Proof
from bredband.wording import said, sentences

NONE = 65_535
"""Stands for «no area» in a column of area numbers."""
UNKNOWN_CLASS = 255
"""Stands for «nobody has said what is on offer here»."""
KINDS = ("dwelling", "business", "public", "holiday")


def plan_tables(plan: Plan, origin: Ints, *, public: bool = False) -> Mapping[str, Columns]:
    """Give premises (or cells), areas, trenches and borders as columns for the page.

    A public map has cells of at least ``output.fewest_households`` instead of premises, and
    no outline of a smaller area.
    """
    people = (
        {"cells": _cells(plan, origin)}
        if public
        else {"premises": _premises(plan, origin), "conflicts": _conflicts(plan)}
    )
    area_number = {area_id: i for i, area_id in enumerate(plan.areas["area_id"])}
    of_route = plan.routes["area_id"].map(area_number).to_numpy(dtype=np.int64)
    ground = plan.routes["ground"]
    way = np.select([ground == "water", ground == "pole_line"], [1, 2], 0)
    lines, owner, way = _joined_routes(plan.routes.geometry.to_numpy(), of_route, way)
    route_parts, route_xy = shapes_of(lines, np.arange(len(lines)), origin).columns()
    number = route_parts["owner"]
    trench_only = (plan.areas["kind"] == "feeder").to_numpy()
    shown = np.flatnonzero(~trench_only & ~(_is_few(plan) & public))
    area_parts, area_xy = shapes_of(
        _simplified(plan.areas.geometry.to_numpy()[shown]), shown, origin
    ).columns()
    kommuner = _simplified(plan.kommuner.geometry.to_numpy())
    border_parts, border_xy = shapes_of(kommuner, np.arange(len(kommuner)), origin).columns()
    between = _between(kommuner)
    between_parts, between_xy = shapes_of(
        between, np.zeros(len(between), np.int64), origin
    ).columns()
    return {
        **people,
        "area_parts": area_parts,
        "area_xy": area_xy,
        "route_parts": {**route_parts, "owner": owner[number], "way": way[number]},
        "route_xy": route_xy,
        "border_parts": border_parts,
        "border_xy": border_xy,
        "between_parts": between_parts,
        "between_xy": between_xy,
    }


def plan_meta(
    plan: Plan,
    origin: Ints,
    *,
    public: bool = False,
    reasoned: bool = True,
    steps: Sequence[int] | None = None,
) -> dict[str, Any]:
    """Give everything about a plan that is not drawn point by point.

    Without ``reasoned`` no area says why it is built when it is. ``steps`` are the years that the
    page goes through, the plan's own where it is alone: of two plans, the years of both.
    """
    scenario = plan.scenario
    language = scenario.output.language
    years = list(scenario.rollout.years)
    steps = years if steps is None else list(steps)
    streets = [] if public else list(_sorted_premises(plan)["street_text"].cat.categories)
    corner = to_world(np.array([[0.0, 0.0], [float(CELLS_M[0]), 0.0]]) + _middle_m(plan))
    return {
        "language": language,
        "words": dict(sentences("maps", language)),
        "title": scenario.output.title or scenario.name,
        "owner": scenario.output.organisation or scenario.county,
        "scenario": scenario.name,
        "description": scenario.description,
        "synthetic": said(SYNTHETIC_LABEL, language) if scenario.synthetic else "",
        "synthetic_note": scenario.synthetic_note if scenario.synthetic else "",
        "target_mbps": scenario.target.down_mbps,
        "class_mbps": sorted(scenario.target.class_down_mbps),
        "years": years,
        "steps": steps,
        "kpis": plan.kpis(),
        "by_year": _by_year(plan, steps),
        "carry_over": plan.scenario.rollout.carry_over,
        "kommuner": _kommuner(plan, steps, origin),
        "areas": _areas(plan, public=public, reasoned=reasoned),
        "streets": streets,
        "reasons": [] if public else [said(why, language) for why in _reasons(plan)[1]],
        "conflicts": [] if public else [said(why, language) for why in plan.conflicts["reason"]],
        "fewest": scenario.output.fewest_households,
        "cell_pixels": int(corner[1, 0] - corner[0, 0]),
        "proofs": [_proof(proof, language) for proof in plan.proofs],
        "sources": [
            {"name": publisher.name, "licence": publisher.licence, "date": publisher.date}
            for publisher in scenario.publishers.values()
        ],
        "price_year": scenario.costs.price_year,
        "count_planned": scenario.coverage.count_planned,
    }


def _middle_m(plan: Plan) -> NDArray[np.float64]:
    west, south, east, north = plan.kommuner.total_bounds
    return np.array([(west + east) / 2, (south + north) / 2])


def _is_few(plan: Plan) -> NDArray[np.bool_]:
    """Mark the deployment areas that have too few households to be told of one by one."""
    few = plan.areas["households"] < plan.scenario.output.fewest_households
    marked: NDArray[np.bool_] = (few & (plan.areas["kind"] == "area")).to_numpy()
    return marked


def _cells(plan: Plan, origin: Ints) -> Columns:
    """Sum households in cells of at least so many, by the year they are served."""
    premises = plan.premises[plan.premises["households"] > 0]
    households = premises["households"].to_numpy(dtype=np.int64)
    centre_m = cell_centres_m(
        shapely.get_coordinates(premises.geometry.to_numpy()),
        households,
        fewest=plan.scenario.output.fewest_households,
    )
    middles, cell = np.unique(centre_m, axis=0, return_inverse=True)
    step = _step_of_premises(plan).reindex(premises["premises_id"]).to_numpy(dtype=np.int64)
    world = to_world(middles) - origin
    sums = {
        f"step_{k}": np.bincount(cell, households * (step == k), len(middles)).astype(np.int64)
        for k in range(len(plan.scenario.rollout.years) + 2)
    }
    return {"x": world[:, 0], "y": world[:, 1], **sums}


def _step_of_premises(plan: Plan) -> pd.Series[Any]:
    """Give 0 for premises served today, k for the k-th year, and one more than all for never."""
    years = list(plan.scenario.rollout.years)
    year = plan.schedule.set_index("area_id")["build_year"]
    reached = plan.connections.set_index("premises_id")["area_id"].map(year)
    ids = plan.premises["premises_id"]
    step = reached.reindex(ids).map({y: k + 1 for k, y in enumerate(years)})
    served = plan.coverage.set_index("premises_id")["served"].reindex(ids) == True  # noqa: E712
    return step.fillna(len(years) + 1).mask(served, 0).astype("int64")


def _premises(plan: Plan, origin: Ints) -> Columns:
    premises = _sorted_premises(plan)
    xy = to_world(shapely.get_coordinates(premises.geometry.to_numpy())) - origin
    ids = premises["premises_id"]
    coverage = plan.coverage.set_index("premises_id").reindex(ids)
    known = coverage["down_mbps"].notna().to_numpy()
    speed = coverage["down_mbps"].fillna(0).to_numpy(dtype=np.float64)
    classes = np.array(sorted(plan.scenario.target.class_down_mbps))
    speed_class = np.where(known, np.searchsorted(classes, speed, side="right"), UNKNOWN_CLASS)
    served = (coverage["served"] == True).to_numpy()  # noqa: E712 - absent rows are not served
    reached = plan.connections[plan.connections["area_id"] != ""].set_index("premises_id")
    area_number = {area_id: i for i, area_id in enumerate(plan.areas["area_id"])}
    area = pd.to_numeric(reached["area_id"].map(area_number), errors="raise").reindex(ids)
    reason, _ = _reasons(plan)
    kommune_number = {code: i for i, code in enumerate(plan.kommuner["kommune"])}
    house = premises["house_number"].str.extract(r"^(\d{0,5})(.?)")
    kind = premises["kind"].map({name: i for i, name in enumerate(KINDS)})
    return {
        "x": xy[:, 0],
        "y": xy[:, 1],
        "households": premises["households"].to_numpy(dtype=np.int64),
        "kind": kind.to_numpy(dtype=np.int64),
        "kommune": premises["kommune"].map(kommune_number).fillna(NONE).to_numpy(dtype=np.int64),
        "street": premises["street_text"].cat.codes.to_numpy(dtype=np.int64),
        "number": pd.to_numeric(house[0]).fillna(0).to_numpy(dtype=np.int64),
        "letter": np.array([ord(c) if c else 0 for c in house[1].fillna("")], dtype=np.int64),
        "speed_class": speed_class.astype(np.int64),
        "served": served.astype(np.int64),
        "area": area.fillna(NONE).to_numpy(dtype=np.int64),
        "reason": reason.reindex(ids).to_numpy(dtype=np.int64),
        "grant": _grant_class(coverage),
    }


def _conflicts(plan: Plan) -> Columns:
    """Give the premises where evidence contradicts claims by their numbers, the worst first.

    Their sentences stand in the same order in what ``plan_meta`` gives.
    """
    ids = _sorted_premises(plan)["premises_id"].to_numpy()
    number = pd.Series(np.arange(len(ids)), index=ids)
    return {
        "premises": number[plan.conflicts["premises_id"]].to_numpy(dtype=np.int64),
        "percent": np.rint(100 * plan.conflicts["served_probability"]).to_numpy(dtype=np.int64),
    }


def _grant_class(coverage: pd.DataFrame) -> Ints:
    """Give 0 for premises that may be helped, 1 for planned commercially, 2 for the others."""
    eligible = (coverage["eligible"] == True).to_numpy()  # noqa: E712 - absent rows are not
    planned = (coverage["planned"] == True).to_numpy()  # noqa: E712
    return np.select([eligible, planned], [0, 1], 2).astype(np.int64)


def _sorted_premises(plan: Plan) -> Any:
    """Sort premises along their streets, so that neighbours in the file are neighbours."""
    premises = plan.premises
    text = premises["street"].where(premises["street"] != "", premises["address"])
    number = pd.to_numeric(premises["house_number"].str.extract(r"^(\d+)")[0]).fillna(0)
    frame = premises.assign(street_text=text.astype("category"), number=number)
    return frame.sort_values(["kommune", "street_text", "number", "premises_id"], kind="stable")


def _reasons(plan: Plan) -> tuple[pd.Series[Any], list[str]]:
    """Give each premises the number of its reason, and the reasons.

    The reason why it is not reached goes before the reason why it is counted as it is.
    """
    why = plan.coverage.set_index("premises_id")["reason"].reindex(plan.premises["premises_id"])
    stays = plan.connections[plan.connections["area_id"] == ""].set_index("premises_id")["reason"]
    why = why.fillna("").astype("object")
    why.update(stays[stays != ""].astype("object"))
    numbers, texts = pd.factorize(why, sort=True)
    return pd.Series(numbers, index=why.index), [str(text) for text in texts]


def _areas(plan: Plan, *, public: bool, reasoned: bool) -> dict[str, list[Any]]:
    areas = plan.areas
    number = {area_id: i for i, area_id in enumerate(areas["area_id"])}
    kommune_number = {code: i for i, code in enumerate(plan.kommuner["kommune"])}
    schedule = plan.schedule.set_index("area_id")
    year = schedule["build_year"].reindex(areas["area_id"]).fillna(0).astype("int64")
    technology = schedule["technology"].reindex(areas["area_id"]).reset_index(drop=True)
    technology = technology.fillna(areas["technology"].reset_index(drop=True))
    paid_nok = schedule["grant_nok"].reindex(areas["area_id"]).reset_index(drop=True)
    needed_nok = areas["grant_nok"].reset_index(drop=True)
    grant_nok = paid_nok.fillna(needed_nok).astype("int64")
    saved_nok = needed_nok - grant_nok
    few = _is_few(plan) & public
    later = plan.upgrades.set_index("area_id").reindex(areas["area_id"])
    return {
        "id": areas["area_id"].tolist(),
        "name": areas["name"].tolist(),
        "kind": areas["kind"].tolist(),
        "kommune": [kommune_number.get(code, -1) for code in areas["kommune"]],
        "feeder": [number.get(area_id, -1) for area_id in areas["feeder_area"]],
        "premises": _unless(few, areas["premises"]),
        "households": _unless(few, areas["households"]),
        "technology": technology.tolist(),
        "trench_m": areas["trench_m"].round().astype("int64").tolist(),
        "capex_nok": (areas["capex_nok"].reset_index(drop=True) - saved_nok).tolist(),
        "operator_nok": areas["operator_nok"].tolist(),
        "local_nok": areas["local_nok"].tolist(),
        "grant_nok": grant_nok.tolist(),
        "year": year.tolist(),
        "fibre_year": later["build_year"].fillna(0).astype("int64").tolist(),
        "fibre_grant_nok": later["grant_nok"].fillna(0).astype("int64").tolist(),
        "why": [
            [[name, _with_numbers(figures, number)] for name, figures in said]
            for said in (reasons(plan) if reasoned else [()] * len(areas))
        ],
    }


def _with_numbers(figures: Mapping[str, Any], number: Mapping[str, int]) -> dict[str, Any]:
    """Let a sentence name an area by its number in the file, which the page turns into a name."""
    return {k: number.get(v, -1) if k == "feeder" else v for k, v in figures.items()}


def _unless(hidden: NDArray[np.bool_], values: pd.Series[Any]) -> list[int | None]:
    return [None if hide else int(value) for hide, value in zip(hidden, values, strict=True)]


def _by_year(plan: Plan, steps: list[int]) -> dict[str, list[Any]]:
    """Give the sums of every year; in a year that is not the plan's nothing is built."""
    own = plan.by_year()
    table = own.reindex(steps, fill_value=0)
    before_share = plan.kpis()["served_before_share"]
    table["served_share"] = own["served_share"].reindex(steps).ffill().fillna(before_share)
    names = ["areas", "premises", "households", "capex_nok", "operator_nok", "local_nok"]
    names += ["grant_nok", "budget_nok", "served_share"]
    return {name: table[name].tolist() for name in names}


def _kommuner(plan: Plan, years: list[int], origin: Ints) -> dict[str, list[Any]]:
    """Give each kommune its households, and those served today and after every year."""
    codes = plan.kommuner["kommune"]
    table = plan.by_kommune().reindex(codes)
    premises = plan.premises.set_index("premises_id")
    built = plan.connections.merge(plan.schedule[["area_id", "build_year"]], on="area_id")
    gained = pd.DataFrame(
        {
            "kommune": premises["kommune"].reindex(built["premises_id"]).to_numpy(),
            "build_year": built["build_year"].to_numpy(),
            "households": premises["households"].reindex(built["premises_id"]).to_numpy(),
        }
    )
    by_year = gained.pivot_table("households", "kommune", "build_year", "sum")
    by_year = by_year.reindex(index=codes, columns=years).fillna(0)
    before = table["served_before_households"].fillna(0)
    served = by_year.cumsum(axis=1).add(before, axis=0)
    served.insert(0, "today", before)
    money = plan.areas[["area_id", "kommune"]].merge(plan.schedule, on="area_id")
    grant = money.pivot_table("grant_nok", "kommune", "build_year", "sum")
    grant = grant.reindex(index=codes, columns=years).fillna(0)
    labels = label_points(plan.kommuner.geometry.to_numpy(), origin)
    return {
        "x": labels[:, 0].tolist(),
        "y": labels[:, 1].tolist(),
        "code": codes.tolist(),
        "name": plan.kommuner["name"].tolist(),
        "households": table["households"].fillna(0).astype("int64").tolist(),
        "served": served.astype("int64").to_numpy().tolist(),
        "grant_nok": grant.astype("int64").to_numpy().tolist(),
        "capex_nok": table["capex_nok"].fillna(0).astype("int64").tolist(),
    }


def _proof(proof: Proof, language: str) -> dict[str, Any]:
    return {
        "kind": proof.kind,
        "what": said(proof.what, language),
        "status": proof.status,
        "gap_share": proof.gap_share,
        "solver": proof.solver,
    }


def _joined_routes(
    lines: NDArray[np.object_], area: Ints, way: Ints
) -> tuple[NDArray[np.object_], Ints, Ints]:
    """Join links within each area, dug (0), in water (1) and on poles (2) apart; give both numbers."""
    key = area * 3 + way
    order = np.argsort(key, kind="stable")
    keys, start = np.unique(key[order], return_index=True)
    bundles = [
        shapely.line_merge(shapely.multilinestrings(group))
        for group in np.split(shapely.simplify(lines[order], 4.0), start[1:])
    ]
    return np.array(bundles, dtype=object), keys // 3, keys % 3


def _between(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give the lines that two kommuner share: a border on land, not a coast."""
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = first < second
    shared = shapely.intersection(
        shapely.boundary(shapes[first[pairs]]), shapely.boundary(shapes[second[pairs]])
    )
    parts = shapely.get_parts(shared)
    lines = parts[shapely.get_dimensions(parts) == 1]
    return np.asarray(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines))))


def label_points(shapes: NDArray[np.object_], origin: Ints) -> Ints:
    """Give the middle of the largest circle within each shape, where a name has room."""
    radii = shapely.maximum_inscribed_circle(shapes, tolerance=200.0)
    return to_world(shapely.get_coordinates(shapely.get_point(radii, 0))) - origin


def _simplified(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Leave out bends under 10 m; neighbours keep the border they share."""
    if len(shapes) and bool(shapely.coverage_is_valid(shapes)):
        return np.asarray(shapely.coverage_simplify(shapes, 10.0), dtype=object)
    return np.asarray(shapely.simplify(shapes, 10.0), dtype=object)
