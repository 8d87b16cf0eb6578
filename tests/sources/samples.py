"""Small files in the publishers' formats, written by hand for the tests."""

from __future__ import annotations

from pathlib import Path

ADDRESS_HEADER = (
    "lokalid;kommunenummer;kommunenavn;adressetype;adressetilleggsnavn;adressetilleggsnavnKilde;"
    "adressekode;adressenavn;nummer;bokstav;gardsnummer;bruksnummer;festenummer;undernummer;"
    "adresseTekst;adresseTekstUtenAdressetilleggsnavn;EPSG-kode;Nord;Øst;postnummer;poststed;"
    "grunnkretsnummer;grunnkretsnavn;soknenummer;soknenavn;organisasjonsnummer;tettstednummer;"
    "tettstednavn;valgkretsnummer;valgkretsnavn;oppdateringsdato;datauttaksdato;adresseId;"
    "uuidAdresse;atkomstId;uuidAtkomst;atkomstNord;atkomstØst;sommeratkomstId;uuidSommeratkomst;"
    "sommeratkomstNord;sommeratkomstØst;vinteratkomstId;uuidVinteratkomst;vinteratkomstNord;"
    "vinteratkomstØst"
)
OLD_ADDRESS_HEADER = (
    "lokalId;kommunenummer;kommunenavn;adressetype;adressetilleggsnavn;adressetilleggsnavnKilde;"
    "adressekode;adressenavn;nummer;bokstav;gardsnummer;bruksnummer;festenummer;undernummer;"
    "adresseTekst;adresseTekstUtenAdressetilleggsnavn;EPSG-kode;Nord;Øst;postnummer;poststed;"
    "oppdateringsdato;datauttaksdato;adresseId;uuidAdresse;atkomstId;uuidAtkomst;atkomstNord;"
    "atkomstØst;sommeratkomstId;uuidSommeratkomst;sommeratkomstNord;sommeratkomstØst;"
    "vinteratkomstId;uuidVinteratkomst;vinteratkomstNord;vinteratkomstØst"
)


def address_row(header: str = ADDRESS_HEADER, **cells: object) -> str:
    """Make one row; cells not named are empty. Names are the publisher's, æøå as o and a."""
    row = {
        "lokalid": "1", "kommunenummer": "0301", "adressetype": "vegadresse", "adressenavn": "Storgata",
        "nummer": "1", "adresseTekst": "Storgata 1", "EPSG-kode": "25833", "Nord": "6650000.5",
        "Øst": "260000.25", "postnummer": "0155", "poststed": "OSLO",
    }  # fmt: skip
    row |= {name: str(value) for name, value in cells.items()}
    low = {name.lower(): value for name, value in row.items()}
    return ";".join(low.get(name.lower(), "") for name in header.split(";"))


def write(path: Path, *lines: str, encoding: str = "utf-8-sig", newline: str = "\r\n") -> Path:
    """Write lines as a text file and give its path."""
    path.write_bytes((newline.join(lines) + newline).encode(encoding))
    return path
