"""Which files the county has, and whose they are."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bredband.scenario.section import Section


class Sources(Section):
    """Files of the publishers, relative to the scenario file; ``*`` may be used."""

    addresses: tuple[str, ...] = Field(
        description="Matrikkelen – Adresse: CSV, FGDB eller GML, også i zip, eller OSM-fil "
        "(.osm, .osm.pbf)."
    )
    buildings: tuple[str, ...] = Field(
        (),
        description="Matrikkelen – Bygningspunkt: FGDB, GML eller GeoPackage. Skiller "
        "fritidsboliger (bygningstype 161–163), boliger og næringsbygg.",
    )
    building_distance_m: float = Field(
        50.0,
        ge=0,
        le=500,
        description="Lengste avstand fra en adresse til bygningen den får bruken fra (meter). Anslag.",
    )
    borders: tuple[str, ...] = Field(description="Kommunegrenser: GeoJSON eller GeoPackage.")
    roads: tuple[str, ...] = Field(
        (),
        description="Vegnett: OSM (.osm, .osm.pbf), NVDB (GML, JSON) eller GeoPackage. "
        "Uten vegfil bygges et vegskjelett av adressene selv.",
    )
    road_names: dict[Literal["id", "road_class", "surface", "structure"], str] = Field(
        default_factory=dict,
        description="Hva vegfila (GeoPackage, GeoJSON) kaller id, vegklasse, dekke og bru/tunnel, "
        'for eksempel { surface = "toppdekke" }. Kjente navn trengs ikke.',
    )
    terrain: tuple[str, ...] = Field(
        (),
        description="Terrengmodell DTM10/DTM1: GeoTIFF-fliser. Der de første flisene mangler høyde, "
        "brukes de neste, for eksempel Copernicus GLO-30.",
    )
    terrain_cell_m: float = Field(
        10.0,
        gt=0,
        le=1000,
        description="Minste rute i terrenget (meter); finere fliser (DTM1) regnes om til den.",
    )
    surface: tuple[str, ...] = Field(
        (),
        description="Overflatemodell DOM1/DOM10 med trær og bygninger: GeoTIFF-fliser. "
        "Da stenger skog og hus for radio; uten den regnes det over bart terreng.",
    )
    landcover: tuple[str, ...] = Field((), description="Arealdekke (N50): polygoner med objtype.")
    deposits: tuple[str, ...] = Field(
        (), description="Løsmasser (NGU): polygoner med losmassetype."
    )
    lit_fibre: tuple[str, ...] = Field(
        (), description="Tente fiberpunkter: CSV eller GeoPackage. Nettet bygges ut herfra."
    )
    ducts: tuple[str, ...] = Field(
        (), description="Eksisterende trekkerør: GeoJSON, GeoPackage eller NVDB (GML)."
    )
    poles: tuple[str, ...] = Field(
        (),
        description="Eksisterende stolperekker som kabel kan henges på: GeoJSON eller GeoPackage.",
    )
    masts: tuple[str, ...] = Field((), description="Master: CSV.")
    household_counts: tuple[str, ...] = Field(
        (), description="Husstander per adresse (adrid;hus;fritid) eller Leilighetsnivå: CSV."
    )
    dwellings_grid: tuple[str, ...] = Field(
        (), description="SSB boliger eller befolkning per rute: CSV."
    )
    business_grid: tuple[str, ...] = Field((), description="SSB bedrifter per rute: CSV.")
    operators: tuple[str, ...] = Field(
        (), description="Tilbydernes dekning per adresse (adrid;tilb;tek;ned;opp;hc): CSV/Parquet."
    )
    planned: tuple[str, ...] = Field(
        (), description="Planlagt kommersiell utbygging innen tre år: CSV."
    )
    lacking: tuple[str, ...] = Field(
        (),
        description="Nkoms lister Mangler_30/100Mbit: CSV. Datakvalitetsrapporten viser hvor de og "
        "tilbydernes dekning er uenige; planen bygger på dekningen.",
    )
    survey: tuple[str, ...] = Field((), description="Svar fra spørreundersøkelse: CSV.")
    speed_tests: tuple[str, ...] = Field((), description="Fartstester: CSV.")
    calls: tuple[str, ...] = Field(
        (),
        description="Ringelista fra «bredband conflicts», med ja eller nei i kolonnen svar: CSV. "
        "Fylket har valgt hvem som spørres, så svarene er ikke farget av hvem som klager.",
    )
    hearing: tuple[str, ...] = Field(
        (),
        description="Svar fra høringen, på lista fra «bredband consult export»: CSV. De som er tatt inn med "
        "«bredband consult import», ligger i fylkesmappa og er med uten å stå her. Det siste svaret gjelder.",
    )
    kommune_tables: tuple[str, ...] = Field(
        (), description="Nkoms kommunetabell for fast bredbånd: CSV eller XLSX."
    )
    funded: tuple[str, ...] = Field(
        (), description="Områder som alt har fått støtte: polygoner. De kan ikke få støtte igjen."
    )
    auction_5g: tuple[str, ...] = Field(
        (), description="Områder med utbyggingsplikt fra 5G-auksjonen: polygoner. Får ikke støtte."
    )
    places: tuple[str, ...] = Field((), description="Stedsnavn til kartet: CSV.")
    crs: str = Field(
        "EPSG:25833", description="Projeksjon for filer som ikke selv sier hvilken de har."
    )


class Publisher(Section):
    """Who published a source, on which terms and when."""

    name: str = Field(description="Utgiver.")
    licence: str = Field(description="Lisens, for eksempel CC BY 4.0.")
    date: str = Field("", description="Dato for uttaket, ISO 8601.")


SOURCE_NAMES = {
    "addresses": "Adresser",
    "borders": "Kommunegrenser",
    "roads": "Vegnett",
    "buildings": "Bygninger",
    "terrain": "Terreng",
    "surface": "Overflate",
    "landcover": "Arealdekke",
    "deposits": "Løsmasser",
    "lit_fibre": "Tente fiberpunkter",
    "ducts": "Trekkerør",
    "poles": "Stolperekker",
    "masts": "Master",
    "household_counts": "Husstander per adresse",
    "dwellings_grid": "Boliger per rute",
    "business_grid": "Bedrifter per rute",
    "operators": "Tilbydernes dekning",
    "planned": "Planlagt utbygging",
    "lacking": "Nkoms mangellister",
    "survey": "Spørreundersøkelse",
    "speed_tests": "Fartstester",
    "calls": "Telefonrunde",
    "hearing": "Høringssvar",
    "kommune_tables": "Nkoms kommunetabell",
    "funded": "Områder med støtte",
    "auction_5g": "5G-auksjonen",
    "places": "Stedsnavn",
}
"""What the sources are called in tables for people."""
