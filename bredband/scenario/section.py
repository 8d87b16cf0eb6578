"""What every section of a scenario is: frozen, closed and documented field by field."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

LARGEST_NUMBER = 1e12
"""No county means a number above this; whole kroner are counted exactly far beyond it."""


def _is_a_date(value: str) -> str:
    if value:
        try:
            dt.date.fromisoformat(value)
        except ValueError:
            raise ValueError("må være en dato på formen 2026-11-23") from None
    return value


DateText = Annotated[str, AfterValidator(_is_a_date)]
"""A date as text, ISO 8601, or nothing."""


class Section(BaseModel):
    """A frozen set of choices that knows no other keys than its own."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        str_strip_whitespace=True,
        defer_build=True,  # at the first scenario: what only says hello need not wait for it
    )

    @field_validator("*", mode="before")
    @classmethod
    def _is_no_yes_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        given = value if isinstance(value, (list, tuple)) else (value,)
        asked = cls.model_fields[str(info.field_name)].annotation
        if asked is not bool and any(isinstance(one, bool) for one in given):
            raise ValueError("true og false kan ikke stå her")
        return value

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
