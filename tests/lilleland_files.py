"""Lilleland written as the publishers' own files."""

from __future__ import annotations

import json
from pathlib import Path

import pyproj

from tests import lilleland

_HEADER = (
    "lokalid;kommunenummer;kommunenavn;adressetype;adressetilleggsnavn;adressetilleggsnavnKilde;"
    "adressekode;adressenavn;nummer;bokstav;gardsnummer;bruksnummer;festenummer;undernummer;"
    "adresseTekst;adresseTekstUtenAdressetilleggsnavn;EPSG-kode;Nord;Øst;postnummer;poststed;"
    "grunnkretsnummer;grunnkretsnavn;soknenummer;soknenavn;organisasjonsnummer;tettstednummer;"
    "tettstednavn;valgkretsnummer;valgkretsnavn;oppdateringsdato;datauttaksdato;adresseId;"
    "uuidAdresse;atkomstId;uuidAtkomst;atkomstNord;atkomstØst;sommeratkomstId;uuidSommeratkomst;"
    "sommeratkomstNord;sommeratkomstØst;vinteratkomstId;uuidVinteratkomst;vinteratkomstNord;"
    "vinteratkomstØst"
)

_SCENARIO = """\
name = "Lilleland"
county = "Lilleland"
synthetic = true

[sources]
addresses = ["adresser.csv"]
borders = ["grenser.geojson"]
roads = ["veger.osm"]
lit_fibre = ["tente.csv"]
operators = ["fbb.csv"]

[costs]
slope_surcharge_share = 0
drop_nok_per_m = { low_nok = 0, likely_nok = 0, high_nok = 0 }
connection_nok = { low_nok = 500, likely_nok = 1000, high_nok = 2000 }
cabinet_nok = { low_nok = 0, likely_nok = 0, high_nok = 0 }
splice_nok = { low_nok = 0, likely_nok = 0, high_nok = 0 }
joint_nok = { low_nok = 0, likely_nok = 0, high_nok = 0 }
permit_nok = { low_nok = 0, likely_nok = 0, high_nok = 0 }
winter_share = 0
remoteness_surcharge_share = 0

[costs.road_fee_nok_per_m]
municipal = { low_nok = 0, likely_nok = 0, high_nok = 0 }

[costs.trench_nok_per_m]
soft = { low_nok = 0, likely_nok = 100, high_nok = 200 }
verge = { low_nok = 0, likely_nok = 100, high_nok = 200 }

[areas]
fewest_households = 2
most_households = 6
longest_gap_m = 1500

[funding]
operator_nok_per_household = 0

[priorities]
lacking_30_weight = 1

[rollout]
first_year = 2027
annual_grant_nok = [110000, 210000, 100000]
"""


def write(folder: Path) -> Path:
    """Write the files; give the scenario's path."""
    folder.mkdir(parents=True)
    county = lilleland.county()
    (folder / "adresser.csv").write_bytes(_addresses(county).encode("utf-8-sig"))
    (folder / "fbb.csv").write_text(
        "adrid;tilb;tek;ned;opp;hc;egen\n1000;Lillenett;fiber;1000000;1000000;true;true\n", "utf-8"
    )
    (folder / "tente.csv").write_text(
        f"punkt_id;navn;eier;ost;nord;epsg\ns1;Start;Lillenett;{lilleland.X0};{lilleland.Y0 - 10};25833\n",
        "utf-8",
    )
    border = county.kommuner.to_crs("EPSG:4326").geometry.iloc[0]
    feature = {
        "type": "Feature",
        "properties": {"kommunenummer": "9901", "kommunenavn": "Lilleland"},
        "geometry": border.__geo_interface__,
    }
    collection = {"type": "FeatureCollection", "features": [feature]}
    (folder / "grenser.geojson").write_text(json.dumps(collection), "utf-8")
    (folder / "veger.osm").write_text(_road(), "utf-8")
    (folder / "scenario.toml").write_text(_SCENARIO, "utf-8")
    return folder / "scenario.toml"


def _addresses(county: lilleland.County) -> str:
    names = _HEADER.split(";")
    lines = [_HEADER]
    for i, row in enumerate(county.premises.itertuples()):
        cells = dict.fromkeys(names, "")
        cells |= {
            "lokalid": str(1000 + i),
            "kommunenummer": "9901",
            "kommunenavn": "LILLELAND",
            "adressetype": "vegadresse",
            "adressekode": "1000",
            "adressenavn": row.street,
            "nummer": row.house_number,
            "gardsnummer": "1",
            "bruksnummer": "1",
            "adresseTekst": row.address,
            "adresseTekstUtenAdressetilleggsnavn": row.address,
            "EPSG-kode": "25833",
            "Nord": str(row.geometry.y),
            "Øst": str(row.geometry.x),
            "postnummer": "0001",
            "poststed": "LILLELAND",
            "grunnkretsnummer": "99010101",
            "adresseId": str(1000 + i),
        }
        lines.append(";".join(cells[name] for name in names))
    return "\r\n".join(lines) + "\r\n"


def _road() -> str:
    to_degrees = pyproj.Transformer.from_crs("EPSG:25833", "EPSG:4326", always_xy=True)
    # A vertex every 30 m keeps the line straight in the plane as well as in degrees.
    xs = [lilleland.X0 + 10 * i for i in range(602)]
    nodes, refs = [], []
    for i, x in enumerate(xs, start=1):
        lon, lat = to_degrees.transform(x, lilleland.Y0)
        nodes.append(f'<node id="{i}" lat="{lat:.9f}" lon="{lon:.9f}" version="1"/>')
        refs.append(f'<nd ref="{i}"/>')
    tags = '<tag k="highway" v="unclassified"/><tag k="surface" v="gravel"/>'
    way = f'<way id="1" version="1">{"".join(refs)}{tags}</way>'
    return f'<?xml version="1.0"?><osm version="0.6">{"".join(nodes)}{way}</osm>'
