"""What a metre of trench and a connected home cost. Every default is an estimate (anslag)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from bredband.scenario.section import NokRange, Section, estimate

GroundClass = Literal[
    "soft", "cultivated", "forest", "bog", "verge", "asphalt", "rock", "bridge", "tunnel",
    "water", "duct",
]  # fmt: skip


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
    }


class Costs(Section):
    """Prices in NOK excluding VAT at the price level of ``price_year``."""

    price_year: int = Field(2026, ge=2000, le=2100, description="Prisnivå (år).")
    trench_nok_per_m: dict[GroundClass, NokRange] = Field(
        default_factory=_default_trench,
        description="Kroner per meter grøft etter grunn. Klasser som ikke nevnes, beholder anslaget.",
    )
    slope_surcharge_share: float = Field(
        0.3, ge=0, description="Påslag på meterprisen per 10 % helling (andel). Anslag."
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
    cabinet_nok: NokRange = Field(
        default_factory=lambda: estimate(50_000, 80_000, 140_000),
        description="Ett fordelingsskap.",
    )
    premises_per_cabinet: int = Field(96, ge=1, description="Adresser per fordelingsskap.")

    @field_validator("trench_nok_per_m")
    @classmethod
    def _fill_in_estimates(
        cls, value: dict[GroundClass, NokRange]
    ) -> dict[GroundClass, NokRange]:
        return {**_default_trench(), **value}
