"""What people open and send, written from a plan and its folder."""

from __future__ import annotations

from pathlib import Path

from bredband import exchange, maps, report, terrain
from bredband.county import read_json, read_table
from bredband.pipeline.airwaves import map_masts
from bredband.pipeline.ingest import TERRAIN_FILE
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
    """Write the council map, and the public one where the scenario asks; give the paths."""
    background = _background(folder, plan.scenario)
    written = [folder / MAP_FILE]
    maps.write_map(plan, written[0], background=background)
    if plan.scenario.output.public_map:
        written.append(folder / PUBLIC_MAP_FILE)
        maps.write_map(plan, written[1], background=background, public=True)
    else:
        (folder / PUBLIC_MAP_FILE).unlink(missing_ok=True)  # it would show another plan
    return written


def write_comparison(first: tuple[Path, Plan], second: tuple[Path, Plan], path: Path) -> Path:
    """Write one map that compares two plans, over the background of the first."""
    background = _background(first[0], first[1].scenario)
    maps.write_comparison(first[1], second[1], path, background=background)
    return path


def write_report(folder: Path, plan: Plan) -> Path:
    """Write the plan document as DOCX, PDF and HTML; give the path of the first."""
    content = read_json(folder / PLAN_FILE)
    report.write_docx(content, plan, folder / DOCUMENT_FILE)
    report.write_pdf(content, plan, folder / PDF_FILE)
    report.write_html(content, plan, folder / PAGE_FILE)
    return folder / DOCUMENT_FILE


def write_council_cases(folder: Path, plan: Plan) -> list[Path]:
    """Write a page of facts and a map for every kommune's council."""
    return report.write_council_cases(read_json(folder / PLAN_FILE), plan, folder / CASES_FOLDER)


def write_package(folder: Path, plan: Plan) -> Path:
    """Write the plan as a described package of open data; give its folder."""
    package = folder / PACKAGE_FOLDER
    exchange.write_data_package(read_json(folder / PLAN_FILE), plan, package)
    return package


def write_dispatch(folder: Path) -> Path:
    """Write the plan document and map as a SvarUt dispatch on disk; nothing is sent."""
    files = [folder / PDF_FILE, folder / MAP_FILE]
    return exchange.write_dispatch(read_json(folder / PLAN_FILE), files, folder / DISPATCH_FOLDER)


def send_dispatch(folder: Path) -> str:
    """Send the dispatch with the credentials of the environment; give SvarUt's id."""
    credentials = exchange.credentials_from_environment()
    return exchange.send_dispatch(folder / DISPATCH_FOLDER, credentials)


def _background(folder: Path, scenario: Scenario) -> maps.Background:
    raster_file = folder / TERRAIN_FILE
    raster = terrain.read_raster(raster_file) if raster_file.is_file() else None
    sites = read_table(folder, "sites")
    return maps.Background(
        terrain=raster,
        landcover=read_table(folder, "landcover"),
        roads=read_table(folder, "roads"),
        places=read_table(folder, "places"),
        masts=sites,
        signal=map_masts(sites, raster, scenario),
    )
