"""Write the findings for planners: ``datakvalitet.html`` and ``datakvalitet.csv``."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bredband.county import replacing
from bredband.inert import inert
from bredband.quality.findings import OLD_DAYS, Findings
from bredband.units import format_int, format_percent

HTML_FILE, CSV_FILE = "datakvalitet.html", "datakvalitet.csv"
_MOST_ROWS = 500
_MAP_WIDTH = 640
_COLOURS = ("#b3261e", "#1d5fa8", "#8a5a00", "#6b2fa0", "#00695c")
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1a1a1a}
h1,h2{line-height:1.2}table{border-collapse:collapse;margin:1rem 0;width:100%;font-size:.9rem}
th,td{border-bottom:1px solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;margin-bottom:.3rem}svg{max-width:100%;height:auto}
td{overflow-wrap:anywhere}
"""
_MEASURES = {
    "fibre_share": "Fiber", "cable_share": "Kabel-TV-nett", "fwa_share": "FTB", "dsl_share": "DSL",
    "all_30_share": "≥ 30 Mbit/s", "all_100_share": "≥ 100 Mbit/s", "all_1000_share": "≥ 1000 Mbit/s",
}  # fmt: skip


def write_report(
    findings: Findings, kommuner: gpd.GeoDataFrame, folder: Path, *, title: str
) -> None:
    """Write the page and the table into a folder, each whole or not at all.

    Text from the sources is escaped in the page; a cell that a spreadsheet would take for a
    formula gets an apostrophe before it.
    """
    _write(folder / HTML_FILE, _page(findings, kommuner, title))
    _write(folder / CSV_FILE, "\ufeff" + _table_text(findings))


def _write(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def _table_text(findings: Findings) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(
        ["kilde", "fil", "linje", "kolonne", "verdi", "hva som er galt", "råd", "øst", "nord"]
    )
    for row in findings.set_aside.to_dict("records"):
        cells = (
            row["source"],
            row["file"],
            row["row"],
            row["column"],
            row["value"],
            row["reason"],
            row["advice"],
            "",
            "",
        )
        writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in cells])
    for row in findings.spatial.to_dict("records"):
        x, y = round(row["geometry"].x, 1), round(row["geometry"].y, 1)
        cells = (
            "adresser",
            "",
            "",
            "premises_id",
            row["premises_id"],
            row["fault"],
            row["advice"],
            x,
            y,
        )
        writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in cells])
    return buffer.getvalue()


def _page(findings: Findings, kommuner: gpd.GeoDataFrame, title: str) -> str:
    counts = findings.counts
    lost, read = int(counts["set_aside"].sum()), int(counts["rows_in"].sum())
    lead = (
        f"{format_int(read)} rader er lest, {format_int(read - lost)} er beholdt og "
        f"{format_int(lost)} er lagt til side. {format_int(len(findings.spatial))} punkter bør kontrolleres."
    )
    parts = [
        f"<h1>{html.escape(title)}</h1><p>{lead} Alle radene står i <code>{CSV_FILE}</code>.</p>",
        "<h2>Rader per kilde</h2>",
        _table(
            ["Kilde", "Lest", "Beholdt", "Rettet", "Lagt til side"],
            [
                (r["source"], r["rows_in"], r["kept"], r["repaired"], r["set_aside"])
                for r in counts.to_dict("records")
            ],
        ),
        "<h2>Hva som er rettet og lagt til side</h2>",
        _table(
            ["Kilde", "Hva", "Årsak", "Rader"],
            [
                (r["source"], r["done"], r["reason"], r["rows"])
                for r in findings.reasons.to_dict("records")
            ],
        ),
        "<h2>Punkter som bør kontrolleres</h2>",
        _map(findings.spatial, kommuner),
        _table(
            ["Feil", "Punkter", "Råd"],
            [
                (fault, len(group), group["advice"].iloc[0])
                for fault, group in findings.spatial.groupby("fault", sort=False)
            ],
        ),
        "<h2>Dekning mot Nkoms kommunetabell</h2>",
        _coverage_table(findings.coverage),
        "<h2>Hvor gamle kildene var da de ble lest</h2>",
        _table(
            ["Kilde", "Dato", "Alder"],
            [
                (r["source"], r["date"], _age(int(r["days"])))
                for r in findings.ages.to_dict("records")
            ],
        ),
        "<h2>Rader lagt til side</h2>",
        _set_aside_table(findings.set_aside),
    ]
    return (
        '<!doctype html><html lang="nb"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        + "".join(parts)
        + "</main></body></html>"
    )


