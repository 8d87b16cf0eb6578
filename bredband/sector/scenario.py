"""Every choice of a sector plan: one short TOML file, frozen and closed."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from bredband.errors import ScenarioError
from bredband.scenario.faults import clauses
from bredband.scenario.section import DateText, Section
from bredband.scenario.toml_file import read_toml


class Key(Section):
    """The stated key: each weight times the county's own share of what it names."""

    rural_lacking_weight: float = Field(
        1.0,
        ge=0,
        description="Vekt for fylkets andel av landets husstander i spredtbygde strøk uten målet. Anslag.",
    )
    need_weight: float = Field(
        1.0,
        ge=0,
        description="Vekt for fylkets andel av tilskuddet som trengs for å bygge alle områder. Anslag.",
    )
    centrality_weight: float = Field(
        0.0,
        ge=0,
        description="Vekt for fylkets andel av husstandene i de minst sentrale kommunene. Anslag.",
    )
    least_central_class: int = Field(
        5, ge=1, le=6, description="Kommuner i denne klassen og høyere regnes som minst sentrale."
    )
    centrality_class: dict[str, int] = Field(
        default_factory=dict,
        description="SSBs sentralitetsklasse (1 er mest sentral, 6 minst) for hver kommune.",
    )

    @model_validator(mode="after")
    def _has_weight(self) -> Self:
        if not self.rural_lacking_weight + self.need_weight + self.centrality_weight > 0:
            raise ValueError("minst én vekt må være større enn null")
        if wrong := sorted(code for code, c in self.centrality_class.items() if not 1 <= c <= 6):
            raise ValueError(f"sentralitetsklassen til {wrong[0]} må være fra 1 til 6")
        return self


class CountyFloor(Section):
    """What one county is promised, whatever else would give more."""

    county: str = Field(min_length=1, description="Fylkets navn, som i fylkets egen plan.")
    least_grant_nok: float = Field(0, ge=0, description="Minste ramme i alt, kroner.")
    least_served_share: float = Field(
        0, ge=0, le=1, description="Minste andel av fylkets husstander som når målet til slutt."
    )


class SectorScenario(Section):
    """One way of sharing a national grant among the counties."""

    name: str = Field(
        "Fylkenes bredbåndsplaner samlet",
        min_length=1,
        max_length=200,
        description="Planens tittel.",
    )
    organisation: str = Field("", max_length=200, description="Hvem som står bak planen.")
    language: Literal["nb", "nn"] = Field("nb", description="Dokumentets målform.")
    date: DateText = Field("", description="Dato på dokumentet (ÅÅÅÅ-MM-DD); tomt betyr i dag.")
    annual_grant_nok: tuple[float, ...] = Field(
        (),
        description="Nasjonal ramme for hvert år, kroner; tomt betyr summen av fylkenes egne rammer.",
    )
    price_year: int | None = Field(
        None, ge=2000, le=2100, description="Prisnivå (år); tomt krever at fylkene har det samme."
    )
    price_index: dict[int, float] = Field(
        default_factory=dict,
        description="Byggekostnadsindeks per år, for å regne om fylker med et annet prisnivå.",
    )
    key: Key = Field(default_factory=Key, description="Fordelingsnøkkelen.")
    least_key_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Hvert fylke får minst så stor del av det nøkkelen ville gitt, også i den beste fordelingen.",
    )
    floors: tuple[CountyFloor, ...] = Field((), description="Løfter til enkelte fylker.")

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if any(amount < 0 for amount in self.annual_grant_nok):
            raise ValueError("annual_grant_nok kan ikke ha negative tall")
        if any(index <= 0 for index in self.price_index.values()):
            raise ValueError("price_index må ha tall større enn null")
        names = [floor.county for floor in self.floors]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"floors nevner {repeated[0]} mer enn én gang")
        return self


def read_sector_scenario(path: Path) -> SectorScenario:
    """Read the choices of a sector plan from TOML.

    Raises
    ------
    ScenarioError
        With all faults at once, each with its key.
    """
    values = read_toml(path)
    try:
        return SectorScenario.model_validate(values)
    except ValidationError as fault:
        said = "; ".join(clauses(fault, SectorScenario))
        raise ScenarioError(f"{path}: {said}") from None
