"""Pages about what came out: key figures, map, areas with reasons, comparison and downloads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from bredband.errors import InputError
from bredband.studio import app
from bredband.studio.differences import differences
from bredband.studio.files import read_object, remembered, write_object
from bredband.studio.folder import (
    PICTURE_FILE,
    RESULT,
    SCENARIO_FILE,
    SCENARIOS,
    Entry,
    find,
)
from bredband.studio.guard import MAP_POLICY
from bredband.studio.runs import ask
from bredband.studio.words import language_of, words
from bredband.wording import said

DOWNLOADS: Mapping[str, str] = {
    "plan.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "plan.pdf": "application/pdf",
    "kart.html": "text/html",
    "plan.gpkg": "application/geopackage+sqlite3",
    "plan.json": "application/json",
    "adresselister.zip": "application/zip",
    SCENARIO_FILE: "application/toml",
}
"""What can be taken away from a scenario, and nothing else."""

_AREA_ID = re.compile(r"[\w.-]{1,80}")
_MAP_HEADERS = {"Content-Security-Policy": MAP_POLICY}
_SECONDS_TO_WAIT_S = 300.0
_MOST_COMPARED = 3


def result_of(entry: Entry) -> dict[str, Any]:
    """Give what a scenario gave: key figures, money by year, areas with reasons, proof."""
    return _result_in(entry.folder / RESULT / "plan.json")


def summary(entry: Entry) -> dict[str, Any]:
    """Give the few figures of a scenario that its card shows."""
    return _summary_in(entry.folder / RESULT / "plan.json")


def areas_of(entry: Entry) -> dict[str, Any]:
    """Give the areas of a scenario's last result, to point at in the form of the next."""
    result = result_of(entry)
    rows = [*result.get("built", ()), *result.get("left", ())]
    return {"rows": sorted(rows, key=lambda area: (area["kommune_name"], area["name"])),
            "slug": entry.slug if rows else ""}  # fmt: skip


def _read_result(file: Path) -> dict[str, Any]:
    try:
        return _result_of_document(read_object(file))
    except (KeyError, TypeError, AttributeError):  # written by another version, or by hand
        return {}


def _result_of_document(document: dict[str, Any]) -> dict[str, Any]:
    if not document:
        return {}
    areas = [area for area in document["areas"] if area["kind"] == "area"]
    names = {area["area_id"]: area["name"] for area in document["areas"]}
    return {
        "kpis": document["kpis"],
        "by_year": document["by_year"],
        "built": [area for area in areas if area["build_year"] is not None],
        "left": [area for area in areas if area["build_year"] is None],
        "names": names,
        "shared_nok": sum(area["grant_nok"] for area in document["areas"]
                          if area["kind"] != "area" and area["build_year"] is not None),
        "carried": any(row["grant_nok"] > row["budget_nok"] for row in document["by_year"]),
        "proof": next((p for p in document["proofs"] if p["kind"] == "rollout"), None),
        "publication": document["publication"],
        "target_mbps": document["scenario"]["target"]["down_mbps"],
        "most_nok": max([row["grant_nok"] for row in document["by_year"]]
                        + [row["budget_nok"] for row in document["by_year"]] + [1]),
    }  # fmt: skip


def _read_summary(file: Path) -> dict[str, Any]:
    result = _read_result(file)
    return {"kpis": result.get("kpis"), "proof": result.get("proof")}


_result_in = remembered(_read_result, most=4)
_summary_in = remembered(_read_summary, most=500)


async def picture(request: Request) -> Response:
    """Give premises and areas of a result for the studio's own map."""
    file, language = _result(request) / PICTURE_FILE, language_of(request)
    if language == "nb":
        return FileResponse(file, media_type="application/json")
    return JSONResponse(await run_in_threadpool(_said_picture, file, language))


def _said_picture(file: Path, language: str) -> dict[str, Any]:
    """Read a picture with its sentences in the planner's language."""
    content = read_object(file)
    for name in ("reason", "not_reached"):
        sentences = content["premises"][name]
        known = {sentence: said(sentence, language) for sentence in set(sentences)}
        content["premises"][name] = [known[sentence] for sentence in sentences]
    return content


async def council_map(request: Request) -> Response:
    """Show the council map, shut in so that it reaches nothing but itself."""
    return FileResponse(
        _result(request) / "kart.html", media_type="text/html", headers=_MAP_HEADERS
    )


async def why(request: Request) -> Response:
    """Show the map where she points at a hamlet and asks."""
    entry = find(app.studio_of(request).root, SCENARIOS, request.path_params["scenario"])
    _result(request)
    return app.page(
        request,
        "why.html.j2",
        entry=entry,
        base=f"/scenario/{entry.slug}",
        content=result_of(entry),
    )


