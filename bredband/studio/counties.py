"""Pages about the county: which files it has, what was wrong with them, and coverage today."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from bredband.errors import InputError
from bredband.scenario.sources import Sources
from bredband.studio import app, uploads
from bredband.studio.files import read_object
from bredband.studio.folder import (
    COUNTIES,
    COVERAGE,
    FILES,
    KEPT,
    LOOK_FILE,
    PICTURE_FILE,
    SCENARIO_FILE,
    SCENARIOS,
    Entry,
    create,
    entries,
    find,
    is_newer,
    judged_values,
    write_values,
)
from bredband.studio.folder import delete as delete_folder
from bredband.studio.recognise import recognise, sources_of
from bredband.studio.results import summary
from bredband.studio.words import language_of, words

NEEDED = ("addresses", "borders")
_FIRST_BUDGETS_NOK = [10_000_000.0] * 4
_MOST_LISTED = 2000


async def home(request: Request) -> Response:
    """Show the counties and every scenario that has been made."""
    root = app.studio_of(request).root
    counties = entries(root, COUNTIES)
    cards = [
        {
            "entry": entry,
            "status": app.studio_of(request).queue.status(entry.folder),
            **summary(entry),
        }
        for entry in entries(root, SCENARIOS)
    ]
    here = str(root) if (root / SCENARIO_FILE).is_file() else ""
    names = {c.slug: c.values.get("county", c.slug) for c in counties if len(counties) > 1}
    return app.page(
        request, "home.html.j2", counties=counties, cards=cards, suggested=here, county_names=names
    )


async def add(request: Request) -> Response:
    """Take a county into use: a folder on this machine, or a name to drop files under."""
    form = await app.read_form(request)
    place = form.get("folder", [""])[0].strip()
    name = form.get("name", [""])[0].strip()[:100]
    if place:
        language = language_of(request)
        values = await run_in_threadpool(values_of_folder, Path(place).expanduser(), language)
    elif name:
        values = first_values(name, {}, language_of(request))
    else:
        raise InputError(
            "det mangler en mappe eller et navn.",
            advice="Skriv stien til fylkesmappa, eller et navn.",
        )
    county = create(app.studio_of(request).root, COUNTIES, str(values["county"]), values, {})
    return app.to(f"/fylke/{county.slug}")


async def show(request: Request) -> Response:
    """Show a county: files, validation report, coverage today and its scenarios."""
    county = county_of(request)
    queue = app.studio_of(request).queue
    look = read_object(county.folder / COVERAGE / LOOK_FILE)
    scenarios = [
        {"entry": entry, "status": queue.status(entry.folder), **summary(entry)}
        for entry in entries(app.studio_of(request).root, SCENARIOS)
        if entry.about.get("county") == county.slug
    ]
    missing = [kind for kind in NEEDED if not _sources(county).get(kind)]
    names = source_names(language_of(request))
    return app.page(
        request, "county.html.j2", county=county, look=look, cards=scenarios,
        totals=_totals(look), files=listed_files(county), kinds=tuple(_kinds()),
        missing=missing, names=names, missing_names=[names[kind] for kind in missing],
        status=queue.status(county.folder), changed=_changed_since(county), base=f"/fylke/{county.slug}",
        target_mbps=county.values.get("target", {}).get("down_mbps", 1000),
    )  # fmt: skip


async def upload(request: Request) -> Response:
    """Take one file, recognise it by what it holds, and put it among the county's sources."""
    county = county_of(request)
    name = request.query_params.get("navn", "")
    length = request.headers.get("content-length", "")
    declared = int(length) if length.isdecimal() and len(length) < 19 else None
    path = await uploads.receive(request.stream(), declared, county.folder / FILES, name)
    source = await run_in_threadpool(recognise, path)
    fresh = county_of(request)
    sources = {kind: list(patterns) for kind, patterns in _sources(fresh).items()}
    pattern = f"{FILES}/{path.name}"
    if source and not any(pattern in patterns for patterns in sources.values()):
        sources.setdefault(source, []).append(pattern)
        _write_sources(fresh, sources)
    return JSONResponse({"file": path.name, "source": source})


async def sort_files(request: Request) -> Response:
    """Put each file under the source that she says it is."""
    county = county_of(request)
    form = await app.read_form(request)
    kinds = set(_kinds())
    sources: dict[str, list[str]] = {}
    for row in listed_files(county):
        kind = form.get(f"fil:{row['pattern']}", [row["source"]])[0]
        if kind in kinds:
            sources.setdefault(kind, []).append(row["pattern"])
    if sources != _sources(county):
        _write_sources(county, sources)
    return app.to(f"/fylke/{county.slug}")


async def look(request: Request) -> Response:
    """Read the files and find who is covered today, in the other process."""
    county = county_of(request)
    parts = (SCENARIO_FILE, COVERAGE, KEPT)
    task = ("look", *(str(county.folder / part) for part in parts))
    app.studio_of(request).queue.add(county.folder, task)
    return app.to(f"/fylke/{county.slug}")


async def delete(request: Request) -> Response:
    """Take a county out of the studio, unless scenarios or a run need it."""
    county, studio = county_of(request), app.studio_of(request)
    if studio.queue.find(county.folder) is not None:
        raise InputError("filene leses nå.", advice="Avbryt lesingen først.")
    if any(e.about.get("county") == county.slug for e in entries(studio.root, SCENARIOS)):
        raise InputError("fylket har scenarioer.", advice="Slett dem først.")
    await run_in_threadpool(delete_folder, county)
    return app.to("/")


async def cancel(request: Request) -> Response:
    """Stop reading."""
    county = county_of(request)
    await app.studio_of(request).queue.cancel(county.folder)
    return app.to(f"/fylke/{county.slug}")


