"""Say where the synthetic county lies, and name its kommuner, settlements and hamlets.

Every name is invented; none is a Norwegian kommune. Positions are km from the south-west corner.
"""

from __future__ import annotations

from dataclasses import dataclass

SEED = 99
EPSG = 25833
WEST_M, SOUTH_M = 100_000.0, 6_950_000.0
WIDTH_M, HEIGHT_M = 35_000.0, 30_000.0
COUNTY_NUMBER, COUNTY_NAME = "99", "Demofylket (syntetisk)"

Km = tuple[float, float]


@dataclass(frozen=True)
class Kommune:
    """A kommune and its seed points: it gets the land nearest to them, with hills counted as far."""

    number: str
    name: str
    seeds_km: tuple[Km, ...]


@dataclass(frozen=True)
class Settlement:
    """A tettsted: where it lies, how many addresses it has, the half-axes of its street grid."""

    name: str
    number: str
    centre_km: Km
    premises: int
    half_axes_m: tuple[float, float]


KOMMUNER = (
    Kommune(
        "9901",
        "FJORDVIK",
        ((18.4, 15.9), (12, 17), (8, 17), (9, 24), (4.6, 19), (2, 24), (14.5, 21.5), (11, 13)),
    ),
    Kommune(
        "9902", "GRANELVDAL", ((25, 17.3), (29, 18.5), (24, 26), (19, 23), (28, 11.7), (31, 25))
    ),
    Kommune("9903", "SKARHEIM", ((16, 6), (12, 8), (7, 8), (8, 3), (4, 8.4), (21, 6.5), (28, 6))),
)
SETTLEMENTS = (
    Settlement("Fjordvik", "9901", (18.75, 15.9), 4500, (3000.0, 1350.0)),
    Settlement("Skarheim", "9911", (16.3, 6.25), 1500, (1500.0, 650.0)),
    Settlement("Granelv", "9921", (28.3, 17.9), 950, (1300.0, 560.0)),
    Settlement("Sundvåg", "9931", (7.3, 16.9), 550, (900.0, 480.0)),
)
# Trunk roads: from, then the places they serve in order: km, road name, class.
Trunk = tuple[Km, tuple[tuple[Km, str, str], ...]]
TRUNKS: tuple[Trunk, ...] = (
    (
        (18.75, 15.9),
        (
            ((34.95, 20.2), "Granelvdalsvegen", "primary"),
            ((7.3, 16.9), "Ytre Fjordveg", "primary"),
            ((14.7, 21.3), "Nordbotnvegen", "secondary"),
            ((16.3, 6.25), "Skarfjellvegen", "primary"),
        ),
    ),
    (
        (16.3, 6.25),
        (
            ((34.95, 6.2), "Skardalsvegen", "secondary"),
            ((7.6, 9.4), "Skarfjordvegen", "secondary"),
            ((10.3, 0.05), "Søre Kystveg", "secondary"),
            ((6.0, 4.6), "Holmavegen", "tertiary"),
        ),
    ),
    (
        (14.7, 21.3),
        (
            ((25.0, 26.0), "Nordelvdalsvegen", "secondary"),
            ((9.0, 29.95), "Nordre Kystveg", "secondary"),
            ((7.6, 25.4), "Havnesvegen", "tertiary"),
        ),
    ),
    (
        (7.3, 16.9),
        (
            ((4.7, 19.6), "Storøyvegen", "tertiary"),
            ((7.0, 22.5), "Strandvegen", "tertiary"),
        ),
    ),
    (
        (22.2, 17.9),
        (((28.0, 11.3), "Blåvassvegen", "tertiary"),),
    ),
    (
        (16.6, 14.3),
        (
            ((10.9, 13.2), "Austre Fjordveg", "tertiary"),
            ((12.8, 9.5), "Kvislvegen", "tertiary"),
        ),
    ),
)
# Islands without a bridge: a point on the mainland quay's side, points its road serves, ferry or not.
ISLAND_ROADS: tuple[tuple[str, Km | None, tuple[Km, ...]], ...] = (
    ("Havøya", (7.6, 9.4), ((4.6, 8.4), (3.0, 9.1), (3.9, 7.6))),
    ("Ytterøya", None, ((1.9, 24.0), (1.2, 23.2), (2.5, 24.8))),
)
HAMLETS: tuple[tuple[str, Km], ...] = (
    ("Nordbotn", (14.9, 21.5)),
    ("Storøya", (4.9, 19.4)),
    ("Strand", (7.0, 22.3)),
    ("Havnes", (7.8, 25.3)),
    ("Fossum", (22.2, 18.1)),
    ("Vassenden", (24.0, 18.4)),
    ("Øvre Granli", (31.6, 19.2)),
    ("Blåvatn", (27.4, 12.0)),
    ("Nordelvdal", (19.6, 24.2)),
    ("Seterbygda", (24.6, 25.8)),
    ("Skarvoll", (22.4, 7.3)),
    ("Innskar", (26.6, 6.2)),
    ("Ytterskar", (9.2, 8.6)),
    ("Holmen", (6.3, 4.8)),
    ("Kvisl", (12.9, 9.2)),
    ("Å", (10.6, 12.9)),
    ("Havøya", (4.7, 8.6)),
    ("Ytterøya", (1.9, 24.1)),
    ("Sørneset", (10.4, 2.6)),
)
