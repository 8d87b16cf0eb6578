"""The validation report: what is wrong with the data, row by row, and what to do about it."""

from bredband.quality.findings import (
    Findings,
    all_set_aside,
    compare_coverage,
    count_reasons,
    count_rows,
    find_spatial_faults,
    list_ages,
)
from bredband.quality.lacking import compare_lacking
from bredband.quality.report import CSV_FILE, HTML_FILE, name_report, write_report

__all__ = [
    "CSV_FILE",
    "HTML_FILE",
    "Findings",
    "all_set_aside",
    "compare_coverage",
    "compare_lacking",
    "count_reasons",
    "count_rows",
    "find_spatial_faults",
    "list_ages",
    "name_report",
    "write_report",
]
