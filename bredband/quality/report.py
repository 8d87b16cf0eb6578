"""Write the findings for planners: ``datakvalitet.html`` and ``datakvalitet.csv``."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband.county import replacing
from bredband.inert import inert
from bredband.quality.fault_map import draw_map
from bredband.quality.findings import COUNT_COLUMNS, OLD_DAYS, Findings
from bredband.quality.lacking import CLAIMED, claimants, describe_lacking, say_disagreement
from bredband.reading import map_distinct
from bredband.units import format_int, format_percent
from bredband.wording import said, sentences

HTML_FILE, CSV_FILE = "datakvalitet.html", "datakvalitet.csv"
_CSV = f"<code>{CSV_FILE}</code>"
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

Words = Mapping[str, Any]


def name_report(county: str, *, synthetic: bool, language: str) -> str:
    """Give the heading of a county's report, in bokmål (``nb``) or nynorsk (``nn``)."""
    w = sentences("quality", language)
    return str(w["title"].format(county=county) + (w["synthetic"] if synthetic else ""))


def write_report(
    findings: Findings,
    kommuner: gpd.GeoDataFrame,
    folder: Path,
    *,
    title: str,
    language: str = "nb",
) -> None:
    """Write the page and the table into a folder, each whole or not at all.

    ``language`` is ``nb`` or ``nn``.

    Text from the sources is escaped in the page; a cell that a spreadsheet would take for a
    formula gets an apostrophe before it.
    """
    w = sentences("quality", language)
    findings = _told(findings, language)
    page = _page(findings, kommuner, title, w)
    _write(folder / HTML_FILE, f'<!doctype html><html lang="{language}">{page}</html>')
    _write(folder / CSV_FILE, "\ufeff" + _table_text(findings, w))


def _told(findings: Findings, language: str) -> Findings:
    """Give the findings with what the sources say of their rows in the language of the report."""

    def told(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
        return table.assign(
            **{
                name: map_distinct(
                    table[name], lambda texts: texts.map(lambda t: said(t, language))
                )
                for name in columns
            }
        )

    return replace(
        findings,
        counts=told(findings.counts, "source"),
        reasons=told(findings.reasons, "source", "reason"),
        set_aside=told(findings.set_aside, "source", "reason", "advice"),
        ages=told(findings.ages, "source"),
    )


def _write(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def _table_text(findings: Findings, w: Words) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(w["csv"].values())
    for cells in (
        *_set_aside_cells(findings),
        *_spatial_cells(findings, w),
        *_lacking_cells(findings, w),
    ):
        writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in cells])
    return buffer.getvalue()


def _set_aside_cells(findings: Findings) -> Iterator[tuple[Any, ...]]:
    names = ["source", "file", "row", "column", "value", "reason", "advice"]
    for cells in findings.set_aside[names].itertuples(index=False, name=None):
        yield (*cells, "", "")


def _spatial_cells(findings: Findings, w: Words) -> Iterator[tuple[Any, ...]]:
    for row in findings.spatial.to_dict("records"):
        x, y = round(row["geometry"].x, 1), round(row["geometry"].y, 1)
        yield (
            w["addresses"], row["file"], row["row"] or "", "adresse-id", row["premises_id"],
            row["fault"], row["advice"], x, y,
        )  # fmt: skip


def _lacking_cells(findings: Findings, w: Words) -> Iterator[tuple[Any, ...]]:
    for row in findings.lacking.to_dict("records"):
        what = say_disagreement(row["disagreement"], row["lacking_mbps"], w)
        if row["disagreement"] == CLAIMED:
            offered = format_int(row["down_mbps"])
            what += ": " + w["who_claims"].format(operator=row["operator"], speed=offered)
        yield (
            w["lacking_list"], row["file"], row["row"] or "", "adresse-id", row["premises_id"], what,
            w["disagreement_advice"][row["disagreement"]], "", "",
        )  # fmt: skip


