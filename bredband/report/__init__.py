"""The plan as documents that a council reads and a county files."""

from bredband.report.comparison import write_comparison
from bredband.report.documents import write_council_cases, write_county_plan

__all__ = ["write_comparison", "write_council_cases", "write_county_plan"]
