"""Money by year, who pays what, and what counts most."""

from __future__ import annotations

from pydantic import Field, field_validator

from bredband.scenario.section import Section


class Funding(Section):
    """How the build price is split: the grant is what is left."""

    operator_nok_per_household: float = Field(
        30_000, ge=0, description="Tilbyderens eget bidrag per husstand. Anslag."
    )
    operator_nok_per_business: float = Field(
        30_000, ge=0, description="Tilbyderens eget bidrag per bedrift. Anslag."
    )
    local_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Lokal andel (kommune, fylke, innbyggere) av det tilbyderen ikke dekker.",
    )


class Priorities(Section):
    """Weights of premises in the objective; a household with nothing special weighs 1."""

    lacking_30_weight: float = Field(
        1.5, ge=0, description="Vekt for husstander som ikke engang har 30 Mbit/s."
    )
    business_weight: float = Field(0.5, ge=0, description="Vekt for en bedrift.")
    public_weight: float = Field(2.0, ge=0, description="Vekt for skole, helse og annet offentlig.")
    holiday_weight: float = Field(0.0, ge=0, description="Vekt for en fritidsbolig.")


class Rollout(Section):
    """Annual budgets and rules for the order of building."""

    first_year: int = Field(2027, ge=2000, le=2100, description="Første byggeår.")
    annual_grant_nok: tuple[float, ...] = Field(
        description="Tilskuddsramme for hvert år, kroner, fra første byggeår."
    )
    carry_over: bool = Field(True, description="Ubrukt tilskudd kan overføres til neste år.")
    highest_grant_nok_per_household: float | None = Field(
        None, gt=0, description="Områder som trenger mer enn dette per husstand, bygges ikke."
    )
    must_build: tuple[str, ...] = Field((), description="Områder (area_id) som skal bygges.")
    must_not_build: tuple[str, ...] = Field(
        (), description="Områder (area_id) som ikke skal bygges."
    )
    target_gap_share: float = Field(
        0.001, ge=0, lt=1, description="Løseren stopper når planen er så nær det best mulige."
    )
    time_limit_s: float = Field(60, gt=0, description="Tidsgrense for løseren.")

    @field_validator("annual_grant_nok")
    @classmethod
    def _has_years(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if not value:
            raise ValueError("minst ett år må ha en tilskuddsramme")
        if any(amount < 0 for amount in value):
            raise ValueError("en tilskuddsramme kan ikke være negativ")
        return value

    @property
    def years(self) -> tuple[int, ...]:
        """Build years, in order."""
        return tuple(self.first_year + i for i in range(len(self.annual_grant_nok)))
