"""From a county's files to a plan: the one place where stages meet."""

from bredband.pipeline.ingest import ingest
from bredband.pipeline.plan import make_plan
from bredband.pipeline.run import (
    DOCUMENT_FILE,
    MAP_FILE,
    assess_coverage,
    plan_county,
    read_plan,
    run,
    write_map,
    write_report,
)

__all__ = [
    "DOCUMENT_FILE",
    "MAP_FILE",
    "assess_coverage",
    "ingest",
    "make_plan",
    "plan_county",
    "read_plan",
    "run",
    "write_map",
    "write_report",
]
