"""The content of ``sektor.json``: everything that the sector plan says, as plain values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from bredband.sector.distribution import CountyShare, Distribution, Sector
from bredband.sector.footing import MONEY, SectorCounty, in_county_prices
from bredband.sector.scenario import SectorScenario
from bredband.wording import said

SCHEMA_VERSION = "1.0"
COUNTS = ("areas", "premises", "households", "trench_m", *MONEY)


def sector_document(sector: Sector, scenario: SectorScenario, *, created_on: str) -> dict[str, Any]:
    """Gather everything that the sector plan says into one JSON-serialisable dictionary.

    ``own`` are the counties' own plans, ``key`` the distribution by the key, and ``optimal``
    the one that reaches most households. Amounts are kroner at the price level of ``footing``.
    """
    footing = sector.footing
    counties = [_county(sector, c) for c in range(len(sector.counties))]
    kinds = ("own", "key", "optimal")
    kpis = {kind: _kpis([county[kind]["kpis"] for county in counties]) for kind in kinds}
    by_year = {
        kind: _summed([county[kind]["by_year"] for county in counties], kpis[kind])
        for kind in kinds
    }
    synthetic = [c for c in sector.counties if c.package.content["publication"]["synthetic"]]
    return {
        "schema_version": SCHEMA_VERSION,
        "publication": {
            "title": scenario.name,
            "organisation": scenario.organisation,
            "language": scenario.language,
            "created_on": created_on,
            "synthetic": bool(synthetic),
            "synthetic_counties": [county.name for county in synthetic],
        },
        "scenario": scenario.model_dump(mode="json"),
        "footing": {
            "target": dict(footing.target),
            "price_year": footing.price_year,
            "years": list(footing.years),
            "conversions": list(footing.conversions),
            "left_out": {c.name: list(c.left_out) for c in sector.counties if c.left_out},
        },
        "annual_grant_nok": list(footing.annual_grant_nok),
        "kpis": kpis,
        "by_year": by_year,
        "counties": counties,
        "households_per_mnok": sector.optimal.households_per_mnok,
        "proofs": [
            asdict(proof) | {"what": said(proof.what, scenario.language)}
            for proof in sector.optimal.proofs
        ],
    }


def budgets_toml(content: dict[str, Any], name: str) -> str:
    """Write a county's budgets as lines for its own scenario file."""
    county = next(row for row in content["counties"] if row["county"] == name)
    title = " ".join(content["publication"]["title"].split())
    years = content["footing"]["years"]
    first, last = years[0], years[-1]
    amounts = ", ".join(f"{amount:_}" for amount in county["budget_nok"])
    return (
        f"# Rammer {first}–{last} fra «{title}», laget {content['publication']['created_on']}.\n"
        f'# I {county["price_year"]}-kroner. Lag et nytt scenario med extends = "…" øverst, '
        "eller bytt ut\n# de samme linjene i fylkets scenario, og kjør «bredband run».\n\n"
        f"[rollout]\nfirst_year = {first}\nannual_grant_nok = [{amounts}]\ncarry_over = true\n"
        'goal = "households_then_years"\n'
    )


def _county(sector: Sector, c: int) -> dict[str, Any]:
    county = sector.counties[c]
    years = sector.footing.years
    row = {str(name): float(value) for name, value in sector.key.iloc[c].to_dict().items()}
    grant = sector.optimal.shares[c].annual_grant_nok
    return {
        "county": county.name,
        "folder": county.package.folder,
        "sha256": county.package.sha256,
        "kommuner": list(county.kommuner),
        "price_ratio": county.price_ratio,
        "price_year": county.package.content["scenario"]["costs"]["price_year"],
        "households": county.households_now,
        "served_before_households": county.served_before_households,
        "rural_lacking_households": county.rural_lacking_households,
        "need_nok": county.need_nok,
        **row,
        "promised_nok": sector.optimal.shares[c].promised_nok,
        "budget_nok": [in_county_prices(amount, county) for amount in grant],
        "own": _own(county),
        "key": _share(county, sector.by_key, c, years),
        "optimal": _share(county, sector.optimal, c, years),
    }


def _own(county: SectorCounty) -> dict[str, Any]:
    frame = county.own_by_year
    budget = [
        county.own_annual_grant_nok[t] if t < len(county.own_annual_grant_nok) else 0.0
        for t in range(len(frame))
    ]
    return _described(county, frame, budget)


def _share(
    county: SectorCounty, distribution: Distribution, c: int, years: tuple[int, ...]
) -> dict[str, Any]:
    share: CountyShare = distribution.shares[c]
    works = county.works.loc[share.build_year.index]
    counted = works.assign(areas=(works["kind"] == "area").astype("int64"))
    frame = counted.groupby(share.build_year.to_numpy())[list(COUNTS)].sum()
    frame = frame.reindex(range(len(years)), fill_value=0)
    frame.index = pd.Index(years, name="build_year")
    described = _described(county, frame, list(share.annual_grant_nok))
    build_years = {
        str(area): int(years[t])
        for area, t in zip(share.build_year.index, share.build_year, strict=True)
    }
    return {**described, "annual_grant_nok": list(share.annual_grant_nok), "built": build_years}


def _described(
    county: SectorCounty, frame: pd.DataFrame, budget_nok: list[float] | list[int]
) -> dict[str, Any]:
    total = max(county.households_now, 1)
    reached = county.served_before_households + frame["households"].cumsum()
    rows = [
        {
            "build_year": int(year),
            **{name: _plain(name, frame.loc[year, name]) for name in COUNTS},
            "budget_nok": budget_nok[t],
            "served_share": float(reached.loc[year]) / total,
        }
        for t, year in enumerate(frame.index)
    ]
    kpis = {
        "households": county.households_now,
        "served_before_households": county.served_before_households,
        "gained_households": int(frame["households"].sum()),
        "household_years": int((frame["households"].cumsum()).sum()),
        **{name: _plain(name, frame[name].sum()) for name in ("areas", "trench_m", *MONEY)},
        "budget_nok": sum(budget_nok),
    }
    return {"kpis": _with_shares(kpis), "by_year": rows}


def _plain(name: str, value: Any) -> float | int:
    return float(value) if name == "trench_m" else int(np.rint(value))


def _kpis(parts: list[dict[str, Any]]) -> dict[str, Any]:
    summed = {
        name: sum(part[name] for part in parts) for name in parts[0] if not name.endswith("_share")
    }
    return _with_shares(summed)


def _with_shares(kpis: dict[str, Any]) -> dict[str, Any]:
    total = max(kpis["households"], 1)
    before = kpis["served_before_households"]
    return {
        **kpis,
        "served_before_share": before / total,
        "served_after_share": (before + kpis["gained_households"]) / total,
    }


def _summed(parts: list[list[dict[str, Any]]], kpis: dict[str, Any]) -> list[dict[str, Any]]:
    """Sum the years of the counties, with the share that is served at the end of each."""
    rows, reached = [], kpis["served_before_households"]
    for of_year in zip(*parts, strict=True):
        row = {name: sum(part[name] for part in of_year) for name in (*COUNTS, "budget_nok")}
        reached += row["households"]
        share = reached / max(kpis["households"], 1)
        rows.append({"build_year": of_year[0]["build_year"], **row, "served_share": share})
    return rows
