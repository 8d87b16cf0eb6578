"""What the data package says of itself: Frictionless, DCAT-AP-NO and checksums."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bredband import county, tables
from bredband.inert import file_stem
from bredband.wording import sentences

LICENCE_NAME = "CC-BY-4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
_EU = "http://publications.europa.eu/resource/authority"
_FORMATS = {
    ".json": ("application/json", "JSON"),
    ".geojson": ("application/geo+json", "GEOJSON"),
    ".gpkg": ("application/geopackage+sqlite3", "GPKG"),
    ".parquet": ("application/vnd.apache.parquet", "PARQUET"),
    ".jsonld": ("application/ld+json", "JSON_LD"),
    ".csv": ("text/csv", "CSV"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "DOCX"),
    ".pdf": ("application/pdf", "PDF"),
    ".html": ("text/html", "HTML"),
}
_UNKNOWN = ("application/octet-stream", "BIN")
_KINDS = {"text": "string", "int": "integer", "float": "number", "bool": "boolean"}


@dataclass(frozen=True)
class Resource:
    """One file of the package."""

    path: str
    size_bytes: int
    sha256: str
    media_type: str
    file_type: str


def describe(folder: Path, files: Iterable[Path]) -> list[Resource]:
    """Note name, size and SHA-256 of every file, in the order of their names."""
    resources = []
    for file in sorted(files):
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        name, size = file.relative_to(folder).as_posix(), file.stat().st_size
        file_type = _FORMATS.get(file.suffix, _UNKNOWN)[1]
        resources.append(Resource(name, size, digest, media_type(file), file_type))
    return resources


def media_type(file: Path) -> str:
    """Give the media type of a file from its ending, the same on every machine."""
    return _FORMATS.get(file.suffix, _UNKNOWN)[0]


def write_metadata(
    document: Mapping[str, Any], folder: Path, files: Iterable[Path], bounds_deg: Sequence[float]
) -> list[Path]:
    """Write ``datapackage.json``, ``dcat.jsonld`` and ``SHA256SUMS`` for the files of a folder.

    Parameters
    ----------
    document
        The content of ``plan.json``.
    folder
        Where the three files are written; every other file lies in it or below it.
    files
        The files that the package consists of.
    bounds_deg
        West, south, east and north of the county in degrees, WGS 84.

    Returns
    -------
    The three files.
    """
    resources = describe(folder, files)
    package, catalogue = folder / "datapackage.json", folder / "dcat.jsonld"
    county.write_json(package, data_package(document, resources))
    county.write_json(catalogue, dcat(document, resources, bounds_deg))
    sums = folder / "SHA256SUMS"
    listed = [*resources, *describe(folder, [package, catalogue])]
    with county.replacing(sums) as temporary:
        lines = "".join(f"{resource.sha256}  {resource.path}\n" for resource in listed)
        temporary.write_text(lines, encoding="utf-8", newline="\n")
    return [package, catalogue, sums]


def data_package(document: Mapping[str, Any], resources: Sequence[Resource]) -> dict[str, Any]:
    """Describe the package by the Frictionless Data Package standard, version 2.

    The columns of every table come from the data model; nothing is guessed from the files.
    """
    publication = document["publication"]
    say = sentences("exchange", publication["language"])
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": _identifier(document).lower(),
        "title": _title(document),
        "description": _description(document),
        "version": document["schema_version"],
        "created": f"{publication['created_on']}T00:00:00Z",
        "keywords": say["package_keywords"].split(";"),
        "licenses": [{"name": LICENCE_NAME, "path": LICENCE_URL}],
        "contributors": [{"title": publication["organisation"], "roles": ["publisher"]}]
        if publication["organisation"]
        else [],
        "sources": _sources(document),
        "resources": [_resource(resource) for resource in resources],
    }


def _sources(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """List every input file with its publisher and terms."""
    return [
        {
            "title": " – ".join(part for part in (file["publisher"], file["file"]) if part),
            "version": file["date"] or f"sha256:{file['sha256']}",
            **({"licence": file["licence"]} if file["licence"] else {}),
        }
        for file in document["provenance"].get("files", [])
    ]


def _resource(resource: Resource) -> dict[str, Any]:
    path = Path(resource.path)
    described: dict[str, Any] = {
        "name": file_stem(resource.path.replace("/", "-").replace(".", "-")).lower(),
        "path": resource.path,
        "format": path.suffix.removeprefix("."),
        "mediatype": resource.media_type,
        "bytes": resource.size_bytes,
        "hash": f"sha256:{resource.sha256}",
    }
    table = tables.TABLES.get(path.stem)
    if path.suffix == ".parquet" and table is not None:
        described["description"] = table.meaning
        fields = [
            {"name": column.name, "type": _KINDS[column.kind], "description": column.meaning}
            for column in table.columns
        ]
        if table.geometry:
            fields.append({"name": "geometry", "type": "any", "description": "EPSG:25833"})
        described["schema"] = {"fields": fields, "primaryKey": list(table.key)}
    return described


def dcat(
    document: Mapping[str, Any], resources: Sequence[Resource], bounds_deg: Sequence[float]
) -> dict[str, Any]:
    """Describe the package as one dataset by DCAT-AP-NO 3, in JSON-LD.

    Every file is a distribution whose address is relative to this file; whoever publishes
    the package elsewhere gives it a base address.
    """
    publication, years = document["publication"], document["by_year"]
    say, language = sentences("exchange", publication["language"]), publication["language"]
    tongue = {"nb": "NOB", "nn": "NNO"}[language]
    identifier = f"urn:bredband:{_identifier(document)}"
    publisher = publication["organisation"] or publication["county"]
    west, south, east, north = bounds_deg
    box = (
        f"POLYGON(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"
    )
    return {
        "@context": _CONTEXT,
        "@id": identifier,
        "@type": "dcat:Dataset",
        "dct:identifier": identifier,
        "dct:title": {"@language": language, "@value": _title(document)},
        "dct:description": {"@language": language, "@value": _description(document)},
        "dct:publisher": {
            "@id": f"{identifier}:publisher",
            "@type": "foaf:Agent",
            "foaf:name": {"@language": language, "@value": publisher},
        },
        "dcat:contactPoint": {
            "@id": f"{identifier}:contact",
            "@type": "vcard:Organization",
            "vcard:fn": {"@language": language, "@value": publisher},
        },
        "dcat:theme": [{"@id": f"{_EU}/data-theme/{theme}"} for theme in ("TECH", "REGI")],
        "dcat:keyword": [
            {"@language": language, "@value": word} for word in say["package_keywords"].split(";")
        ],
        "dct:language": {"@id": f"{_EU}/language/{tongue}"},
        "dct:accessRights": {"@id": f"{_EU}/access-right/PUBLIC"},
        "dct:issued": {"@type": "xsd:date", "@value": publication["created_on"]},
        "dcat:version": document["schema_version"],
        "dct:spatial": {
            "@type": "dct:Location",
            "dcat:bbox": {"@type": "geo:wktLiteral", "@value": box},
        },
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@type": "xsd:gYear", "@value": str(years[0]["build_year"])},
            "dcat:endDate": {"@type": "xsd:gYear", "@value": str(years[-1]["build_year"])},
        },
        "dct:provenance": {
            "@type": "dct:ProvenanceStatement",
            "rdfs:label": {
                "@language": language,
                "@value": "; ".join(source["title"] for source in _sources(document)) or "–",
            },
        },
        "dcat:distribution": [_distribution(resource) for resource in resources],
    }


def _distribution(resource: Resource) -> dict[str, Any]:
    return {
        "@id": f"{resource.path}#distribution",
        "@type": "dcat:Distribution",
        "dct:title": resource.path,
        "dcat:accessURL": {"@id": resource.path},
        "dcat:downloadURL": {"@id": resource.path},
        "dct:license": {"@id": f"{_EU}/licence/CC_BY_4_0"},
        "dct:format": {"@id": f"{_EU}/file-type/{resource.file_type}"},
        "dcat:mediaType": {
            "@id": f"https://www.iana.org/assignments/media-types/{resource.media_type}"
        },
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(resource.size_bytes)},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": resource.sha256},
        },
    }


_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def _identifier(document: Mapping[str, Any]) -> str:
    publication = document["publication"]
    return file_stem(f"{publication['county']}-{publication['title']}-{publication['created_on']}")


def _title(document: Mapping[str, Any]) -> str:
    publication = document["publication"]
    say = sentences("exchange", publication["language"])
    title = say["package_title"].format(county=publication["county"])
    return f"{title} ({say['synthetic']})" if publication["synthetic"] else title


def _description(document: Mapping[str, Any]) -> str:
    publication = document["publication"]
    say = sentences("exchange", publication["language"])
    text = say["package_description"].format(county=publication["county"])
    label = f"{say['synthetic']}. {publication['synthetic_note']}".strip()
    return f"{text} {label}" if publication["synthetic"] else text
