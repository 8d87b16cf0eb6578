"""The bill of quantities of every area, as lines of ``plan.json``."""

from __future__ import annotations

from bredband.exchange.schema import Quantity
from bredband.plan import Plan


def bills_of_quantities(plan: Plan) -> dict[str, list[Quantity]]:
    """Give the lines of the plan's table ``bills`` for each area, over all road owners.

    Returns
    -------
    For each ``area_id`` its lines, the most expensive first; the likely amounts sum to the
    area's ``capex_nok``.
    """
    sums = plan.bills.groupby(["area_id", "item", "ground", "method"], as_index=False)[
        ["length_m", "count", "low_nok", "likely_nok", "high_nok"]
    ].sum()
    ordered = sums.sort_values(
        ["area_id", "likely_nok", "item", "ground", "method"],
        ascending=[True, False, True, True, True],
    )
    bills: dict[str, list[Quantity]] = {str(area): [] for area in plan.areas["area_id"]}
    for line in ordered.to_dict("records"):
        count, length_m = int(line.pop("count")), float(line.pop("length_m"))
        amount, unit = (
            (float(count), "each") if count else (length_m, "m") if length_m else (1.0, "sum")
        )
        area = str(line.pop("area_id"))
        bills[area].append(Quantity.model_validate({**line, "amount": amount, "unit": unit}))
    return bills
