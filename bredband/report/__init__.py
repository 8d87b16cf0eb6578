"""The plan as documents that a council reads and a county files."""

from bredband.report.comparison import key_figures, write_comparison
from bredband.report.documents import write_council_cases, write_county_plan

__all__ = ["key_figures", "write_comparison", "write_council_cases", "write_county_plan"]
