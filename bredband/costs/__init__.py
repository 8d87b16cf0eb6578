"""What a trench, a drop, an area and its alternatives cost, and who pays.

Prices come from the scenario; ``docs/network.md`` explains how they are put together.
"""

from bredband.costs.alternatives import compare_alternatives
from bredband.costs.bill import bill_of_quantities, bill_of_radio
from bredband.costs.calibration import calibrate
from bredband.costs.drops import price_drops
from bredband.costs.funding import fund_areas, fund_feeders, fund_masts
from bredband.costs.trench import price_roads
from bredband.costs.undug import leave_undug

__all__ = [
    "bill_of_quantities",
    "bill_of_radio",
    "calibrate",
    "compare_alternatives",
    "fund_areas",
    "fund_feeders",
    "fund_masts",
    "leave_undug",
    "price_drops",
    "price_roads",
]
