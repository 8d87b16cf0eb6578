"""The sector plan as a document: a story and sentences of its own, the county plan's tools."""

from bredband.report.sector.story import sector_plan, write_sector_docx

__all__ = ["sector_plan", "write_sector_docx"]