def _set_aside_table(set_aside: pd.DataFrame) -> str:
    shown = set_aside.head(_MOST_ROWS)
    rest = len(set_aside) - len(shown)
    more = f"<p>Og {format_int(rest)} til; se <code>{CSV_FILE}</code>.</p>" if rest else ""
    head = ["Fil", "Linje", "Kolonne", "Verdi", "Hva som er galt", "Råd"]
    rows = [
        (r["file"], r["row"], r["column"], r["value"], r["reason"], r["advice"])
        for r in shown.to_dict("records")
    ]
    return _table(head, rows) + more


def _coverage_table(coverage: pd.DataFrame) -> str:
    rows = [
        (
            r["kommune"], _MEASURES.get(str(r["measure"]), r["measure"]), format_percent(r["our_share"]),
            format_percent(r["nkom_share"]), f"{100 * r['difference_share']:+.1f}".replace(".", ",") + " p.p.",
        )
        for r in coverage.to_dict("records")
    ]  # fmt: skip
    return _table(["Kommune", "Mål", "Grunnlaget", "Nkom", "Forskjell"], rows)


def _age(days: int) -> str:
    if days < 0:
        return "ukjent"
    return f"{format_int(days)} dager" + (
        " (over ett år: se etter en nyere)" if days > OLD_DAYS else ""
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return "<p>Ingen.</p>"
    number = [isinstance(cell, int | np.integer) for cell in rows[0]]
    kind = [' class="n"' if is_number else "" for is_number in number]
    top = "".join(f"<th{k}>{html.escape(h)}</th>" for k, h in zip(kind, head, strict=True))
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{k}>{format_int(cell) if n else html.escape(str(cell))}</td>"
            for k, n, cell in zip(kind, number, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _map(spatial: gpd.GeoDataFrame, kommuner: gpd.GeoDataFrame) -> str:
    """Draw the borders and the points at fault as one picture without scripts."""
    if not len(spatial) or not len(kommuner):
        return ""
    west, south, east, north = kommuner.total_bounds
    scale = _MAP_WIDTH / max(east - west, 1.0)
    height = (north - south) * scale
    lines = shapely.simplify(shapely.boundary(np.asarray(kommuner.geometry.array)), 2 / scale)
    paths = []
    for line in shapely.get_parts(lines):
        xy = (shapely.get_coordinates(line) - [west, north]) * [scale, -scale]
        paths.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in xy))
    faults = list(dict.fromkeys(spatial["fault"]))
    dots, legend = [], []
    for i, fault in enumerate(faults):
        colour = _COLOURS[i % len(_COLOURS)]
        xy = shapely.get_coordinates(spatial.geometry.array[(spatial["fault"] == fault).to_numpy()])
        xy = np.clip((xy - [west, north]) * [scale, -scale], [0, 0], [_MAP_WIDTH, height])
        dots += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in xy]
        legend.append(f'<span style="color:{colour}">●</span> {html.escape(fault)}')
    picture = (
        f'<svg viewBox="-5 -5 {_MAP_WIDTH + 10} {height + 10:.0f}" role="img" '
        'aria-label="Kart over punkter som bør kontrolleres">'
        f'<path d="{"".join(paths)}" fill="none" stroke="#555" stroke-width="0.8"/>{"".join(dots)}</svg>'
    )
    return f"{picture}<p>{' &nbsp; '.join(legend)}</p>"
