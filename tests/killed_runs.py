"""What a process that may be killed does: imported once, forked for every run."""

from __future__ import annotations

from pathlib import Path

from bredband import read_scenario
from bredband.pipeline import run
from bredband.store import Store


def run_once(scenario: Path, out: Path, fresh: bool) -> None:
    store = Store(out.with_name(f"lager-{scenario.stem}"), fresh=fresh)
    run(read_scenario(scenario), out, store=store)
