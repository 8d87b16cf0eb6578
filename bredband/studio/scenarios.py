"""Pages about a scenario: the form, the run, and the result."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bredband.errors import InputError
from bredband.studio import app, form
from bredband.studio import results as outcome
from bredband.studio.changed import changed_values
from bredband.studio.counties import county_of, follow
from bredband.studio.faults import sentences
from bredband.studio.folder import (
    COUNTIES,
    KEPT,
    RESULT,
    SCENARIO_FILE,
    SCENARIOS,
    Entry,
    create,
    entries,
    find,
    is_newer,
    write_values,
)
from bredband.studio.folder import county_of as county_of_scenario
from bredband.studio.folder import delete as delete_folder
from bredband.studio.words import language_of, words

_LONGEST_NAME = 120


async def blank(request: Request) -> Response:
    """Show the form for a new scenario, filled in from the county's own or another scenario."""
    county = county_of(request)
    base = _base(request, county, request.query_params.get("fra", ""))
    values = dict(base.values)
    if base.folder != county.folder or entries(app.studio_of(request).root, SCENARIOS):
        values |= {"name": "", "description": ""}
    return _form_page(request, county, base, form.shown_values(form.filled(values)), [])


async def save_new(request: Request) -> Response:
    """Write a new scenario as TOML; run it at once if she asked for that."""
    county = county_of(request)
    given = await app.read_form(request)
    base = _base(request, county, given.get("fra", [""])[0])
    values, faults = _read(given, base, county)
    if faults:
        return _form_page(
            request, county, base, given, sentences(faults, language_of(request)), 422
        )
    about = {"county": county.slug, "from": base.slug if base.folder != county.folder else ""}
    entry = create(app.studio_of(request).root, SCENARIOS, values["name"], values, about)
    if "kjor" in given:
        _start(request, entry)
    return app.to(f"/scenario/{entry.slug}")


async def check(request: Request) -> Response:
    """Say what is wrong with what she has typed so far."""
    county = county_of(request)
    given = await app.read_form(request)
    base = _base(request, county, given.get("fra", [""])[0])
    _, faults = _read(given, base, county)
    return JSONResponse({"faults": sentences(faults, language_of(request))})


async def show(request: Request) -> Response:
    """Show a scenario: how its run goes, or what came out of it."""
    entry = scenario_of(request)
    studio = app.studio_of(request)
    status = studio.queue.status(entry.folder)
    county = county_of_scenario(studio.root, entry)
    content = await run_in_threadpool(outcome.result_of, entry)
    others = [
        other for other in entries(studio.root, SCENARIOS)
        if other.slug != entry.slug and (other.folder / RESULT).is_dir()
    ]  # fmt: skip
    return app.page(
        request, "scenario.html.j2", entry=entry, status=status, county=county, others=others,
        content=content, unreadable=_is_there(entry), area_names=_area_names(studio.root, entry), base=f"/scenario/{entry.slug}", changed=_changed_since(entry),
    )  # fmt: skip


async def edit(request: Request) -> Response:
    """Show the form of a scenario that is to be mended."""
    entry = scenario_of(request)
    county = _county(request, entry)
    return _form_page(
        request, county, entry, form.shown_values(form.filled(entry.values)), [], old=True
    )


async def save_old(request: Request) -> Response:
    """Write a scenario again under the name of its folder."""
    entry = scenario_of(request)
    county = _county(request, entry)
    given = await app.read_form(request)
    values, faults = _read(given, entry, county)
    if faults:
        shown = sentences(faults, language_of(request))
        return _form_page(request, county, entry, given, shown, 422, old=True)
    write_values(entry.folder, values)
    if "kjor" in given:
        _start(request, entry)
    return app.to(f"/scenario/{entry.slug}")


async def run(request: Request) -> Response:
    """Put a scenario in the queue."""
    entry = scenario_of(request)
    _start(request, entry)
    return app.to(f"/scenario/{entry.slug}")


async def cancel(request: Request) -> Response:
    """Stop a run, or take it out of the queue."""
    entry = scenario_of(request)
    await app.studio_of(request).queue.cancel(entry.folder)
    return app.to(f"/scenario/{entry.slug}")


async def delete(request: Request) -> Response:
    """Delete a scenario that is not being run."""
    entry = scenario_of(request)
    if app.studio_of(request).queue.find(entry.folder) is not None:
        raise InputError("scenariet kjøres nå.", advice="Avbryt kjøringen først.")
    await run_in_threadpool(delete_folder, entry)
    return app.to("/")


async def events(request: Request) -> Response:
    """Tell how the run goes, as it goes."""
    return follow(request, scenario_of(request).folder)


def scenario_of(request: Request) -> Entry:
    """Open the scenario that the address names."""
    return find(app.studio_of(request).root, SCENARIOS, request.path_params["scenario"])


