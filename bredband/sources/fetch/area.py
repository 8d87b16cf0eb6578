"""Which files a kommune or fylke needs, and where their publishers keep them."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

import numpy as np
import pyproj

from bredband.errors import InputError
from bredband.grid import WORKING_CRS
from bredband.sources.fetch.download import (
    Fetched,
    MissingError,
    Patience,
    download,
    get_json,
    get_text,
)

AT_ONCE = 4
PAGE = 1000
DTM_CELL_M, DTM_SIDE_CELLS = 10, 2000
ADDRESS_UUID = "f7df7a18-b30f-4745-bd64-d0863812350c"
N50_UUID = "ea192681-d039-42ec-b1bc-f3ce04c189ac"
KARTVERKET, VEGVESEN, CC_BY, NLOD = "Kartverket", "Statens vegvesen", "CC BY 4.0", "NLOD 1.0"
_ASCII = str.maketrans({"æ": "e", "ø": "o", "å": "a", "Æ": "E", "Ø": "O", "Å": "A", " ": "_"})
_ATOM = "{http://www.w3.org/2005/Atom}"

Wait = Callable[[float], None]


@dataclass(frozen=True)
class Hosts:
    """Where the publishers answer."""

    geonorge: str = "https://nedlasting.geonorge.no"
    kommuneinfo: str = "https://ws.geonorge.no/kommuneinfo/v1"
    nvdb: str = "https://nvdbapiles.atlas.vegvesen.no/vegnett/api/v4"
    wcs: str = "https://wcs.geonorge.no/skwms1/wcs.hoyde-dtm-nhm-25833"


@dataclass(frozen=True)
class Area:
    """A kommune or fylke: its number, name, the kommuner in it, and its extent."""

    number: str
    name: str
    kommuner: tuple[str, ...]
    bounds_m: tuple[float, float, float, float]


def find_area(
    wanted: str,
    hosts: Hosts | None = None,
    *,
    patience: Patience | None = None,
    wait: Wait = time.sleep,
) -> Area:
    """Find a kommune or fylke by number or name.

    Raises
    ------
    InputError
        When none or several answer to the name.
    """
    address = f"{(hosts or Hosts()).kommuneinfo}/fylkerkommuner"
    fylker = get_json(address, patience=patience, wait=wait)
    found = []
    for fylke in fylker:
        kommuner = fylke["kommuner"]
        names = {fylke["fylkesnummer"], *_names(fylke["fylkesnavn"])}
        if wanted.casefold() in names:
            numbers = tuple(sorted(k["kommunenummer"] for k in kommuner))
            found.append((fylke["fylkesnummer"], fylke["fylkesnavn"], numbers, fylke))
        for kommune in kommuner:
            names = {
                kommune["kommunenummer"],
                *_names(kommune["kommunenavn"]),
                *_names(kommune["kommunenavnNorsk"]),
            }
            if wanted.casefold() in names:
                number = kommune["kommunenummer"]
                found.append((number, kommune["kommunenavnNorsk"], (number,), kommune))
    if wanted == "03" or wanted.casefold() == "oslo":  # fylke and kommune are the same
        found = found[-1:]
    if len(found) != 1:
        many = ", ".join(f"{number} {name}" for number, name, *_ in found)
        raise InputError(
            f"«{wanted}» er flere: {many}."
            if found
            else f"kjenner ingen kommune eller fylke «{wanted}».",
            advice="Bruk nummeret.",
        )
    number, name, kommuner, place = found[0]
    return Area(number, name.split(" - ")[0], kommuner, _bounds(place))


def fetch_area(
    area: Area,
    folder: Path,
    *,
    hosts: Hosts | None = None,
    patience: Patience | None = None,
    wait: Wait = time.sleep,
    report: Callable[[str], None] | None = None,
) -> list[Fetched]:
    """Fetch addresses, borders, land cover, roads and terrain of an area into a folder.

    At most four files at once. What is there already is not fetched again, so a job that
    broke is taken up by giving the same command.

    Raises
    ------
    InputError
        Naming every file that could not be fetched; the others are kept.
    """
    where = hosts or Hosts()
    calm = patience or Patience()
    jobs = _jobs(area, folder, where, calm, wait)
    fetched, faults = [], []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for name, job in [(name, pool.submit(work)) for name, work in jobs]:
            try:
                fetched += job.result()
                if report:
                    report(name)
            except InputError as fault:
                faults.append(f"{name}: {fault}")
    if faults:
        raise InputError("kunne ikke hente " + "; ".join(faults))
    return fetched


def file_name(area: Area, product: str, form: str) -> str:
    """Give the name Geonorge's delivery has: ``Basisdata_5610_Karasjok_25833_…_CSV.zip``."""
    return f"Basisdata_{area.number}_{area.name.translate(_ASCII)}_25833_{product}_{form}.zip"


