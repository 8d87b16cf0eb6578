"""From a county's files to a plan: the one place where stages meet."""

from bredband.pipeline.ingest import ingest, read_county
from bredband.pipeline.outputs import (
    DOCUMENT_FILE,
    MAP_FILE,
    send_dispatch,
    write_comparison,
    write_council_cases,
    write_dispatch,
    write_map,
    write_package,
    write_report,
)
from bredband.pipeline.plan import make_plan
from bredband.pipeline.questions import explain, frontier, with_more
from bredband.pipeline.run import assess_coverage, compare_plans, plan_county, read_plan, run

__all__ = [
    "DOCUMENT_FILE",
    "MAP_FILE",
    "assess_coverage",
    "compare_plans",
    "explain",
    "frontier",
    "ingest",
    "make_plan",
    "plan_county",
    "read_county",
    "read_plan",
    "run",
    "send_dispatch",
    "with_more",
    "write_comparison",
    "write_council_cases",
    "write_dispatch",
    "write_map",
    "write_package",
    "write_report",
]
