"""What the commands print: steps, tables, key figures and JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer


@contextmanager
def steps() -> Iterator[Any]:
    """Show the step at hand with its time on a terminal; say nothing elsewhere."""
    if not sys.stderr.isatty():
        from bredband.pipeline.progress import silent

        yield silent
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        current: list[Any] = []

        def begin(step: str) -> None:
            if current:
                progress.stop_task(current[-1])
            current.append(progress.add_task(step, total=None))

        yield begin


def print_json(content: Any) -> None:
    """Print what a program can read, with Norwegian letters as they are."""
    typer.echo(json.dumps(content, ensure_ascii=False, indent=1))


def counted(count: int, noun: str) -> str:
    """Write how many of ``adresse``, ``rad`` …: ``1 adresse``, ``1 204 adresser``."""
    from bredband.units import format_int

    many = f"{noun}r" if noun.endswith("e") else f"{noun}er"
    return f"{format_int(count)} {noun if count == 1 else many}"


def print_table(header: list[str], rows: list[list[Any]]) -> None:
    """Print columns wide enough for their content."""
    cells = [header, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        typer.echo(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def print_key_figures(kpis: dict[str, Any], *, synthetic: bool) -> None:
    """Print what a plan gives: coverage before and after, what is built, and the money."""
    from bredband.plan import SYNTHETIC_LABEL
    from bredband.units import format_int, format_mnok, format_percent

    if synthetic:
        typer.echo(SYNTHETIC_LABEL)
    before, after = kpis["served_before_share"], kpis["served_after_share"]
    typer.echo(f"Dekket:   {format_percent(before)} i dag, {format_percent(after)} etter planen")
    typer.echo(
        f"Bygges:   {kpis['areas_built']} av {kpis['areas']} områder, "
        f"{format_int(kpis['gained_households'])} husstander, {format_int(kpis['trench_km'])} km grøft"
    )
    typer.echo(
        f"Penger:   {format_mnok(kpis['grant_nok'])} i tilskudd av {format_mnok(kpis['budget_nok'])}, "
        f"byggepris {format_mnok(kpis['capex_nok'])}"
    )
