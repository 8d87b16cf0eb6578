"""What every section of a scenario is: frozen, closed and documented field by field."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

LARGEST_NUMBER = 1e12
"""No county means a number above this; whole kroner are counted exactly far beyond it."""


class Section(BaseModel):
    """A frozen set of choices that knows no other keys than its own."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        str_strip_whitespace=True,
        defer_build=True,  # at the first scenario: what only says hello need not wait for it
    )

    @field_validator("*")
    @classmethod
    def _is_within_reason(cls, value: Any) -> Any:
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, (int, float)) and abs(number) > LARGEST_NUMBER:
                raise ValueError("tallet er urimelig stort (over 1 000 milliarder)")
        return value


class NokRange(Section):
    """A price with its uncertainty and its source."""

    low_nok: float = Field(ge=0, description="Lav pris: én av ti ganger blir det billigere.")
    likely_nok: float = Field(ge=0, description="Sannsynlig pris; den planen regner med.")
    high_nok: float = Field(ge=0, description="Høy pris: én av ti ganger blir det dyrere.")
    source: str = Field("anslag", description="Kilden til prisen, eller ordet «anslag».")

    @model_validator(mode="after")
    def _is_ordered(self) -> NokRange:
        if not self.low_nok <= self.likely_nok <= self.high_nok:
            raise ValueError("low_nok ≤ likely_nok ≤ high_nok må gjelde")
        return self


def estimate(low_nok: float, likely_nok: float, high_nok: float) -> NokRange:
    """Make a price range that is our own estimate, labelled *anslag*."""
    return NokRange(low_nok=low_nok, likely_nok=likely_nok, high_nok=high_nok, source="anslag")