async def why_area(request: Request) -> Response:
    """Say why an area is not built; the answer is kept beside the result."""
    area, folder = request.path_params["area"], _result(request)
    if not _AREA_ID.fullmatch(area) or area not in _result_in(folder / "plan.json")["names"]:
        raise InputError("området finnes ikke i denne planen.", advice="Pek på kartet.")
    language = language_of(request)
    kept = folder / "hvorfor" / language / f"{area}.json"
    answer = read_object(kept)
    if not answer:
        answer = await ask(("why", str(folder), area, language), time_limit_s=_SECONDS_TO_WAIT_S)
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_object(kept, answer)
    return JSONResponse({"lines": answer["lines"]})


async def download(request: Request) -> Response:
    """Give one of the files that can be taken away."""
    name = request.path_params["name"]
    if name not in DOWNLOADS:
        raise HTTPException(404)
    entry = find(app.studio_of(request).root, SCENARIOS, request.path_params["scenario"])
    folder = entry.folder if name == SCENARIO_FILE else _result(request)
    path = folder / name
    if name == "adresselister.zip" and not path.is_file():
        await ask(("lists", str(folder), str(path)), time_limit_s=_SECONDS_TO_WAIT_S)
    if not path.is_file():
        raise HTTPException(404)
    shown = f"{entry.slug}-{name}"
    return FileResponse(
        path,
        media_type=DOWNLOADS[name],
        filename=shown,
        headers={"Content-Security-Policy": "sandbox"},
    )


async def compare(request: Request) -> Response:
    """Put two or three results side by side."""
    asked = request.query_params.getlist("s")[:_MOST_COMPARED]
    root = app.studio_of(request).root
    columns = []
    for slug in dict.fromkeys(asked):
        entry = find(root, SCENARIOS, slug)
        columns.append({"entry": entry, **result_of(entry)})
    done = [column for column in columns if "kpis" in column]
    if len(done) < 2:
        w = words(language_of(request))
        raise InputError(w["compare_needs_two"], advice=w["compare_needs_two_advice"])
    first, second = done[0]["entry"].slug, done[-1]["entry"].slug
    a, b = request.query_params.get("a", first), request.query_params.get("b", second)
    slugs = [column["entry"].slug for column in done]
    names = {area: name for column in done for area, name in column["names"].items()}
    chosen = differences([c["entry"].values for c in done], names, language_of(request))
    return app.page(
        request, "compare.html.j2", columns=done, moved=_moved(done), slugs=slugs, chosen=chosen,
        a=a if a in slugs else first, b=b if b in slugs else second,
    )  # fmt: skip


async def comparison_map(request: Request) -> Response:
    """Show two results in one map; it is drawn again when one of them is newer."""
    root = app.studio_of(request).root
    pair = [find(root, SCENARIOS, request.query_params.get(key, "")) for key in ("a", "b")]
    folders = [entry.folder / RESULT for entry in pair]
    for folder in folders:
        if not (folder / "plan.json").is_file():
            raise InputError("begge scenariene må være kjørt.", advice="Kjør dem først.")
    file = folders[0] / f"mot-{pair[1].slug}.html"
    newest = max((folder / "plan.json").stat().st_mtime for folder in folders)
    if not file.is_file() or file.stat().st_mtime < newest:
        await ask(("compare", *map(str, folders), str(file)), time_limit_s=_SECONDS_TO_WAIT_S)
    return FileResponse(file, media_type="text/html", headers=_MAP_HEADERS)


def _result(request: Request) -> Path:
    entry = find(app.studio_of(request).root, SCENARIOS, request.path_params["scenario"])
    if not (entry.folder / RESULT / "plan.json").is_file():
        raise InputError("scenariet er ikke kjørt ennå.", advice="Trykk «Kjør».")
    return entry.folder / RESULT


def _moved(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """List the areas that do not get the same year in all the results."""
    years: dict[str, list[Any]] = {}
    names: dict[str, str] = {}
    households: dict[str, int] = {}
    for place, column in enumerate(columns):
        for area in [*column["built"], *column["left"]]:
            row = years.setdefault(area["area_id"], [""] * len(columns))
            row[place] = area["build_year"]
            names[area["area_id"]] = area["name"]
            households[area["area_id"]] = area["households"]
    return [
        {"id": area, "name": names[area], "households": households[area], "years": row}
        for area, row in sorted(years.items(), key=lambda item: -households[item[0]])
        if len(set(row)) > 1
    ]
