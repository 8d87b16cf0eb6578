"""What is written, and in which language."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bredband.scenario.section import Section


class Output(Section):
    """How the plan is presented."""

    language: Literal["nb", "nn"] = Field(
        "nb", description="Målform: bokmål (nb) eller nynorsk (nn)."
    )
    title: str = Field("", description="Tittel på kart og dokument. Tom = scenariets navn.")
    organisation: str = Field("", description="Fylkeskommunen som eier planen.")
