"""The command that sets the counties' plans together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bredband.cli.arguments import AsJson, OutFolder
from bredband.cli.terminal import print_json, print_table, steps


def sector(
    folders: Annotated[
        list[Path],
        typer.Argument(
            help="Planmapper eller planpakker fra to eller flere fylker.", metavar="MAPPE"
        ),
    ],
    out: OutFolder,
    scenario: Annotated[
        Path | None, typer.Option("--scenario", help="Valgene for sektorplanen (TOML).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sett fylkenes planer sammen, og fordel en nasjonal ramme: etter nøkkel og best mulig."""
    from bredband import pipeline
    from bredband.plan import SYNTHETIC_LABEL
    from bredband.units import format_bound, format_int, format_mnok

    with steps() as report:
        content = pipeline.plan_sector(folders, out, scenario, report)
    kpis = content["kpis"]
    if as_json:
        print_json(kpis)
        return
    if content["publication"]["synthetic"]:
        typer.echo(SYNTHETIC_LABEL)
    names = {"key": "Nøkkel", "optimal": "Beste"}
    rows = [
        [county["county"], *(
            text for kind in names for text in (
                format_mnok(county[kind]["kpis"]["budget_nok"]),
                format_int(county[kind]["kpis"]["gained_households"]),
            )
        )]
        for county in [*content["counties"], {"county": "Sum"} | {k: {"kpis": kpis[k]} for k in names}]
    ]  # fmt: skip
    header = [part for name in names.values() for part in (f"{name}, ramme", "husstander")]
    print_table(["Fylke", *header], rows)
    proof = content["proofs"][0]
    gap = f"høyst {format_bound(proof['gap_share'])} fra best mulig (bevist)"
    typer.echo(f"Avvik:    {gap if proof['gap_share'] else 'ingen, bevist best mulig'}")
    typer.echo(f"Dokument: {out / pipeline.SECTOR_DOCUMENT_FILE}")
    typer.echo(f"Rammer:   {out / pipeline.BUDGET_FOLDER}")
