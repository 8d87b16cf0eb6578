"""The plan as documents that a council reads and a county files."""

from bredband.report.docx import write_docx

__all__ = ["write_docx"]
