"""What people open and send, written from a plan and its folder."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from bredband import exchange, maps, report
from bredband.county import County
from bredband.exchange.dispatch import dispatch
from bredband.pipeline.airwaves import map_masts
from bredband.pipeline.ingest import read_county
from bredband.plan import Plan
from bredband.scenario import Scenario

MAP_FILE = "kart.html"
PUBLIC_MAP_FILE = "kart-offentlig.html"
DOCUMENT_FILE = "plan.docx"
PDF_FILE = "plan.pdf"
PAGE_FILE = "plan.html"
GEOPACKAGE_FILE = "plan.gpkg"
PLAN_FILE = "plan.json"
CASES_FOLDER = "kommunesaker"
PACKAGE_FOLDER = "datapakke"
DISPATCH_FOLDER = "forsendelse"


def write_map(folder: Path, plan: Plan) -> list[Path]:
    """Write the maps of a plan into its folder; give the paths."""
    written = draw_map(folder, plan, read_county(folder))
    if not plan.scenario.output.public_map:
        (folder / PUBLIC_MAP_FILE).unlink(missing_ok=True)  # it would show another plan
    return written


def draw_map(folder: Path, plan: Plan, county: County) -> list[Path]:
    """Draw the council map into any folder, and the public one where the scenario asks."""
    background = _background(county, plan.scenario)
    path, public_path = folder / MAP_FILE, folder / PUBLIC_MAP_FILE
    if not plan.scenario.output.public_map:
        maps.write_map(plan, path, background=background)
        return [path]
    maps.write_maps(plan, path, public_path, background=background)
    return [path, public_path]


def write_comparison(first: tuple[Path, Plan], second: tuple[Path, Plan], path: Path) -> Path:
    """Write one map that compares two plans, over the background of the first."""
    background = _background(read_county(first[0]), first[1].scenario)
    maps.write_comparison(first[1], second[1], path, background=background)
    return path


def write_report(folder: Path, plan: Plan) -> Path:
    """Write the plan document as DOCX, PDF and HTML; give the path of the first."""
    write_documents(folder, plan, folder / PLAN_FILE)
    return folder / DOCUMENT_FILE


def write_documents(folder: Path, plan: Plan, plan_file: Path, *_template: Path) -> None:
    """Write the plan document into any folder, from the plan and its ``plan.json``.

    ``_template`` is the Word template that the scenario names, for what it holds.
    """
    content = _told(exchange.read_plan_json(plan_file), plan)
    written = [folder / name for name in (DOCUMENT_FILE, PDF_FILE, PAGE_FILE)]
    report.write_county_plan(content, plan, *written)


def write_council_cases(folder: Path, plan: Plan) -> list[Path]:
    """Write a page of facts and a map for every kommune's council."""
    content = _told(exchange.read_plan_json(folder / PLAN_FILE), plan)
    return report.write_council_cases(content, plan, folder / CASES_FOLDER)


def write_package(folder: Path, plan: Plan) -> Path:
    """Write the plan as a described package of open data; give its folder.

    Where the package is for everybody, the address lists of the areas lie beside it.
    """
    document, package = exchange.read_plan_json(folder / PLAN_FILE), folder / PACKAGE_FOLDER
    exchange.write_data_package(document, plan, package)
    beside = folder / exchange.AREA_FOLDER
    if plan.scenario.output.public_map:
        exchange.write_area_files(document, plan, beside)
    else:
        exchange.remove_area_files(beside)
    return package


def write_dispatch(folder: Path, plan: Plan) -> Path:
    """Write the plan document and the public map as a SvarUt dispatch on disk; nothing is sent.

    What is sent becomes a public record where it arrives, so document and map are always those
    without addresses, answers and small numbers, also where the scenario does not ask for it.
    """
    document, target = exchange.read_plan_json(folder / PLAN_FILE), folder / DISPATCH_FOLDER
    with tempfile.TemporaryDirectory(prefix="bredband-") as temporary:
        drawn, written = (Path(temporary, name) for name in (PUBLIC_MAP_FILE, PDF_FILE))
        # A missing recipient is told before anything is drawn.
        dispatch(document, [written, drawn])
        report.write_county_plan(exchange.edition_of_document(document), plan, written)
        background = _background(read_county(folder), plan.scenario)
        maps.write_map(plan, drawn, background=background, public=True)
        return exchange.write_dispatch(document, [written, drawn], target)


def _told(content: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """Give what a document may tell: all, or for everybody nothing of areas with few homes."""
    return exchange.edition_of_document(content) if plan.scenario.output.public_map else content


def send_dispatch(folder: Path) -> str:
    """Send the dispatch with the credentials of the environment; give SvarUt's id."""
    credentials = exchange.credentials_from_environment()
    return exchange.send_dispatch(folder / DISPATCH_FOLDER, credentials)


def _background(county: County, scenario: Scenario) -> maps.Background:
    return maps.Background(
        terrain=county.terrain,
        landcover=county.landcover,
        roads=county.roads,
        places=county.places,
        masts=county.sites,
        signal=map_masts(county.sites, county.terrain, scenario, county.surface),
    )
