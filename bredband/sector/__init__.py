"""County plans into one plan for the whole municipal sector."""

from bredband.sector.check import SECTOR_FILE, check_sector
from bredband.sector.distribution import Distribution, Sector, distribute
from bredband.sector.document import budgets_toml, sector_document
from bredband.sector.footing import MONEY, Footing, Package, SectorCounty, on_one_footing
from bredband.sector.frontier import Frontier, frontier
from bredband.sector.scenario import SectorScenario, read_sector_scenario

__all__ = [
    "MONEY",
    "SECTOR_FILE",
    "Distribution",
    "Footing",
    "Frontier",
    "Package",
    "Sector",
    "SectorCounty",
    "SectorScenario",
    "budgets_toml",
    "check_sector",
    "distribute",
    "frontier",
    "on_one_footing",
    "read_sector_scenario",
    "sector_document",
]
