"""What counts as served, and how the evidence is weighed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bredband.scenario.section import Section

Technology = Literal["fibre", "cable", "fwa", "dsl", "mobile", "satellite", "other"]


class Target(Section):
    """The speed that everyone shall have."""

    down_mbps: float = Field(1000, gt=0, description="Målet ned, Mbit/s. Minst så mye må tilbys.")
    up_mbps: float = Field(0, ge=0, description="Målet opp, Mbit/s. 0 = ikke noe krav.")
    class_down_mbps: tuple[float, ...] = Field(
        (30, 100, 1000), description="Hastighetsklasser i tabeller og kart, Mbit/s ned."
    )


class CoverageChoices(Section):
    """How offers and evidence become served or unserved."""

    technologies: tuple[Technology, ...] = Field(
        ("fibre", "cable", "fwa", "dsl"),
        description="Teknologier som teller som fast bredbånd.",
    )
    lowest_probability: float = Field(
        0.5, ge=0, le=1, description="Så sikkert må tilbudet være for at adressen er dekket."
    )
    count_planned: bool = Field(
        True, description="Planlagt kommersiell utbygging innen tre år fjerner retten til støtte."
    )
    match_distance_m: float = Field(
        100, gt=0, description="Svar og målinger knyttes til nærmeste adresse innen så mange meter."
    )