def _jobs(
    area: Area, folder: Path, where: Hosts, calm: Patience, wait: Wait
) -> list[tuple[str, Callable[[], list[Fetched]]]]:
    norway = Area("0000", "Norge", (), area.bounds_m)
    products = (
        ("adresser", "MatrikkelenAdresse", "CSV", ADDRESS_UUID, area),
        ("arealdekke", "N50Kartdata", "FGDB", N50_UUID, area),
        ("grenser", "Kommuner", "GeoJSON", "", norway),
    )
    jobs: list[tuple[str, Callable[[], list[Fetched]]]] = [
        (room, partial(_product, folder / room, of, product, form, uuid, where, calm, wait))
        for room, product, form, uuid, of in products
    ]
    jobs += [
        (f"veger {k}", partial(_roads, folder / "veger", k, where, calm, wait))
        for k in area.kommuner
    ]
    jobs += [
        (f"terreng {target.name}", partial(_tile, url, target, calm, wait))
        for url, target in _tiles(area, folder / "terreng", where)
    ]
    return jobs


def _product(
    folder: Path,
    area: Area,
    product: str,
    form: str,
    uuid: str,
    where: Hosts,
    calm: Patience,
    wait: Wait,
) -> list[Fetched]:
    """Fetch from the direct address, else from the Atom feed's, else by an order."""
    name = file_name(area, product, form)
    get = partial(download, publisher=KARTVERKET, licence=CC_BY, patience=calm, wait=wait)
    direct = f"{where.geonorge}/geonorge/Basisdata/{product}/{form}/{quote(name)}"
    try:
        return [get(direct, folder / name)]
    except MissingError:
        listed = _in_feed(area, product, form, where, calm, wait)
    if listed:
        return [get(listed, folder / name)]
    if not uuid:
        raise MissingError(f"{direct} finnes ikke hos utgiveren.")
    return [get(_order(area, form, uuid, where, calm, wait), folder / name)]


def _in_feed(area: Area, product: str, form: str, where: Hosts, calm: Patience, wait: Wait) -> str:
    """Look the area up in the product's Atom feed; empty where it is not listed."""
    url = f"{where.geonorge}/geonorge/ATOM-feeds/{product}_AtomFeed{form}.xml"
    try:
        feed = ET.fromstring(get_text(url, patience=calm, wait=wait))  # noqa: S314  no entities used
    except (MissingError, ET.ParseError):
        return ""
    for entry in feed.iter(f"{_ATOM}entry"):
        terms = {category.get("term", "") for category in entry.iter(f"{_ATOM}category")}
        for link in entry.iter(f"{_ATOM}link"):
            href = link.get("href", "")
            if f"_{area.number}_" in href and "EPSG:25833" in terms:
                return href
    return ""


