"""Write the findings for planners: ``datakvalitet.html`` and ``datakvalitet.csv``."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband.county import replacing
from bredband.inert import inert
from bredband.quality.fault_map import draw_map
from bredband.quality.findings import OLD_DAYS, Findings
from bredband.quality.lacking import ADVICE, CLAIMED, WHAT, claimants, describe_lacking
from bredband.scenario.sources import SOURCE_NAMES
from bredband.units import format_int, format_percent

HTML_FILE, CSV_FILE = "datakvalitet.html", "datakvalitet.csv"
_MOST_ROWS = 500
_POSITION_COLUMNS = ("nord", "øst", "ost", "epsg-kode", "epsg", "north", "east")
"""Headers of positions; a row set aside for one of them has no place on the map."""
_LARGE_SHARE = 0.05
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1a1a1a}
h1,h2{line-height:1.2}table{border-collapse:collapse;margin:1rem 0;width:100%;font-size:.9rem}
th,td{border-bottom:1px solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;margin-bottom:.3rem}svg{max-width:100%;height:auto}
td{overflow-wrap:anywhere}.legend{list-style:none;padding:0;columns:2}
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
    for cells in (
        *_set_aside_cells(findings),
        *_spatial_cells(findings),
        *_lacking_cells(findings),
    ):
        writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in cells])
    return buffer.getvalue()


def _set_aside_cells(findings: Findings) -> Iterator[tuple[Any, ...]]:
    names = ["source", "file", "row", "column", "value", "reason", "advice"]
    for cells in findings.set_aside[names].itertuples(index=False, name=None):
        yield (*cells, "", "")


def _spatial_cells(findings: Findings) -> Iterator[tuple[Any, ...]]:
    for row in findings.spatial.to_dict("records"):
        x, y = round(row["geometry"].x, 1), round(row["geometry"].y, 1)
        yield (
            "Adresser", row["file"], row["row"] or "", "adresse-id", row["premises_id"],
            row["fault"], row["advice"], x, y,
        )  # fmt: skip


def _lacking_cells(findings: Findings) -> Iterator[tuple[Any, ...]]:
    for row in findings.lacking.to_dict("records"):
        speed, offered = format_int(row["lacking_mbps"]), format_int(row["down_mbps"])
        what = f"{WHAT[row['disagreement']]} ({speed} Mbit/s)"
        if row["disagreement"] == CLAIMED:
            what += f": {row['operator']} melder {offered} Mbit/s"
        yield (
            SOURCE_NAMES["lacking"], row["file"], row["row"] or "", "adresse-id", row["premises_id"], what,
            ADVICE[row["disagreement"]], "", "",
        )  # fmt: skip


def _page(findings: Findings, kommuner: gpd.GeoDataFrame, title: str) -> str:
    counts = findings.counts
    lost, read = int(counts["set_aside"].sum()), int(counts["rows_in"].sum())
    lead = (
        f"{format_int(read)} rader er lest, {format_int(read - lost)} er beholdt og "
        f"{format_int(lost)} er lagt til side. {format_int(len(findings.spatial))} punkter bør kontrolleres."
    )
    parts = [
        f"<h1>{html.escape(title)}</h1><p>{lead} Alle radene står i <code>{CSV_FILE}</code>.</p>",
        "<h2>Punkter som bør kontrolleres</h2>",
        draw_map(findings.spatial, kommuner),
        _table(
            ["Feil", "Punkter", "Råd"],
            [
                (fault, len(group), group["advice"].iloc[0])
                for fault, group in findings.spatial.groupby("fault", sort=False)
            ]
            + [
                (f"{reason} (ikke på kartet)", len(group), group["advice"].iloc[0])
                for reason, group in _without_place(findings.set_aside).groupby(
                    "reason", sort=False
                )
            ],
        ),
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
        "<h2>Dekning mot Nkoms kommunetabell</h2>",
        _coverage_table(findings.coverage, kommuner),
        "<h2>Tilbydernes dekning mot Nkoms mangellister</h2>",
        _lacking_tables(findings.lacking),
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


def _without_place(set_aside: pd.DataFrame) -> pd.DataFrame:
    """Give the rows set aside for their position: they cannot be drawn."""
    return set_aside[set_aside["column"].str.casefold().isin(_POSITION_COLUMNS)]


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


def _coverage_table(coverage: pd.DataFrame, kommuner: gpd.GeoDataFrame) -> str:
    """Set the shares side by side, kommune by kommune; what nobody has is left out."""
    if not len(coverage):
        return "<p>Ingen kommunetabell, så det er ikke noe å holde dekningen mot.</p>"
    names = dict(zip(kommuner["kommune"], kommuner["name"], strict=True))
    some = coverage[(coverage["our_share"] > 0) | (coverage["nkom_share"] > 0)]
    rows = [
        (
            f"{r['kommune']} {names.get(r['kommune'], '')}", _MEASURES.get(str(r["measure"]), r["measure"]),
            format_percent(r["our_share"]), format_percent(r["nkom_share"]), _difference(r["difference_share"]),
        )
        for r in some.sort_values("kommune", kind="stable").to_dict("records")
    ]  # fmt: skip
    large = int((some["difference_share"].abs() > _LARGE_SHARE).sum())
    lead = (
        f"{format_int(large)} tall skiller seg mer enn fem prosentpoeng fra Nkoms: se etter "
        "tilbydere som mangler i dekningsfila, eller et annet årstall."
        if large
        else "Ingen tall skiller seg mer enn fem prosentpoeng fra Nkoms."
    )
    table = _table(["Kommune", "Mål", "Grunnlaget", "Nkom", "Forskjell"], rows)
    return f"<p>{lead}</p>{table}"


def _lacking_tables(lacking: pd.DataFrame) -> str:
    """Count what disagrees, and whom to ask about it."""
    if not len(lacking):
        return "<p>Ingen mangelliste, eller ingen adresser der den og tilbyderne er uenige.</p>"
    counted = _table(["Adresser som", "Antall", "Husstander", "Råd"], describe_lacking(lacking))
    who = claimants(lacking)
    asked = _table(
        ["Tilbyder som melder det mangellista sier mangler", "Adresser", "Husstander"], who
    )
    return counted + (asked if who else "") + f"<p>Hver adresse står i <code>{CSV_FILE}</code>.</p>"


def _difference(share: float) -> str:
    points = f"{100 * share:+.1f}".replace(".", ",") + " p.p."
    return points + (" – stor" if abs(share) > _LARGE_SHARE else "")


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