def _page(findings: Findings, kommuner: gpd.GeoDataFrame, title: str, w: Words) -> str:
    """Give what stands inside ``html``: a lead, and a heading with a table for each finding."""
    counts = findings.counts
    lost, read = int(counts["set_aside"].sum()), int(counts["rows_in"].sum())
    lead = w["lead"].format(
        read=format_int(read), kept=format_int(read - lost), set_aside=format_int(lost),
        points=format_int(len(findings.spatial)),
    )  # fmt: skip
    parts = {
        w["points"]: draw_map(findings.spatial, kommuner, w) + _fault_table(findings, w),
        w["rows_per_source"]: _table(
            _heads(w, "source", "read", "kept", "repaired", "set_aside"),
            list(findings.counts[list(COUNT_COLUMNS)].itertuples(index=False, name=None)),
            w,
        ),
        w["repaired_and_set_aside"]: _table(
            _heads(w, "source", "what", "reason", "rows"),
            [
                (r["source"], w[r["done"]], r["reason"], r["rows"])
                for r in findings.reasons.to_dict("records")
            ],
            w,
        ),
        w["coverage"]: _coverage_table(findings.coverage, kommuner, w),
        w["lacking"]: _lacking_tables(findings.lacking, w),
        w["ages"]: _table(
            _heads(w, "source", "date", "age"),
            [
                (r["source"], r["date"], _age(int(r["days"]), w))
                for r in findings.ages.to_dict("records")
            ],
            w,
        ),
        w["rows_set_aside"]: _set_aside_table(findings.set_aside, w),
    }
    everywhere = w["all_rows"].format(file=_CSV)
    return (
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{html.escape(title)}</h1><p>{lead} {everywhere}</p>"
        + "".join(f"<h2>{heading}</h2>{body}" for heading, body in parts.items())
        + "</main></body>"
    )


def _heads(w: Words, *names: str) -> list[str]:
    return [w["column"][name] for name in names]


def _fault_table(findings: Findings, w: Words) -> str:
    """Count the points on the map, and the rows whose place cannot be drawn."""
    rows = [
        (fault, len(group), group["advice"].iloc[0])
        for fault, group in findings.spatial.groupby("fault", sort=False)
    ]
    rows += [
        (w["not_on_map"].format(reason=reason), len(group), group["advice"].iloc[0])
        for reason, group in _without_place(findings.set_aside).groupby("reason", sort=False)
    ]
    return _table(_heads(w, "fault", "points", "advice"), rows, w)


def _without_place(set_aside: pd.DataFrame) -> pd.DataFrame:
    """Give the rows set aside for their position: they cannot be drawn."""
    return set_aside[set_aside["column"].str.casefold().isin(_POSITION_COLUMNS)]


def _set_aside_table(set_aside: pd.DataFrame, w: Words) -> str:
    shown = set_aside.head(_MOST_ROWS)
    rest = len(set_aside) - len(shown)
    more = f"<p>{w['more_rows'].format(count=format_int(rest), file=_CSV)}</p>" if rest else ""
    columns = ["file", "row", "column", "value", "reason", "advice"]
    head = _heads(w, "file", "line", "column", "value", "wrong", "advice")
    return _table(head, list(shown[columns].itertuples(index=False, name=None)), w) + more


def _coverage_table(coverage: pd.DataFrame, kommuner: gpd.GeoDataFrame, w: Words) -> str:
    """Set the shares side by side, kommune by kommune; what nobody has is left out."""
    if not len(coverage):
        return f"<p>{w['no_kommune_table']}</p>"
    names = dict(zip(kommuner["kommune"], kommuner["name"], strict=True))
    some = coverage[(coverage["our_share"] > 0) | (coverage["nkom_share"] > 0)]
    rows = [
        (
            f"{r['kommune']} {names.get(r['kommune'], '')}", w["measure"].get(r["measure"], r["measure"]),
            format_percent(r["our_share"]), format_percent(r["nkom_share"]),
            _difference(r["difference_share"], w),
        )
        for r in some.sort_values("kommune", kind="stable").to_dict("records")
    ]  # fmt: skip
    large = int((some["difference_share"].abs() > _LARGE_SHARE).sum())
    lead = w["large_differences" if large else "small_differences"].format(count=format_int(large))
    head = _heads(w, "kommune", "measure", "ours", "theirs", "difference")
    return f"<p>{lead}</p>{_table(head, rows, w)}"


def _lacking_tables(lacking: pd.DataFrame, w: Words) -> str:
    """Count what disagrees, and whom to ask about it."""
    if not len(lacking):
        return f"<p>{w['nothing_lacking']}</p>"
    head = _heads(w, "addresses_that", "count", "households", "advice")
    counted = _table(head, describe_lacking(lacking, w), w)
    who = claimants(lacking)
    asked = _table(_heads(w, "claimant", "addresses", "households"), who, w) if who else ""
    return f"{counted}{asked}<p>{w['each_address'].format(file=_CSV)}</p>"


def _difference(share: float, w: Words) -> str:
    points = f"{100 * share:+.1f}".replace(".", ",").replace("-", "−")
    return str(w["large"].format(points=points)) if abs(share) > _LARGE_SHARE else points


def _age(days: int, w: Words) -> str:
    if days < 0:
        return str(w["age_unknown"])
    key = "age_old" if days > OLD_DAYS else "age_one" if days == 1 else "age"
    return str(w[key].format(days=format_int(days)))


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]], w: Words) -> str:
    if not rows:
        return f"<p>{w['none']}</p>"
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
