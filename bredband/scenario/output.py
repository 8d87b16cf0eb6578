"""What is written, in which language, and to whom."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bredband.scenario.section import DateText, Section


class Dispatch(Section):
    """Who receives the plan through SvarUt. Nothing is sent unless somebody asks for it."""

    recipient: str = Field("", description="Mottakeren av planen, for eksempel en kommune.")
    recipient_number: str = Field(
        "", pattern=r"^(\d{9})?$", description="Mottakerens organisasjonsnummer, ni siffer."
    )
    recipient_postcode: str = Field(
        "", pattern=r"^(\d{4})?$", description="Mottakerens postnummer."
    )
    recipient_postplace: str = Field("", description="Mottakerens poststed.")
    case_year: int | None = Field(None, ge=1900, le=2200, description="Saksår i arkivet.")
    case_number: int | None = Field(None, ge=1, description="Sakssekvensnummer i arkivet.")
    reference: str = Field(
        "", max_length=100, description="Avsenderens egen referanse til forsendelsen."
    )


class Output(Section):
    """How the plan is presented."""

    language: Literal["nb", "nn"] = Field(
        "nb", description="Målform: bokmål (nb) eller nynorsk (nn)."
    )
    title: str = Field(
        "", max_length=200, description="Tittel på kart og dokument. Tom = scenariets navn."
    )
    organisation: str = Field("", max_length=200, description="Fylkeskommunen som eier planen.")
    date: DateText = Field(
        "",
        description="Datoen på dokumentene, ISO 8601 (2026-11-23). Tom = dagen de lages. "
        "Med fast dato blir filene like til siste byte hver gang.",
    )
    docx_template: str = Field(
        "",
        description="Fylkets egen Word-mal (.docx), relativt til scenariofila. Tom = husets stil.",
    )
    public_map: bool = Field(
        False,
        description="Lag også kart-offentlig.html: uten adresser, med husstandene slått sammen i "
        "ruter, til å legge ut for alle. Datapakken er da også uten tabeller med en rad per "
        "adresse, adresselistene legges ved siden av den, og verken den eller dokumentene sier "
        "hvor mange husstander et lite område har.",
    )
    fewest_households: int = Field(
        5,
        ge=1,
        description="Færreste husstander i en rute på det offentlige kartet, og i et område som "
        "antall oppgis for til alle (anslag: vanlig grense for små tall i statistikk).",
    )
    dispatch: Dispatch = Field(
        default_factory=Dispatch, description="Forsendelsen som kan gå med SvarUt."
    )