async def events(request: Request) -> Response:
    """Tell how the reading goes, as it goes."""
    return follow(request, county_of(request).folder)


async def picture(request: Request) -> Response:
    """Give coverage today for the map."""
    file = county_of(request).folder / COVERAGE / PICTURE_FILE
    if not file.is_file():
        raise InputError("dekningen er ikke regnet ut ennå.", advice="Trykk «Les filene».")
    return FileResponse(file, media_type="application/json")


def county_of(request: Request) -> Entry:
    """Open the county that the address names."""
    return find(app.studio_of(request).root, COUNTIES, request.path_params["county"])


def follow(request: Request, folder: Path) -> StreamingResponse:
    """Stream the status of a folder's run as server-sent events."""
    queue = app.studio_of(request).queue

    async def lines() -> AsyncIterator[str]:
        async for status in queue.follow(folder):
            yield f"data: {json.dumps(status)}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


def first_values(county: str, sources: dict[str, list[str]], language: str) -> dict[str, Any]:
    """Give the values that a county starts with; the money is a placeholder (anslag).

    Map and document are in the language that the page is read in.
    """
    return {
        "name": "Grunnscenario",
        "county": county,
        "sources": sources,
        "rollout": {"annual_grant_nok": list(_FIRST_BUDGETS_NOK)},
        "output": {"language": language},
    }


def values_of_folder(place: Path, language: str) -> dict[str, Any]:
    """Read a county folder on this machine: its scenario file, or the files that are known.

    ``language`` is that of map and document where there is no scenario file.

    Raises
    ------
    InputError
        When there is no such folder or nothing in it is known.
    """
    folder = place.parent if place.name == SCENARIO_FILE else place
    if not folder.is_absolute():
        folder = Path.cwd() / folder
    if "\0" not in str(place) and folder.is_file():
        raise InputError(
            f"{place}: er en fil, ikke en mappe.", advice="Oppgi mappa som fila ligger i."
        )
    if "\0" in str(place) or not folder.is_dir():
        raise InputError(f"{place}: mappa finnes ikke.", advice="Kopier stien fra filutforskeren.")
    folder = folder.resolve()
    if (folder / SCENARIO_FILE).is_file():
        values = judged_values(folder / SCENARIO_FILE)
        if "extends" in values:
            raise InputError(
                f"{folder / SCENARIO_FILE}: bygger på en annen fil.",
                advice="Oppgi mappa til grunnscenariet.",
            )
        values["sources"] = {
            key: [str(folder / p) for p in value] if isinstance(value, list) else value
            for key, value in dict(values.get("sources", {})).items()
        }
        values.setdefault("county", folder.name)
        return values
    paths = [path for path in sorted(folder.rglob("*"))[:_MOST_LISTED] if path.is_file()]
    known = sources_of([p for p in paths if p.name.lower().endswith(uploads.ENDINGS)])
    if not known:
        raise InputError(
            f"{folder}: finner ingen filer studio kjenner igjen.",
            advice="Mappa skal ha scenario.toml, eller filer fra Kartverket, Nkom og SSB.",
        )
    sources = {kind: list(map(str, files)) for kind, files in known.items()}
    return first_values(folder.name, sources, language)


def listed_files(county: Entry) -> list[dict[str, Any]]:
    """List the county's files: those that are a source, and those dropped but not placed."""
    rows = [
        {"pattern": pattern, "file": _shown_name(pattern), "source": kind}
        for kind, patterns in _sources(county).items()
        for pattern in patterns
    ]
    placed = {row["pattern"] for row in rows}
    dropped = county.folder / FILES
    if dropped.is_dir():
        for path in sorted(dropped.iterdir()):
            pattern = f"{FILES}/{path.name}"
            if not path.name.startswith(".") and pattern not in placed:
                rows.append({"pattern": pattern, "file": path.name, "source": ""})
    return rows


def _shown_name(pattern: str) -> str:
    """Give a file's name; of a pattern for several files also the folder they lie in."""
    path = Path(pattern)
    return f"{path.parent.name}/{path.name}" if "*" in path.name else path.name


def source_names(language: str) -> dict[str, str]:
    """Name every source; one that the words lack is named by the model's own description."""
    known = words(language)["source_names"]
    fields = Sources.model_fields
    return {k: known.get(k) or str(fields[k].description).split(":")[0].lower() for k in _kinds()}


def _kinds() -> list[str]:
    """List the sources that are files, in the order of the model."""
    files = tuple[str, ...]
    return [name for name, field in Sources.model_fields.items() if field.annotation == files]


def _sources(county: Entry) -> dict[str, list[str]]:
    sources = county.values.get("sources", {})
    return {kind: list(sources.get(kind, ())) for kind in _kinds() if sources.get(kind)}


def _write_sources(county: Entry, sources: dict[str, list[str]]) -> None:
    kinds = _kinds()
    files = {kind: sources[kind] for kind in kinds if sources.get(kind)}
    about = {k: v for k, v in county.values.get("sources", {}).items() if k not in kinds}
    write_values(county.folder, {**county.values, "sources": {**files, **about}})


def _changed_since(county: Entry) -> bool:
    """Tell whether the county's files are others than those that were read last."""
    dropped = county.folder / FILES
    files = [county.folder / SCENARIO_FILE, *(dropped.iterdir() if dropped.is_dir() else ())]
    look = county.folder / COVERAGE / LOOK_FILE
    return any(is_newer(file, look) for file in files)


def _totals(look: dict[str, Any]) -> dict[str, float]:
    rows = look.get("kommuner", [])
    households = sum(row["households"] for row in rows)
    served = sum(row["served_households"] for row in rows)
    return {
        "households": households,
        "served": served,
        "lacking": households - served,
        "share": served / max(households, 1),
    }