def _form_page(
    request: Request, county: Entry, base: Entry, shown: form.Form,
    faults: list[dict[str, str]], code: int = 200, *, old: bool = False,
) -> Response:  # fmt: skip
    known = {field.path: field for field in form.fields()}
    groups = {
        name: [known[path] for path in paths if path in known]
        for name, paths in form.LEVERS.items()
    }
    at_fault = _by_field(faults)
    rest = shown.keys() - form.lever_paths()
    everything_else = _everything_else(
        app.studio_of(request).templates,
        language_of(request),
        tuple((name, tuple(shown[name])) for name in sorted(rest)),
        tuple((name, tuple(at_fault[name])) for name in sorted(at_fault)),
    )
    return app.page(
        request, "form.html.j2", code, county=county, old=old, shown=shown, fault_list=faults,
        groups=groups, everything_else=everything_else, number_text=form.number_text,
        areas=outcome.areas_of(base), fault_at=at_fault, base_entry=base,
        action=f"/scenario/{base.slug}/endre" if old else f"/fylke/{county.slug}/nytt",
        bases=[e for e in entries(app.studio_of(request).root, SCENARIOS)
               if e.about.get("county") == county.slug],
    )  # fmt: skip


@lru_cache(maxsize=32)
def _everything_else(
    templates: jinja2.Environment,
    language: str,
    shown: tuple[tuple[str, tuple[str, ...]], ...],
    faults: tuple[tuple[str, tuple[str, ...]], ...],
) -> Markup:
    """Write the fields behind the fold; there are hundreds, and most keep their defaults."""
    given = {name: list(texts) for name, texts in shown}
    text = templates.get_template("everything.html.j2").render(
        w=words(language), language=language, shown=given, fault_at=dict(faults),
        folded=form.sections(), number_text=form.number_text,
        rows_of=lambda field: _rows_of(field, given),
    )  # fmt: skip
    return Markup(text)  # noqa: S704 - the template has escaped what it holds


def _rows_of(field: form.Field, shown: form.Form) -> int:
    """Count the rows of a list of small forms that are filled in."""
    stem = f"{field.path}."
    return len({name[len(stem) :].split(".")[0] for name in shown if name.startswith(stem)})


def _by_field(faults: list[dict[str, str]]) -> dict[str, list[str]]:
    by_field: dict[str, list[str]] = {}
    for fault in faults:
        by_field.setdefault(fault["field"], []).append(fault["sentence"])
    return by_field


def _read(
    given: form.Form, base: Entry, county: Entry
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Read and judge a form; give the values to write, with the county's files seen from there."""
    own = {key: county.values[key] for key in form.COUNTY_FIELDS if key in county.values}
    values = form.read_form(given, {**form.filled(base.values), **own})
    if "output" in values:
        template = values["output"].get("docx_template", "")
        values["output"]["docx_template"] = _from_scenario(county.folder, template)
    if earlier := values.get("rollout", {}).get("earlier_plan"):
        values["rollout"]["earlier_plan"] = _from_scenario(county.folder, earlier)
    values["sources"] = {
        kind: [_from_scenario(county.folder, p) for p in found]
        if isinstance(found, list)
        else found
        for kind, found in dict(own.get("sources", {})).items()
    }
    model, faults = form.judge(values)
    if model is not None and (kind := _fault_of_name(model.name)):
        faults = [{"path": "name", "field": "name", "kind": kind, "bound": "",
                   "unit": "", "text": ""}]  # fmt: skip
    return (changed_values(model), faults) if model is not None else ({}, faults)


def _fault_of_name(name: str) -> str:
    """Say what keeps a name off maps and documents; empty when nothing does."""
    if not name.strip():
        return "string_too_short"
    if len(name) > _LONGEST_NAME:
        return "string_too_long"
    return "" if name.isprintable() else "not_printable"


def _from_scenario(county_folder: Path, pattern: str) -> str:
    """Write a path as it is seen from a scenario's folder; one that lies elsewhere stays whole."""
    if not pattern or Path(pattern).is_absolute() or pattern.startswith("../"):
        return pattern
    return f"../../{COUNTIES}/{county_folder.name}/{pattern}"


def _base(request: Request, county: Entry, slug: str) -> Entry:
    return find(app.studio_of(request).root, SCENARIOS, slug) if slug else county


def _county(request: Request, entry: Entry) -> Entry:
    county = county_of_scenario(app.studio_of(request).root, entry)
    if county is None:
        raise InputError("fylket til scenariet er borte.", advice="Legg fylket til på forsiden.")
    return county


def _start(request: Request, entry: Entry) -> None:
    kept = _county(request, entry).folder / KEPT
    words = ("run", str(entry.folder / SCENARIO_FILE), str(entry.folder / RESULT), str(kept))
    app.studio_of(request).queue.add(entry.folder, words)


def _area_names(root: Path, entry: Entry) -> dict[str, str]:
    """Name the areas that she pointed out: those of the scenario it came from, and its own."""
    slugs = {other.slug: other for other in entries(root, SCENARIOS)}
    known = [slugs.get(str(entry.about.get("from", ""))), entry]
    return {
        area: name
        for one in known if one is not None
        for area, name in outcome.result_of(one).get("names", {}).items()
    }  # fmt: skip


def _is_there(entry: Entry) -> bool:
    """Tell whether a scenario has a result, readable or not."""
    return (entry.folder / RESULT / "plan.json").is_file()


def _changed_since(entry: Entry) -> bool:
    """Tell whether the scenario has been changed after its result was made."""
    return is_newer(entry.folder / SCENARIO_FILE, entry.folder / RESULT / "plan.json")
