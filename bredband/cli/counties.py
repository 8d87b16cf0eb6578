"""The command that plans several counties at once."""

from __future__ import annotations

from typing import Annotated

import typer


def counties(
    scenarios: Annotated[
        list[str],
        typer.Argument(help="Scenariofiler: stier, eller adresser som s3://…", metavar="SCENARIO"),
    ],
    out: Annotated[str, typer.Option("--out", help="Mappe eller adresse; ei mappe per fylke.")],
    scheduler: Annotated[
        str,
        typer.Option("--scheduler", help="Dask-planlegger (tcp://…) i stedet for egne prosesser."),
    ] = "",
    workers: Annotated[int, typer.Option("--workers", help="Antall egne prosesser.", min=1)] = 2,
    memory_gb: Annotated[
        float, typer.Option("--memory-gb", help="Minne per prosess.", min=0.5)
    ] = 8,
) -> None:
    """Lag planene for flere fylker på en gang, fordelt på prosesser her eller på en klynge."""
    from bredband.pipeline.cluster import plan_counties

    folders = plan_counties(
        scenarios, out, scheduler=scheduler, workers=workers, memory_gb=memory_gb,
        report=lambda step: typer.echo(step, err=True),
    )  # fmt: skip
    for name, folder in folders.items():
        typer.echo(f"{name}: {folder}")
    if len(folders) > 1:
        typer.echo("Sett dem sammen med «bredband sector».")