def _order(area: Area, form: str, uuid: str, where: Hosts, calm: Patience, wait: Wait) -> str:
    """Order the file of Geonorge's download API and wait until it is ready."""
    line = {
        "metadataUuid": uuid,
        "areas": [
            {"code": area.number, "type": "kommune" if len(area.number) == 4 else "fylke", "name": area.name}
        ],
        "projections": [
            {"code": "25833", "name": "EUREF89 UTM sone 33, 2d", "codespace": "http://www.opengis.net/def/crs/EPSG/0/25833"}
        ],
        "formats": [{"name": form}],
    }  # fmt: skip
    body = {"email": "", "orderLines": [line]}
    answer = get_json(f"{where.geonorge}/api/order", body=body, patience=calm, wait=wait)
    for attempt in range(calm.tries):
        for file in answer.get("files", []):
            if file.get("status") == "ReadyForDownload" and file.get("downloadUrl"):
                return str(file["downloadUrl"])
        wait(min(calm.first_wait_s * 2**attempt, 60.0))
        number = quote(str(answer.get("referenceNumber", "")))
        answer = get_json(f"{where.geonorge}/api/order/{number}", patience=calm, wait=wait)
    raise InputError(f"bestillingen av {area.name} hos Geonorge ble ikke ferdig.")


def _roads(folder: Path, kommune: str, where: Hosts, calm: Patience, wait: Wait) -> list[Fetched]:
    """Fetch every page of a kommune's road links; each page is a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    fetched = []
    start = ""
    for page in itertools.count(1):
        query = {"kommune": kommune, "antall": PAGE} | ({"start": start} if start else {})
        url = f"{where.nvdb}/veglenkesekvenser?{urlencode(query)}"
        target = folder / f"nvdb_{kommune}_{page:03d}.json"
        fetched.append(
            download(url, target, publisher=VEGVESEN, licence=NLOD, patience=calm, wait=wait)
        )
        try:
            answer = json.loads(target.read_text(encoding="utf-8"))
            following = answer["metadata"].get("neste") or {}
            more = bool(answer["objekter"]) and bool(following.get("start"))
        except (ValueError, KeyError, AttributeError):
            target.unlink()
            raise InputError("svaret fra NVDB er ikke som ventet.", file=target) from None
        if not more or str(following["start"]) == start:
            return fetched
        start = str(following["start"])
    return fetched


def _tiles(area: Area, folder: Path, where: Hosts) -> list[tuple[str, Path]]:
    """Give the terrain tiles over an area: at most 2000 cells of 10 m to a side."""
    side = DTM_CELL_M * DTM_SIDE_CELLS
    west, south = (np.floor(np.array(area.bounds_m[:2]) / side) * side).astype(int)
    east, north = (np.ceil(np.array(area.bounds_m[2:]) / side) * side).astype(int)
    tiles = []
    for x in range(west, east, side):
        for y in range(south, north, side):
            query = {
                "service": "WCS", "version": "1.0.0", "request": "GetCoverage",
                "coverage": "nhm_dtm_topo_25833", "crs": WORKING_CRS, "response_crs": WORKING_CRS,
                "bbox": f"{x},{y},{x + side},{y + side}", "width": DTM_SIDE_CELLS,
                "height": DTM_SIDE_CELLS, "format": "GeoTIFF",
            }  # fmt: skip
            tiles.append((f"{where.wcs}?{urlencode(query)}", folder / f"dtm10_{x}_{y}.tif"))
    return tiles


def _tile(url: str, target: Path, calm: Patience, wait: Wait) -> list[Fetched]:
    """Fetch a tile; an answer that is no GeoTIFF is the service's fault report."""
    fetched = download(url, target, publisher=KARTVERKET, licence=CC_BY, patience=calm, wait=wait)
    with target.open("rb") as file:
        if file.read(4) not in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            target.unlink()
            raise InputError(f"{url} ga ikke en GeoTIFF.", advice="Prøv igjen senere.")
    return [fetched]


def _names(name: str) -> set[str]:
    return {part.casefold() for part in [name, *name.split(" - ")]}


def _bounds(place: dict[str, Any]) -> tuple[float, float, float, float]:
    corners = np.array(place["avgrensningsboks"]["coordinates"][0], dtype=np.float64)
    to = pyproj.Transformer.from_crs("EPSG:4258", WORKING_CRS, always_xy=True)
    low, high = corners.min(axis=0), corners.max(axis=0)
    west, south, east, north = to.transform_bounds(low[0], low[1], high[0], high[1], densify_pts=21)
    return west, south, east, north
