"""A plan: what is built where, with which technology, in which year, and what that gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from bredband import tables
from bredband.scenario import Scenario
from bredband.units import format_int, format_mnok, format_percent

SYNTHETIC_LABEL = "Syntetiske data – ikke en virkelig plan"

ALTERNATIVE_OF = {"fibre": "fibre", "fwa": "radio", "hybrid": "hybrid"}
"""The alternative behind each technology of the ``schedule``."""

ProofKind = Literal["network", "masts", "rollout", "joint"]


@dataclass(frozen=True)
class Proof:
    """How good a solution is known to be.

    ``objective`` and ``bound`` are in the unit that ``what`` names; the gap is
    ``|bound - objective| / |objective|``: 0 when both are 0, and None when the objective alone is 0
    or the bound is of another goal than the plan's, for then it is a share of nothing. A time-out
    is never ``optimal``. ``kind`` tells what the proof is of: the trench tree, the masts, the
    rollout given both, or all together. How long it took is not part of a proof: the same plan is
    the same bytes.
    """

    what: str
    status: str
    objective: float
    bound: float
    gap_share: float | None
    solver: str
    kind: ProofKind


@dataclass(frozen=True)
class Plan:
    """Everything that a map, a document or an export needs, and nothing that computes it."""

    scenario: Scenario
    kommuner: gpd.GeoDataFrame
    premises: gpd.GeoDataFrame
    coverage: pd.DataFrame
    connections: pd.DataFrame
    routes: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    schedule: gpd.GeoDataFrame
    proofs: tuple[Proof, ...]
    drops: gpd.GeoDataFrame = field(default_factory=partial(tables.empty, "drops"))
    cabinets: gpd.GeoDataFrame = field(default_factory=partial(tables.empty, "cabinets"))
    bills: pd.DataFrame = field(default_factory=partial(tables.empty, "bills"))
    alternatives: pd.DataFrame = field(default_factory=partial(tables.empty, "alternatives"))
    radio_premises: pd.DataFrame = field(default_factory=partial(tables.empty, "radio_premises"))
    upgrades: gpd.GeoDataFrame = field(default_factory=partial(tables.empty, "upgrades"))
    signal: pd.DataFrame = field(default_factory=partial(tables.empty, "signal"))
    mast_candidates: gpd.GeoDataFrame = field(
        default_factory=partial(tables.empty, "mast_candidates")
    )
    conflicts: gpd.GeoDataFrame = field(default_factory=partial(tables.empty, "conflicts"))
    lacking_draws: pd.DataFrame = field(default_factory=partial(tables.empty, "lacking_draws"))

    def by_year(self) -> pd.DataFrame:
        """Give areas, premises, households, money and served share for each year.

        Returns a frame indexed by ``build_year`` with a row for every year of the
        scenario, also those in which nothing is built.
        """
        years = pd.Index(self.scenario.rollout.years, name="build_year")
        built = self._built_areas()
        sums = built.groupby("build_year")[
            [
                "premises",
                "households",
                "trench_m",
                "capex_nok",
                "operator_nok",
                "local_nok",
                "grant_nok",
            ]
        ].sum()
        count = built[built["kind"] == "area"].groupby("build_year").size()
        table: pd.DataFrame = sums.reindex(years, fill_value=0)
        table.insert(0, "areas", count.reindex(years, fill_value=0).astype("int64"))
        table["budget_nok"] = [float(amount) for amount in self.scenario.rollout.annual_grant_nok]
        total = int(self.premises["households"].sum())
        start = self.served_households_before()
        table["served_share"] = (start + table["households"].cumsum()) / max(total, 1)
        return table

    def by_kommune(self) -> pd.DataFrame:
        """Give households, served share before and after, and money for each kommune."""
        premises = self.premises.set_index("premises_id")
        households, kommune = premises["households"], premises["kommune"]
        served = self.coverage.set_index("premises_id")["served"].reindex(households.index)
        reached = self.connections.merge(self.schedule[["area_id"]], on="area_id")
        gained = households.reindex(reached["premises_id"])
        frame = pd.DataFrame(
            {
                "households": households.groupby(kommune).sum(),
                "served_before_households": households[served].groupby(kommune[served]).sum(),
                "gained_households": gained.groupby(kommune.reindex(gained.index)).sum(),
                "grant_nok": self._built_areas().groupby("kommune")["grant_nok"].sum(),
                "capex_nok": self._built_areas().groupby("kommune")["capex_nok"].sum(),
            }
        )
        frame = frame.fillna(0).astype("int64")
        all_households = frame["households"].clip(lower=1)
        frame["served_before_share"] = frame["served_before_households"] / all_households
        after = frame["served_before_households"] + frame["gained_households"]
        frame["served_after_share"] = after / all_households
        frame.insert(0, "name", self.kommuner.set_index("kommune")["name"].reindex(frame.index))
        return frame.rename_axis("kommune")

    def served_households_before(self) -> int:
        """Count the households that meet the target before anything is built."""
        served = self.coverage.set_index("premises_id")["served"]
        return int(self.premises.set_index("premises_id")["households"][served].sum())

    def kpis(self) -> dict[str, Any]:
        """Give the plan's key figures, all computed from the tables."""
        built = self._built_areas()
        total = int(self.premises["households"].sum())
        before = self.served_households_before()
        gained = int(built["households"].sum())
        last_year = self.scenario.rollout.years[-1]
        years_left = last_year + 1 - built["build_year"]
        return {
            "premises": len(self.premises),
            "households": total,
            "served_before_households": before,
            "served_before_share": before / max(total, 1),
            "gained_households": gained,
            "served_after_households": before + gained,
            "served_after_share": (before + gained) / max(total, 1),
            "weighted_household_years": float((built["weighted_households"] * years_left).sum()),
            "areas": int((self.areas["kind"] == "area").sum()),
            "areas_built": int((built["kind"] == "area").sum()),
            "trench_km": float(built["trench_m"].sum() / 1000),
            "capex_nok": int(built["capex_nok"].sum()),
            "operator_nok": int(built["operator_nok"].sum()),
            "local_nok": int(built["local_nok"].sum()),
            "grant_nok": int(built["grant_nok"].sum()),
            "budget_nok": float(sum(self.scenario.rollout.annual_grant_nok)),
        }

    def explore(self) -> Any:
        """Show the built areas by year on an interactive map in a notebook."""
        columns = [
            "area_id",
            "name",
            "build_year",
            "households",
            "capex_nok",
            "grant_nok",
            "geometry",
        ]
        built = gpd.GeoDataFrame(self._built_areas()[columns], crs=self.areas.crs)
        return built.explore(column="build_year", cmap="viridis", categorical=True, tiles=None)

    def _built_areas(self) -> gpd.GeoDataFrame:
        """Give what is built, with the grant that is paid; radio before fibre gives two rows.

        The grant is less than the area needs where others dig there in the same year
        (synergies); the saving lowers the build price as well. The row of an upgrade has the
        kind ``upgrade``, no premises, and the weight that fibre adds to radio.
        """
        paid = self.schedule[["area_id", "build_year", "grant_nok"]]
        built = self.areas.merge(paid, on="area_id", suffixes=("_needed", ""))
        saved_nok = built["grant_nok_needed"] - built["grant_nok"]
        built["capex_nok"] -= saved_nok
        lost = 1 - self.scenario.rollout.radio_weight_share
        built["weighted_households"] *= 1 - lost * self._radio_share(built["area_id"]).to_numpy()
        built = built.drop(columns="grant_nok_needed")
        if self.upgrades.empty:
            return built
        later = self.upgrades[["area_id", "build_year", "grant_nok"]]
        again = self.areas.drop(columns="grant_nok").merge(later, on="area_id")
        upgrade = self.alternatives[self.alternatives["alternative"] == "upgrade"]
        money = upgrade.set_index("area_id").loc[again["area_id"]].reset_index()
        saved_nok = money["grant_nok"] - again["grant_nok"]
        again = again.assign(
            kind="upgrade",
            premises=0,
            households=0,
            weighted_households=again["weighted_households"] * lost,
            technology="fibre",
            trench_m=money["trench_m"],
            capex_nok=money["capex_nok"] - saved_nok,
            operator_nok=money["operator_nok"],
            local_nok=money["local_nok"],
        )
        return gpd.GeoDataFrame(pd.concat([built, again], ignore_index=True), crs=self.areas.crs)

    def _radio_share(self, area_id: pd.Series[Any]) -> pd.Series[Any]:
        """Give the part of the premises of each built area that gets radio."""
        chosen = self.schedule.assign(alternative=self.schedule["technology"].map(ALTERNATIVE_OF))
        found = chosen[["area_id", "alternative"]].merge(
            self.alternatives, on=["area_id", "alternative"]
        )
        share = found["radio_premises"] / found["premises"].clip(lower=1)
        by_area = pd.Series(share.to_numpy(dtype=float), index=found["area_id"].to_numpy())
        return by_area.reindex(area_id).fillna(0.0)

    def _repr_html_(self) -> str:
        """Show the key figures in a notebook."""
        kpis = self.kpis()
        label = f"<p><em>{SYNTHETIC_LABEL}</em></p>" if self.scenario.synthetic else ""
        rows = [
            ("Husstander", format_int(kpis["households"])),
            ("Dekket før", format_percent(kpis["served_before_share"])),
            ("Dekket etter", format_percent(kpis["served_after_share"])),
            ("Husstander som får tilbud", format_int(kpis["gained_households"])),
            ("Tilskudd", format_mnok(kpis["grant_nok"])),
            ("Byggepris", format_mnok(kpis["capex_nok"])),
        ]
        cells = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows)
        return f"{label}<table>{cells}</table>"
