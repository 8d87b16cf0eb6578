"""What a process that may be killed does: imported once, forked for every run."""

from __future__ import annotations

from pathlib import Path

from bredband import exchange, maps, read_scenario, report, store
from bredband.pipeline import run
from bredband.store import Store

store._program()  # the same in every fork, and asked for by each
LOADED = (exchange, maps, report)


def run_once(scenario: Path, out: Path, fresh: bool) -> None:
    kept = Store(out.with_name(f"lager-{scenario.stem}"), fresh=fresh)
    run(read_scenario(scenario), out, store=kept)
