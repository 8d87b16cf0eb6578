"""Invent road, farm and place names that sound Norwegian."""

from __future__ import annotations

import numpy as np

STREETS = (
    "Storgata", "Strandgata", "Kirkegata", "Skolegata", "Torggata", "Havnegata", "Sjøgata", "Fjordgata",
    "Brugata", "Elvegata", "Parkvegen", "Sykehusvegen", "Idrettsvegen", "17. mai-gata", "Dr. Mørks gate",
    "Håkon den godes gate", "Ole Bulls gate", "Ivar Aasens veg", "Fru Inges gate", "Nygata", "Gamlegata",
    "Prestegata", "Verftsgata", "Kaigata", "Meierigata", "Øvre gate", "Nedre gate", "Smedgata",
)  # fmt: skip
FIRST = (
    "Bjørke", "Furu", "Gran", "Rogne", "Selje", "Older", "Hassel", "Einer", "Lyng", "Mose", "Myr", "Berg",
    "Haug", "Stein", "Elve", "Bekke", "Foss", "Fjell", "Dal", "Sol", "Skog", "Eng", "Åker", "Kløver",
    "Blåklokke", "Hvitveis", "Tytteble", "Blåbær", "Multe", "Rev", "Hjorte", "Elg", "Rype", "Trost",
    "Svale", "Måke", "Ørne", "Ørret", "Torske", "Sjø", "Naust", "Brygge", "Nord", "Sør", "Øst", "Vest",
    "Ås", "Li", "Tun", "Stabburs", "Kvern", "Smie", "Seter", "Løe", "Grinde", "Brenne", "Hage", "Eple",
    "Kirsebær", "Plomme", "Tinde", "Nibbe", "Skar", "Vasse", "Tjønn", "Kvisl", "Øye", "Holme", "Nes",
)  # fmt: skip
STREET_LAST = (
    "vegen",
    "vegen",
    "bakken",
    "lia",
    "haugen",
    "stien",
    "svingen",
    "tunet",
    "kroken",
    "flata",
    "gata",
)
ROAD_LAST = (
    "vegen",
    "vegen",
    "vegen",
    "linna",
    "bygdvegen",
    "sidevegen",
    "åsvegen",
    "dalsvegen",
    "marka",
    "grenda",
)
CABIN_LAST = ("hytta", "åsen", "seterlia", "hyttegrend", "setervegen", "toppen", "stølen", "vatnet")
ODD = (
    "Čáhcegeaidnu",
    "Njárgaluodda",
    "Ø",
    "Åvegen",
    "Øvre Ø-vegen",
    "Jåvrrieluodda",
    "Nils Aas-vegen",
    "Bø-Å-vegen",
)
FARM_FIRST = (
    "Øver", "Nedre", "Nordre", "Søre", "Ytre", "Indre", "Stor", "Litle", "Gammel", "Ny",
)  # fmt: skip
FARM_LAST = (
    "garden", "bø", "voll", "stad", "rud", "set", "heim", "land", "vik", "nes", "haug", "moen", "li", "teigen",
)  # fmt: skip
PERSON = ("Ola", "Kari", "Anders", "Marit", "Lars", "Ingrid", "Per", "Solveig", "Jens", "Ragnhild")


def road_name(kind: str, taken: set[str], rng: np.random.Generator) -> str:
    """Invent a road name that the kommune does not have."""
    last = {"street": STREET_LAST, "cabin": CABIN_LAST}.get(kind, ROAD_LAST)
    while True:
        name = FIRST[int(rng.integers(len(FIRST)))] + last[int(rng.integers(len(last)))]
        if kind not in ("street", "cabin") and rng.random() < 0.12:
            name = f"{FARM_FIRST[int(rng.integers(len(FARM_FIRST)))]} {name}"
        if name not in taken:
            taken.add(name)
            return name


def farm_name(rng: np.random.Generator) -> str:
    """Invent a farm name."""
    first = FIRST[int(rng.integers(len(FIRST)))]
    name = first + FARM_LAST[int(rng.integers(len(FARM_LAST)))]
    return (
        f"{FARM_FIRST[int(rng.integers(len(FARM_FIRST)))]} {name}" if rng.random() < 0.3 else name
    )
