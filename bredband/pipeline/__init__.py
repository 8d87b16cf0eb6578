"""From a county's files to a plan: the one place where stages meet."""

from bredband.pipeline.ingest import check_sources, ingest, read_county
from bredband.pipeline.outputs import (
    DOCUMENT_FILE,
    MAP_FILE,
    PUBLIC_MAP_FILE,
    send_dispatch,
    write_comparison,
    write_council_cases,
    write_dispatch,
    write_map,
    write_package,
    write_report,
)
from bredband.pipeline.plan import make_plan
from bredband.pipeline.questions import explain, frontier, robustness, with_more
from bredband.pipeline.rehearsal import rehearsing
from bredband.pipeline.run import (
    STORE_FOLDER,
    assess_coverage,
    compare_plans,
    look,
    plan_county,
    read_plan,
    run,
    steps_done,
    what_was_done,
)
from bredband.pipeline.sector import BUDGET_FOLDER, SECTOR_DOCUMENT_FILE, plan_sector
from bredband.pipeline.served import read_hearing, write_conflicts, write_hearing

__all__ = [
    "BUDGET_FOLDER",
    "DOCUMENT_FILE",
    "MAP_FILE",
    "PUBLIC_MAP_FILE",
    "SECTOR_DOCUMENT_FILE",
    "STORE_FOLDER",
    "assess_coverage",
    "check_sources",
    "compare_plans",
    "explain",
    "frontier",
    "ingest",
    "look",
    "make_plan",
    "plan_county",
    "plan_sector",
    "read_county",
    "read_hearing",
    "read_plan",
    "rehearsing",
    "robustness",
    "run",
    "send_dispatch",
    "steps_done",
    "what_was_done",
    "with_more",
    "write_comparison",
    "write_conflicts",
    "write_council_cases",
    "write_dispatch",
    "write_hearing",
    "write_map",
    "write_package",
    "write_report",
]
