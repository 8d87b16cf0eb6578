"""The map of several counties: counties from afar, kommuner nearer, areas and trench close by.

A county is turned into what the page needs of it one at a time, so that no more than one county's
homes are held at once; the parts are then laid end to end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bredband.grid import NORWAY_EAST_M, NORWAY_NORTH_M
from bredband.maps.background import Background, background_tables, place_names
from bredband.maps.content import label_points, plan_meta, plan_tables
from bredband.maps.page import CouncilMap, land_meta, write_page
from bredband.maps.payload import Columns, Ints, pack, shapes_of, to_world
from bredband.plan import SYNTHETIC_LABEL, Plan
from bredband.wording import said

Content = Mapping[str, Any]

ORIGIN: Ints = to_world(np.array([[NORWAY_EAST_M[0], NORWAY_NORTH_M[1]]]))[0]
"""Map pixel that coordinates are counted from: the same for every county."""
NO_COUNTY = -1


@dataclass(frozen=True)
class DrawnCounty:
    """What the map needs of a county: plain values, packed columns, land, names and outline."""

    name: str
    meta: Content
    tables: Mapping[str, Columns]
    land: Mapping[str, Columns]
    places: Mapping[str, list[Any]]
    outline: NDArray[np.object_]

    def served_after_shares(self) -> list[float]:
        """Give the share of households with an offer after the plan, kommune by kommune."""
        told = self.meta["kommuner"]
        pairs = zip(told["served"], told["households"], strict=True)
        return [served[-1] / max(households, 1) for served, households in pairs]


def draw_county(plan: Plan, name: str, background: Background) -> DrawnCounty:
    """Turn a county's plan, with the build years of the sector plan, into its part of the map.

    No single address is shown, as on the public map of a county. Why an area is built when it is, is
    the county's to say: its reasons are those of its own budgets, not of the sector's.

    Parameters
    ----------
    plan
        The county's plan. ``alternatives`` and other tables that the page does not show may be empty.
    name
        What the sector plan calls the county.
    background
        Water, roads and place names; terrain and masts are left out at this scale.
    """
    tables = plan_tables(plan, ORIGIN, public=True)
    outline = shapely.union_all(plan.kommuner.geometry.to_numpy())
    return DrawnCounty(
        name=name,
        meta=plan_meta(plan, ORIGIN, public=True, reasoned=False),
        tables=tables,
        land=background_tables(background, ORIGIN),
        places=place_names(background, ORIGIN),
        outline=np.array([outline], dtype=object),
    )


def write_sector_map(content: Content, drawn: Sequence[DrawnCounty], path: Path) -> None:
    """Write the map of the sector plan as one HTML file that needs no network.

    Parameters
    ----------
    content
        The content of ``sektor.json``, which every sum on the page comes from.
    drawn
        The counties that have tables to draw, in any order.
    path
        The HTML file; it is replaced when the new one is whole.
    """
    meta = _meta(content, drawn)
    land = land_meta(ORIGIN) | {"names": _names(drawn)}
    payloads = [pack(land, _end_to_end([c.land for c in drawn])), pack(meta, _tables(drawn))]
    write_page(CouncilMap([meta], payloads, terrain=""), path)


def _meta(content: Content, drawn: Sequence[DrawnCounty]) -> dict[str, Any]:
    """Lay what is said of the counties end to end, under the sums of the sector plan."""
    publication, kpis = content["publication"], content["kpis"]["optimal"]
    by_year = content["by_year"]["optimal"]
    sources = {tuple(source.items()): source for c in drawn for source in c.meta["sources"]}
    first = drawn[0].meta
    notes = {c.meta["synthetic_note"] for c in drawn if c.meta["synthetic_note"]}
    return {
        **first,
        "title": publication["title"],
        "owner": publication["organisation"],
        "scenario": publication["title"],
        "description": "",
        "synthetic": said(SYNTHETIC_LABEL, first["language"]) if publication["synthetic"] else "",
        "synthetic_note": " ".join(sorted(notes)),
        "kpis": kpis
        | {
            "areas_built": kpis["areas"],
            "trench_km": kpis["trench_m"] / 1000,
            "budget_nok": sum(content["annual_grant_nok"]),
        },
        "by_year": {name: [row[name] for row in by_year] for name in first["by_year"]}
        | {"budget_nok": content["annual_grant_nok"]},
        "carry_over": True,
        "kommuner": _places(content, drawn),
        "areas": _areas(drawn),
        "fewest": max(c.meta["fewest"] for c in drawn),
        "proofs": content["proofs"],
        "sources": list(sources.values()),
        "price_year": content["footing"]["price_year"],
    }


def _places(content: Content, drawn: Sequence[DrawnCounty]) -> dict[str, list[Any]]:
    """Give the kommuner of every county, and after them a row for each county that is drawn.

    ``county`` is the row of a kommune's county; a county's own is -1. A county's figures are those
    of ``sektor.json``.
    """
    columns = _joined([c.meta["kommuner"] for c in drawn])
    count = len(columns["code"])
    columns["county"] = [
        count + c for c, county in enumerate(drawn) for _ in county.meta["kommuner"]["code"]
    ]
    rows = {county["county"]: county for county in content["counties"]}
    for county in drawn:
        told = rows[county.name]
        years = told["optimal"]["by_year"]
        x, y = label_points(county.outline, ORIGIN)[0]
        served = accumulate(
            (year["households"] for year in years), initial=told["served_before_households"]
        )
        row = {
            "x": int(x), "y": int(y), "code": county.name, "name": county.name,
            "households": told["households"], "served": list(served),
            "grant_nok": [year["grant_nok"] for year in years],
            "capex_nok": sum(year["capex_nok"] for year in years),
            "county": NO_COUNTY,
        }  # fmt: skip
        for name, value in row.items():
            columns[name].append(value)
    return columns


def _areas(drawn: Sequence[DrawnCounty]) -> dict[str, list[Any]]:
    """Give the areas of all counties numbered on from one another, named by county too."""
    parts = []
    for county, (area, kommune) in zip(drawn, _starts(drawn), strict=True):
        areas = dict(county.meta["areas"])
        areas["id"] = [f"{county.name}: {area_id}" for area_id in areas["id"]]
        areas["kommune"] = [k + kommune if k >= 0 else k for k in areas["kommune"]]
        areas["feeder"] = [i + area if i >= 0 else i for i in areas["feeder"]]
        parts.append(areas)
    return _joined(parts)


def _tables(drawn: Sequence[DrawnCounty]) -> dict[str, Columns]:
    """Lay the columns of the counties end to end, and the counties' outlines after the kommuner."""
    parts = []
    for county, (area, kommune) in zip(drawn, _starts(drawn), strict=True):
        moved = {"area_parts": area, "route_parts": area, "border_parts": kommune}
        parts.append(
            {
                name: {**columns, "owner": columns["owner"] + moved[name]}
                if name in moved
                else columns
                for name, columns in county.tables.items()
            }
        )
    after = sum(len(c.meta["kommuner"]["code"]) for c in drawn)
    outlines = np.concatenate([c.outline for c in drawn])
    border_parts, border_xy = shapes_of(
        outlines, np.arange(after, after + len(drawn)), ORIGIN
    ).columns()
    parts.append({"border_parts": border_parts, "border_xy": border_xy})
    return _end_to_end(parts)


def _starts(drawn: Sequence[DrawnCounty]) -> Iterator[tuple[int, int]]:
    """Give the number of each county's first area and first kommune."""
    area = kommune = 0
    for county in drawn:
        yield area, kommune
        area += len(county.meta["areas"]["id"])
        kommune += len(county.meta["kommuner"]["code"])


def _names(drawn: Sequence[DrawnCounty]) -> dict[str, list[Any]]:
    """Put the place names of all counties in order of their rank."""
    names = _joined([c.places for c in drawn])
    order = np.argsort(names["rank"], kind="stable")
    return {name: [values[i] for i in order] for name, values in names.items()}


def _joined(parts: Sequence[Mapping[str, list[Any]]]) -> dict[str, list[Any]]:
    return {name: [value for part in parts for value in part[name]] for name in parts[0]}


def _end_to_end(parts: Sequence[Mapping[str, Columns]]) -> dict[str, Columns]:
    """Lay tables with the same columns end to end; a part may lack a table."""
    return {
        table: {
            name: np.concatenate([part[table][name] for part in parts if table in part])
            for name in parts[0][table]
        }
        for table in parts[0]
    }
