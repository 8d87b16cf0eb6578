"""What a metre of trench and a connected home cost. A price without a source is *anslag*."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from bredband.scenario.section import NokRange, Section, estimate

GroundClass = Literal[
    "soft", "cultivated", "forest", "bog", "verge", "asphalt", "rock", "bridge", "tunnel",
    "water", "duct", "pole_line",
]  # fmt: skip
Method = Literal[
    "plough", "trench", "micro_trench", "rock", "bore", "attach", "aerial", "subsea", "blow"
]
RoadOwner = Literal["state", "county", "municipal", "private"]


class MethodPrice(Section):
    """Another way of passing a ground class than the plain one."""

    ground: GroundClass = Field(description="Grunnklassen metoden gjelder.")
    method: Method = Field(description="Metoden.")
    nok_per_m: NokRange = Field(description="Kroner per meter.")
    road_owners: tuple[RoadOwner, ...] = Field(
        (), description="Bare langs veger med disse eierne; tomt betyr overalt."
    )
    allowed: bool = Field(True, description="Om metoden kan brukes i dette fylket.")


def _default_trench() -> dict[GroundClass, NokRange]:
    return {
        "soft": estimate(100, 150, 220),
        "cultivated": estimate(140, 200, 300),
        "forest": estimate(300, 450, 700),
        "bog": estimate(300, 500, 900),
        "verge": estimate(250, 350, 500),
        "asphalt": estimate(450, 1100, 1500),
        "rock": estimate(1000, 1800, 2800),
        "bridge": estimate(200, 300, 500),
        "tunnel": estimate(200, 300, 500),
        "water": estimate(250, 400, 700),
        "duct": estimate(40, 60, 100),
        "pole_line": estimate(80, 120, 200),
    }


def _default_methods() -> tuple[MethodPrice, ...]:
    pole_line = estimate(200, 300, 450)
    return (
        MethodPrice(
            ground="asphalt",
            method="micro_trench",
            nok_per_m=estimate(300, 450, 650),
            road_owners=("municipal", "private"),
        ),
        MethodPrice(ground="water", method="bore", nok_per_m=estimate(2000, 3000, 5000)),
        MethodPrice(ground="forest", method="aerial", nok_per_m=pole_line, allowed=False),
        MethodPrice(ground="bog", method="aerial", nok_per_m=pole_line, allowed=False),
        MethodPrice(ground="rock", method="aerial", nok_per_m=pole_line, allowed=False),
    )


def _default_fees() -> dict[RoadOwner, NokRange]:
    return {
        "state": estimate(20, 60, 120),
        "county": estimate(15, 40, 80),
        "municipal": estimate(0, 15, 40),
        "private": estimate(0, 10, 30),
    }


def _default_crossings() -> dict[RoadOwner, NokRange]:
    return {
        "state": estimate(25_000, 45_000, 90_000),
        "county": estimate(15_000, 25_000, 50_000),
        "municipal": estimate(5_000, 9_000, 18_000),
        "private": estimate(1_000, 2_000, 4_000),
    }


def _default_owners() -> dict[str, RoadOwner]:
    return {
        **dict.fromkeys(("motorway", "trunk", "e-veg", "r-veg"), "state"),
        **dict.fromkeys(("primary", "secondary", "f-veg"), "county"),
        **dict.fromkeys(("tertiary", "unclassified", "residential", "k-veg"), "municipal"),
        **dict.fromkeys(("service", "track", "path", "p-veg", "s-veg", "traktorveg"), "private"),
    }


class Costs(Section):
    """Prices in NOK excluding VAT at the price level of ``price_year``."""

    price_year: int = Field(2026, ge=2000, le=2100, description="Prisnivå (år).")
    trench_nok_per_m: dict[GroundClass, NokRange] = Field(
        default_factory=_default_trench,
        description="Kroner per meter grøft etter grunn, med den vanlige metoden. Klasser som "
        "ikke nevnes, beholder anslaget.",
    )
    other_methods: tuple[MethodPrice, ...] = Field(
        default_factory=_default_methods,
        description="Andre metoder per grunn; den billigste tillatte brukes på hver strekning.",
    )
    slope_surcharge_share: float = Field(
        0.3, ge=0, description="Påslag på meterprisen per 10 % helling (andel). Anslag."
    )
    winter_share: float = Field(
        0.15, ge=0, le=1, description="Andel av gravingen som gjøres i tele. Anslag."
    )
    winter_surcharge_share: float = Field(
        0.35, ge=0, description="Påslag på det som graves i tele (andel). Anslag."
    )
    remoteness_surcharge_share: float = Field(
        0.05,
        ge=0,
        description="Påslag på meterprisen per 10 km luftlinje fra nærmeste tente fiberpunkt, for "
        "rigg, transport og reisetid (andel). Anslag.",
    )
    road_owner_of_class: dict[str, RoadOwner] = Field(
        default_factory=_default_owners,
        description="Hvem som eier en veg av hver klasse; klasser som ikke nevnes, er kommunale.",
    )
    road_fee_nok_per_m: dict[RoadOwner, NokRange] = Field(
        default_factory=_default_fees,
        description="Kroner per meter til vegeieren: arbeidsvarsling, kontroll, grunneiererstatning.",
    )
    road_crossing_nok: dict[RoadOwner, NokRange] = Field(
        default_factory=_default_crossings,
        description="En stikkledning under vegen, etter vegeier. En grusveg koster som en privat.",
    )
    permit_nok: NokRange = Field(
        default_factory=lambda: NokRange(
            low_nok=500,
            likely_nok=2700,
            high_nok=30_000,
            source="gebyrregulativ: Kongsberg 500, Luster 2 689, Bergen ca. 30 000 kr (2017)",
        ),
        description="Gravetillatelse, én for hvert område og hver felles grøft som følger veg.",
    )
    landfall_nok: NokRange = Field(
        default_factory=lambda: estimate(80_000, 150_000, 300_000),
        description="Ett ilandføringspunkt for sjøkabel.",
    )
    drop_nok_per_m: NokRange = Field(
        default_factory=lambda: estimate(100, 150, 250),
        description="Kroner per meter stikkledning fra veg til vegg.",
    )
    connection_nok: NokRange = Field(
        default_factory=lambda: estimate(8_000, 12_000, 18_000),
        description="Tilkobling og kundesentral per adresse.",
    )
    splice_nok: NokRange = Field(
        default_factory=lambda: estimate(400, 800, 1_500),
        description="Skjøting per adresse.",
    )
    joint_nok: NokRange = Field(
        default_factory=lambda: estimate(4_000, 7_000, 12_000),
        description="Skjøtemuffe der grøfta deler seg, per gren utover den første.",
    )
    cabinet_nok: NokRange = Field(
        default_factory=lambda: estimate(50_000, 80_000, 140_000),
        description="Ett fordelingsskap.",
    )
    premises_per_cabinet: int = Field(96, ge=1, description="Adresser per fordelingsskap.")
    new_mast_nok: NokRange = Field(
        default_factory=lambda: estimate(1_800_000, 2_500_000, 3_500_000),
        description="Ny mast med utstyr, veg og strøm.",
    )
    existing_mast_nok: NokRange = Field(
        default_factory=lambda: estimate(400_000, 600_000, 900_000),
        description="Utstyr i en mast som står.",
    )
    customer_radio_nok: NokRange = Field(
        default_factory=lambda: estimate(5_000, 8_000, 12_000),
        description="Antenne og kundesentral for radio, per adresse.",
    )
    fibre_opex_nok: NokRange = Field(
        default_factory=lambda: estimate(300, 600, 1_000),
        description="Drift av fiber per adresse og år.",
    )
    radio_opex_nok: NokRange = Field(
        default_factory=lambda: estimate(600, 1_000, 1_800),
        description="Drift av radio per adresse og år, uten masta.",
    )
    mast_opex_nok: NokRange = Field(
        default_factory=lambda: estimate(60_000, 90_000, 140_000),
        description="Leie, strøm og tilsyn per mast og år.",
    )

    @field_validator(
        "trench_nok_per_m", "road_fee_nok_per_m", "road_crossing_nok", "road_owner_of_class"
    )
    @classmethod
    def _fill_in_estimates(cls, value: dict[Any, Any], info: ValidationInfo) -> dict[Any, Any]:
        field = cls.model_fields[str(info.field_name)]
        return {**field.get_default(call_default_factory=True, validated_data={}), **value}
