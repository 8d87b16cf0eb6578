"""Write the address table as Kartverket delivers it: 46 columns, BOM, semicolons, CRLF."""

from __future__ import annotations

import uuid
from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import Transformer

from . import names
from .addresses import EXTRACT, SPACE
from .place import EPSG, HAMLETS, KOMMUNER, SETTLEMENTS, SOUTH_M, WEST_M

HEADER = (
    "lokalid;kommunenummer;kommunenavn;adressetype;adressetilleggsnavn;adressetilleggsnavnKilde;"
    "adressekode;adressenavn;nummer;bokstav;gardsnummer;bruksnummer;festenummer;undernummer;"
    "adresseTekst;adresseTekstUtenAdressetilleggsnavn;EPSG-kode;Nord;Øst;postnummer;poststed;"
    "grunnkretsnummer;grunnkretsnavn;soknenummer;soknenavn;organisasjonsnummer;tettstednummer;"
    "tettstednavn;valgkretsnummer;valgkretsnavn;oppdateringsdato;datauttaksdato;adresseId;uuidAdresse;"
    "atkomstId;uuidAtkomst;atkomstNord;atkomstØst;sommeratkomstId;uuidSommeratkomst;sommeratkomstNord;"
    "sommeratkomstØst;vinteratkomstId;uuidVinteratkomst;vinteratkomstNord;vinteratkomstØst"
)
SOURCES = ("krevdAvEier", "anmodetAvHjemmelshaver", "tildeltAvKommunen")
PARISH = {
    "9901": ("99010101", "Fjordvik"),
    "9902": ("99020101", "Granelv"),
    "9903": ("99030101", "Skarheim"),
}
CHURCH_NUMBER = {"9901": "999999901", "9902": "999999902", "9903": "999999903"}
POST = (  # post code, post town, km
    ("9971", "FJORDVIK", (18.7, 15.9)),
    ("9972", "NORDBOTN", (14.6, 21.6)),
    ("9973", "SUNDVÅG", (7.3, 16.9)),
    ("9974", "HAVNES", (7.0, 24.0)),
    ("9975", "GRANELV", (28.3, 18.3)),
    ("9976", "NORDELVDAL", (20.5, 24.3)),
    ("9977", "SKARHEIM", (16.3, 6.2)),
    ("9978", "YTTERSKAR", (8.5, 8.0)),
    ("9979", "Å I SKAR", (11.0, 12.8)),
)


def with_post(premises: pd.DataFrame) -> pd.DataFrame:
    """Give every address the post code of the nearest post town."""
    km = (premises[["x", "y"]].to_numpy() - [WEST_M, SOUTH_M]) / 1000
    centres = np.array([post[2] for post in POST])
    nearest = np.hypot(*(km[:, None] - centres[None]).transpose(2, 0, 1)).argmin(axis=1)
    premises = premises.copy()
    premises["postnummer"] = [POST[k][0] for k in nearest]
    premises["poststed"] = [POST[k][1] for k in nearest]
    return premises


def write_addresses(path: Path, premises: pd.DataFrame, rng: np.random.Generator) -> None:
    """Write the Matrikkelen address CSV."""
    path.write_bytes(address_bytes(premises, rng))


def address_bytes(premises: pd.DataFrame, rng: np.random.Generator) -> bytes:
    """Return the Matrikkelen address CSV as the bytes of the file."""
    krets_name = _krets_names(premises)
    tettsted = {s.name: s.number for s in SETTLEMENTS}
    other = {
        25832: rng.choice(len(premises), 6, replace=False),
        4258: rng.choice(len(premises), 6, replace=False),
    }
    epsg = np.full(len(premises), EPSG)
    for code, rows in other.items():
        epsg[rows] = code
    into = {code: Transformer.from_crs(EPSG, code, always_xy=True) for code in other}
    shift = rng.normal(0, 1, (len(premises), 2))
    updated = rng.integers(0, 15 * 365 * 86400, len(premises))
    source = rng.choice(SOURCES, len(premises), p=(0.3, 0.1, 0.6))
    lines = [HEADER]
    for i, row in enumerate(premises.itertuples()):
        kommune = KOMMUNER[row.kommune]
        x, y = row.x, row.y
        drop = (x + 35 * shift[i, 0], y + 35 * shift[i, 1])
        if epsg[i] != EPSG:
            x, y = into[int(epsg[i])].transform(x, y)
            drop = into[int(epsg[i])].transform(*drop)
        digits = 8 if epsg[i] == 4258 else 2
        road = not row.matrikkel
        plain = f"{row.road_name} {row.number}{row.letter}" if road else _farm_text(row)
        day = pd.Timestamp("2011-06-01") + pd.Timedelta(seconds=int(updated[i]))
        stamp = day.strftime("%d.%m.%Y %H:%M:%S") + ("", ".5", ".367", ".104233")[i % 4]
        farm = row.farm if road else ""
        access = row.atkomst
        cells = [
            row.adresse_id, kommune.number, kommune.name, "vegadresse" if road else "matrikkeladresse",
            farm, source[i] if farm else "", row.code if road else "", row.road_name if road else "",
            row.number if road else "", row.letter if road else "", row.gnr, row.bnr, row.fnr or "", "",
            f"{farm}, {plain}" if farm else plain, plain, epsg[i], _number(y, digits), _number(x, digits),
            row.postnummer, row.poststed, _krets_number(kommune.number, row.krets),
            krets_name[row.kommune, row.krets], *PARISH[kommune.number], CHURCH_NUMBER[kommune.number],
            tettsted.get(row.tettsted, ""), row.tettsted, 1 + row.krets % 4,
            krets_name[row.kommune, row.krets % 4], stamp, EXTRACT, row.adresse_id, row.uuid,
            row.adresse_id + 5_000_000 if access else "", _access_uuid(row.uuid) if access else "",
            _number(drop[1], digits) if access else "", _number(drop[0], digits) if access else "",
            *[""] * 8,
        ]  # fmt: skip
        lines.append(";".join(str(cell) for cell in cells))
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _farm_text(row: object) -> str:
    festenummer = f"/{row.fnr}" if row.fnr else ""  # type: ignore[attr-defined]
    return f"{row.gnr}/{row.bnr}{festenummer}"  # type: ignore[attr-defined]


def _access_uuid(address: str) -> str:
    return str(uuid.uuid5(SPACE, "atkomst " + address))


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")


def _krets_number(kommune: str, krets: int) -> str:
    return f"{kommune}{1 + krets // 5:02d}{1 + krets % 5:02d}"


def _krets_names(premises: pd.DataFrame) -> dict[tuple[int, int], str]:
    """Name each grunnkrets after the hamlet or settlement nearest to its middle."""
    known = [(name, km) for name, km in HAMLETS] + [(s.name, s.centre_km) for s in SETTLEMENTS]
    taken: set[str] = set()
    found = {}
    middles = premises.groupby(["kommune", "krets"])[["x", "y"]].mean()
    rng = np.random.default_rng(40)
    for key, middle in middles.iterrows():
        x, y = (middle.x - WEST_M) / 1000, (middle.y - SOUTH_M) / 1000
        order = sorted(known, key=lambda item: float(np.hypot(item[1][0] - x, item[1][1] - y)))
        name = order[0][0]
        if name in taken:
            name = names.farm_name(rng)
        taken.add(name)
        found[key] = name
    return found  # type: ignore[return-value]
