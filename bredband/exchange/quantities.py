"""Bills of quantities: metres by ground, drops and connections, with their price ranges."""

from __future__ import annotations

import pandas as pd

from bredband.exchange.schema import Quantity
from bredband.plan import Plan
from bredband.scenario.section import NokRange


def bills_of_quantities(plan: Plan) -> dict[str, list[Quantity]]:
    """Work out what every area consists of and what it may cost at low and high prices.

    The low and high figures move every unit price to the end of its range at once, so the
    truth lies inside them far more often than eight times in ten.

    Returns
    -------
    For each ``area_id`` its lines; the likely amounts sum to the area's ``capex_nok``.
    """
    costs = plan.scenario.costs
    trench = plan.routes.groupby(["area_id", "ground"])[["length_m", "trench_nok"]].sum()
    reached = plan.connections[plan.connections["area_id"] != ""]
    drops = reached.groupby("area_id").agg(
        count=("premises_id", "size"), drop_m=("drop_m", "sum"), drop_nok=("drop_nok", "sum")
    )
    bills: dict[str, list[Quantity]] = {str(area): [] for area in plan.areas["area_id"]}
    for (area, ground), line in trench.iterrows():
        if area in bills:
            price = costs.trench_nok_per_m[ground]
            bills[area].append(
                _line(str(ground), line["length_m"], "m", int(line["trench_nok"]), price)
            )
    for area, line in drops.iterrows():
        if area in bills:
            bills[str(area)] += _drop_lines(plan, line)
    for area, capex_nok in zip(plan.areas["area_id"], plan.areas["capex_nok"], strict=True):
        left_nok = int(capex_nok) - sum(line.likely_nok for line in bills[area])
        if left_nok > 0:
            bills[area].append(_line("other", 1, "sum", left_nok, costs.cabinet_nok))
    return bills


def _drop_lines(plan: Plan, line: pd.Series) -> list[Quantity]:
    """Split the price of the drops into metres and connections."""
    connection = plan.scenario.costs.connection_nok
    connections_nok = min(round(line["count"] * connection.likely_nok), int(line["drop_nok"]))
    metres_nok = int(line["drop_nok"]) - connections_nok
    return [
        _line("drop", line["drop_m"], "m", metres_nok, plan.scenario.costs.drop_nok_per_m),
        _line("connection", line["count"], "each", connections_nok, connection),
    ]


def _line(item: str, amount: float, unit: str, likely_nok: int, price: NokRange) -> Quantity:
    likely = price.likely_nok or 1.0
    return Quantity.model_validate(
        {
            "item": item,
            "amount": float(amount),
            "unit": unit,
            "likely_nok": likely_nok,
            "low_nok": round(likely_nok * price.low_nok / likely),
            "high_nok": round(likely_nok * price.high_nok / likely),
        }
    )
